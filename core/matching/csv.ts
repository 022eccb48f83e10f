import { parse } from 'csv-parse/sync'

/** A register larger than this is imported in parts. 512 MiB is about five million rows. */
export const MAX_CSV_BYTES = 512 * 1024 ** 2
/** One field longer than this is not a name or an address; the row is rejected. */
export const MAX_FIELD = 4_000

export interface CsvTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Rows that could not be read, by line of the file (the header is line 1), with the reason. */
  readonly rejects: readonly { readonly line: number; readonly reason: string }[]
}

/**
 * A CSV file as a table. Byte-order mark, spaces around values and rows with missing or extra
 * fields are tolerated as far as their meaning is clear; what is not clear is rejected with its
 * line.
 * @throws RangeError where the file is larger than `MAX_CSV_BYTES`.
 */
export function readCsv(text: string): CsvTable {
  if (text.length > MAX_CSV_BYTES) throw new RangeError('The CSV file is too large; split it')
  const records = parse(text, {
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
    info: true
  }) as unknown as { record: string[]; info: { lines: number } }[]
  const columns = records[0]?.record ?? []
  const rows: string[][] = []
  const rejects: { line: number; reason: string }[] = []
  for (const { record, info } of records.slice(1)) {
    const reason = rejectReason(record, columns.length)
    if (reason) rejects.push({ line: info.lines, reason })
    else rows.push(record)
  }
  return { columns, rows, rejects }
}

function rejectReason(record: readonly string[], width: number): string | undefined {
  if (record.length > width) return `has ${record.length} fields where the header has ${width}`
  return record.some((value) => value.length > MAX_FIELD)
    ? `has a field longer than ${MAX_FIELD} characters`
    : undefined
}
