/** Whether a process can work; asked by monitoring. */
import { sql } from 'kysely'
import type { Db } from './db/database.ts'
import { diskCheck } from './storage/disk.ts'

/**
 * Returns a check that resolves when the database answers and the data folder can be written.
 * @throws DATABASE_DOWN, STORAGE_FULL
 */
export function openReadiness(db: Db, dataDir: string): () => Promise<void> {
  const disk = diskCheck(dataDir)
  return async () => {
    await Promise.all([sql`select 1`.execute(db), disk()])
  }
}
