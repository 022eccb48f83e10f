/**
 * How far the reading of documents is, from the tables: for the desk and for `evenhand submit
 * --wait`.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export interface ReadingProgress {
  readonly contactId: string
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly pagesRead: number
  /** Of the documents opened so far; undefined while none is. */
  readonly pages: number | undefined
}

interface Row {
  id: string
  receipt: string
  channel: string
  arrived_at: Date
  pages_read: number
  pages: number | null
}

/**
 * Contacts whose documents are being read, earliest arrival first, and how many in all; of the
 * contacts given, or of all.
 */
export async function readingProgress(
  db: Db,
  {
    contactIds,
    limit = 100
  }: { readonly contactIds?: readonly string[]; readonly limit?: number } = {}
): Promise<{ total: number; contacts: ReadingProgress[] }> {
  const { rows } = await sql<Row & { total: number }>`
    with waiting as (
      select id, receipt, channel, arrived_at, ordinal, count(*) over ()::int as total from contacts
      where state = 'documents' ${
        contactIds
          ? sql`and id =
          any(${[...contactIds]}::uuid[])`
          : sql``
      } order by ordinal limit ${limit})
    select waiting.*, sum(documents.pages)::int as pages,
      coalesce(sum((select count(*) from document_pages
        where document_pages.sha256 = documents.sha256)), 0)::int as pages_read
    from waiting join contact_documents on contact_documents.contact_id = waiting.id
      join documents using (sha256)
    group by waiting.id, waiting.receipt, waiting.channel, waiting.arrived_at, waiting.ordinal,
      waiting.total order by waiting.ordinal`.execute(db)
  return {
    total: rows[0]?.total ?? 0,
    contacts: rows.map((row) => ({
      contactId: row.id,
      receipt: row.receipt,
      channel: row.channel,
      arrivedAt: row.arrived_at,
      pagesRead: row.pages_read,
      pages: row.pages ?? undefined
    }))
  }
}
