import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

/** Adds sentences for the people of the mailroom, each once; they hold the batch. */
export async function addRemarks(db: Db, batchId: string, remarks: readonly string[]): Promise<void> {
  if (remarks.length === 0) return
  await sql`update batches set remarks = remarks || array(select unnest(${[...remarks]}::text[]) except select unnest(remarks)), updated_at = now() where id = ${batchId}`.execute(db)
}
