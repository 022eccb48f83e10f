import { personOfRow, recogniseColumns, type ReadingOptions, type ColumnRole } from './columns.ts'
import { readCsv } from './csv.ts'
import { keysOf } from './keys.ts'
import type { RegisterRow } from './register.ts'

export interface RegisterFile {
  readonly rows: readonly RegisterRow[]
  /** By line of the file where it is known, else by the row's id; never with the row's values. */
  readonly rejects: readonly {
    readonly line?: number
    readonly externalId?: string
    readonly reason: string
  }[]
  /**
   * What each column was taken for, for the report; columns that mean nothing to the register are
   * left out.
   */
  readonly columns: Readonly<Record<string, ColumnRole>>
}

/**
 * An agency's CSV as rows for the register. Rows without an id, or that say nothing by which anyone
 * could be found, are rejected.
 * @throws RangeError where the file is larger than may be read at once.
 */
export function readRegister(text: string, options: ReadingOptions = {}): RegisterFile {
  const table = readCsv(text)
  const map = recogniseColumns(table, options.map)
  const rejects: { line?: number; externalId?: string; reason: string }[] = [...table.rejects]
  const rows: RegisterRow[] = []
  for (const values of table.rows) {
    const externalId = values[map.id] ?? ''
    const person = personOfRow(values, map, options)
    if (externalId === '') rejects.push({ reason: 'has no id' })
    else if (keysOf(person).length === 0)
      rejects.push({ externalId, reason: 'says nothing by which anyone could be found' })
    else rows.push({ externalId, person, shown: shownOf(values, map.columns) })
  }
  return {
    rows,
    rejects,
    columns: Object.fromEntries(
      [...map.columns].flatMap(([role, indexes]) =>
        indexes.map((index) => [table.columns[index]!, role])
      )
    )
  }
}

// As written, for people to read; comparable forms are for machines.
function shownOf(
  values: readonly string[],
  columns: ReadonlyMap<ColumnRole, readonly number[]>
): RegisterRow['shown'] {
  const every = (role: ColumnRole): string[] =>
    (columns.get(role) ?? []).map((index) => values[index] ?? '').filter(Boolean)
  const joined = (separator: string, ...parts: ColumnRole[]): string[] =>
    [parts.flatMap(every).join(separator)].filter(Boolean)
  const town = joined(' ', 'city', 'state', 'postcode')
  const street = joined(' ', 'number', 'street', 'second', 'unit')
  const names =
    every('fullName').length > 0
      ? every('fullName')
      : joined(' ', 'given', 'middle', 'family', 'suffix')
  return {
    names: [...names, ...every('organisation')],
    emails: every('email'),
    phones: every('phone'),
    addresses: [...every('address'), ...[[...street, ...town].join(', ')].filter(Boolean)]
  }
}
