import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** Adds sentences for mailroom staff, each once. They hold the batch. */
export async function addHoldReasons(
  db: Db,
  batchId: string,
  holdReasons: readonly string[]
): Promise<void> {
  if (holdReasons.length === 0) return
  await sql`update batches set hold_reasons = hold_reasons || array(select
    unnest(${[...holdReasons]}::text[])
      except select unnest(hold_reasons)), updated_at = now() where id = ${batchId}`.execute(db)
}
