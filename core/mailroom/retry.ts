/**
 * Work that fails is tried again, but not for ever: one scan or letter that cannot be worked on
 * must not keep those behind it.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { asEvenhandError, isConnectionLoss } from '../../platform/errors.ts'
import type { RetryPolicy } from '../../platform/limits/retry-policy.ts'

/**
 * Three attempts before a scan is withheld, or a letter goes on as a list of its pages; five
 * minutes between two, so that a share that is away for some costs nothing.
 */
export const scanRetries: RetryPolicy = { firstWait: 300, factor: 1, longestWait: 300, attempts: 3 }

export const isDue = sql<boolean>`(tried_at is null
    or tried_at < now() - make_interval(secs => ${sql.lit(scanRetries.firstWait)}))`

const storeDown = new Set([
  'DATABASE_DOWN',
  'STORAGE_FULL',
  'READERS_DOWN',
  'READERS_STOPPED',
  'INTAKE_STORE_DOWN',
  'INTAKE_BUSY'
])
const machineErrnos = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM'])

/**
 * True for trouble of the machine and not of what is worked on: it counts as no attempt, and the
 * batch is taken up again.
 */
export function isOutage(error: unknown): boolean {
  const { code, cause } = asEvenhandError(error)
  const { code: errno, syscall } = (cause ?? {}) as NodeJS.ErrnoException
  // A file that is not there is no database that is not there.
  if (errno === 'ENOENT' && syscall !== 'connect') return false
  return storeDown.has(code) || machineErrnos.has(errno ?? '') || isConnectionLoss(cause)
}

/** Counts a failed attempt; answers how many there were. */
export async function countAttempt(
  db: Db,
  table: 'scans' | 'letters',
  id: string
): Promise<number> {
  const { rows } = await sql<{
    attempts: number
  }>`update ${sql.table(table)} set attempts = attempts + 1, tried_at = now() where id = ${id}
      returning attempts`.execute(db)
  return rows[0]?.attempts ?? 0
}
