import { deflateRawSync } from 'node:zlib'
import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * One store for pages: what was read of scans moves from the sheets to the documents' pages, under
 * the hash of the scan's bytes. Of scans only the pages are wanted, until a contact brings the same
 * file. A sheet on whose page the mailroom gave up says so itself.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of before) await sql.raw(statement).execute(db)
  await movePages(db)
  for (const statement of after) await sql.raw(statement).execute(db)
}

const before: readonly string[] = [
  'alter table documents add column pages_only boolean not null default false',
  'alter table sheets add column withheld text',
  // Given up by the mailroom: the scan says the same.
  `update sheets set withheld = scans.reason from scans where scans.id = scan_id
    and scans.state = 'withheld' and result ->> 'withheld' = scans.reason`,
  // With an outcome where every page was read; what was given up may be read anew for a contact.
  `insert into documents (sha256, bytes, media_type, pages, barcodes, pages_only, outcome, reason,
      reader_version, asked_at, read_at)
    select distinct on (sha256) sha256, bytes, case when opened then media_type end,
      case when opened then pages end, true, true, case when whole then state end,
      case when whole then reason end, 3, added_at, case when whole then added_at end
    from scans, lateral (select count(*) > 0 and coalesce(bool_and(result is not null
        and withheld is null), false) and state in ('read', 'withheld') as whole,
        coalesce(bool_or(withheld is null), false) as opened
      from sheets where scan_id = scans.id) as sheets
    where state <> 'stored' order by sha256, whole desc, seq
    on conflict (sha256) do update set barcodes = true`,
  // Whoever was cut off in reading begins again with the pages that are missing.
  "update scans set state = 'stored' where state = 'reading'"
]

const after: readonly string[] = [
  `alter table sheets drop column result, drop column words, drop column image_sha256,
    drop column image_type`
]

interface OldWord {
  readonly text: string
  readonly confidence: number
  readonly box: readonly number[]
  readonly from?: string
}

interface OldSheet {
  readonly seq: string
  readonly page: number
  readonly sha256: string
  readonly words: readonly OldWord[]
}

/** Sheets at once, with their words: 50 KB each. */
const AT_ONCE = 100

async function movePages(db: Db): Promise<void> {
  for (let last = { seq: '0', page: 0 }; ;) {
    const { rows } = await sql<OldSheet>`
      select seq, page, sha256, coalesce(words, '[]') as words from sheets
        join scans on scans.id = scan_id
      where result is not null and withheld is null
        and (seq, page) > (${last.seq}::bigint, ${last.page}::int)
      order by seq, page limit ${AT_ONCE}`.execute(db)
    if (rows.length > 0) await keepPages(db, rows)
    if (rows.length < AT_ONCE) return
    last = rows.at(-1)!
  }
}

/** The first reading of a page stands, as ever; of an attachment it lacked the barcodes. */
async function keepPages(db: Db, sheets: readonly OldSheet[]): Promise<void> {
  await sql`
    insert into document_pages (sha256, number, text, confidence, rotation, skew, blank, words,
      barcodes, source, width_px, height_px, dpi, withheld, image, image_type, extras)
    select distinct on (sha256, sheets.page) sha256, sheets.page, result ->> 'text',
      (result ->> 'confidence')::real, (result ->> 'rotation')::smallint, (result ->> 'skew')::real,
      (result ->> 'blank')::boolean, given.words, coalesce(result -> 'barcodes', '[]'),
      result ->> 'source', (result ->> 'widthPx')::float8::int, (result ->> 'heightPx')::float8::int,
      (result ->> 'dpi')::real, result ->> 'withheld', image_sha256, image_type,
      nullif((select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(result)
        where key in ('fields', 'notes', 'unread', 'added')), '{}')
    from unnest(${sheets.map(({ seq }) => seq)}::bigint[], ${sheets.map(({ page }) => page)}::int[],
      ${sheets.map(({ words }) => packWords(words))}::bytea[]) as given (seq, page, words)
      join scans using (seq) join sheets on scan_id = scans.id and sheets.page = given.page
    order by sha256, sheets.page, seq
    on conflict (sha256, number) do update set barcodes = excluded.barcodes
      where document_pages.barcodes is null`.execute(db)
}

/** As the documents room packed them when this was written. */
function packWords(words: readonly OldWord[]): Buffer {
  const packed = words.map(({ text, confidence, box, from }) => [
    text,
    Math.round(confidence * 1000) / 1000,
    ...box.map(Math.round),
    ...(from ? [from] : [])
  ])
  return deflateRawSync(JSON.stringify(packed))
}
