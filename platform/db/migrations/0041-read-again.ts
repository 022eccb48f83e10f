import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * A page knows the reader that read it, so that a document is read again page by page and the old
 * ones stand until then. Those that are there are as old as their documents, at most.
 */
export async function up(db: Db): Promise<void> {
  await sql`
    alter table document_pages add column reader_version integer not null default 3`.execute(db)
  await sql`alter table document_pages alter column reader_version drop default`.execute(db)
}
