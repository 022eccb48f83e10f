import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/**
 * Documents without an outcome that nothing happened to for so long (scans are the mailroom's), and, for contacts whose
 * documents are all done and that were not finished, one of these; in the order they were asked
 * for.
 */
export async function findForgottenDocuments(
  db: Db,
  seconds: number,
  limit: number
): Promise<string[]> {
  const { rows } = await sql<{ sha256: string }>`
    with late as (select now() - make_interval(secs => ${seconds}) as before)
    select sha256, asked_at from documents, late where outcome is null and not pages_only
      and updated_at < late.before
    union
    select distinct on (contacts.id) documents.sha256, documents.asked_at
      from contacts, late, contact_documents, documents
    where contacts.state = 'documents' and contacts.updated_at < late.before
      and contact_documents.contact_id = contacts.id and documents.sha256 = contact_documents.sha256
      and documents.updated_at < late.before and not exists (
        select from contact_documents as others join documents as waiting using (sha256)
          where others.contact_id = contacts.id and waiting.outcome is null)
    order by asked_at limit ${limit}`.execute(db)
  return rows.map((row) => row.sha256)
}
