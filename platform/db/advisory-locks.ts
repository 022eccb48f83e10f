/**
 * All of Evenhand's PostgreSQL advisory locks. Their numbers share one space per database, used by
 * every process of an installation, also by processes of another release during an update. So a
 * number must never change once it is used.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from './tables.ts'

/** The first half of two-part locks. The second half names the line, batch, text or person. */
const spaces = {
  /** A department's line, by the hash of its id ("EVLN"). */
  line: 0x45564c4e,
  /** A mailroom batch that is being worked on, by the hash of its id ("EVMR"). */
  batch: 0x45564d52,
  /** A mailbox that is being pulled, by the hash of where it is ("EVMB"). */
  mailbox: 0x45564d42,
  /** An address that codes are asked for, by its hash ("EVAP"). */
  address: 0x45564150,
  /** What one member of staff is writing on one case, by the hash of both ("EVDR"). */
  draft: 0x45564452,
  /** Similar texts, by their smallest keys ("dupe"). */
  text: 0x64757065,
  /** People who may be the same, by their keys ("WHO"). */
  person: 0x57484f
} as const

/** Locks that exist once per database. */
const single = {
  /** The register's upkeep: only the holder does the work ("EVRG"). */
  registerUpkeep: 0x45565247,
  /** Changes of staff accounts ("EVST"). */
  staffAccounts: 0x45565354,
  /** The set-up link of the first administrator ("EVI1"). */
  firstInvite: 0x45564931
} as const

export type LockSpace = keyof typeof spaces
export type SingleLock = keyof typeof single
type Key = SingleLock | { readonly space: LockSpace; readonly key: string }

/**
 * Takes locks that are held until the transaction ends. `keys` selects whole numbers as `key`, each
 * once and in ascending order, so that two callers cannot wait for each other. Usable as a
 * statement or as a part of one.
 */
export function lockKeys(
  space: LockSpace,
  keys: RawBuilder<unknown>,
  mode: 'shared' | 'exclusive'
): RawBuilder<unknown> {
  const lock = sql.raw(mode === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock')
  return sql`select ${lock}(${sql.lit(spaces[space])}::int, key) from (${keys}) as keys`
}

/** The same for names, by their hashes. */
export async function lockNames(
  trx: Db,
  space: LockSpace,
  names: readonly string[],
  mode: 'shared' | 'exclusive'
): Promise<void> {
  if (names.length === 0) return
  await lockKeys(
    space,
    sql`select distinct hashtext(name) as key from unnest(${names}::text[]) as name order by 1`,
    mode
  ).execute(trx)
}

/**
 * Numbers are mapped to this many locks per space, so that a set of hundreds stays far below what
 * PostgreSQL can hold (64 × connections).
 */
const SHARED_LOCKS = 1024

/** The same for any count of numbers, mapped to `SHARED_LOCKS` locks. */
export async function lockNumbers(
  trx: Db,
  space: LockSpace,
  numbers: readonly (number | string)[]
): Promise<void> {
  if (numbers.length === 0) return
  await lockKeys(
    space,
    sql`select distinct (number & ${sql.lit(SHARED_LOCKS - 1)})::int as key
        from unnest(${numbers}::bigint[]) as number order by 1`,
    'exclusive'
  ).execute(trx)
}

/**
 * Takes 64-bit locks that are held until the transaction ends. `hashes` selects them as `hash`, in
 * order.
 */
export async function lockHashes(trx: Db, hashes: RawBuilder<unknown>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(hash, 0))
      from (${hashes}) as hashes`.execute(trx)
}

/** Held until the transaction ends. */
export async function lockSingle(trx: Db, lock: SingleLock): Promise<void> {
  await sql`select pg_advisory_xact_lock(${single[lock]})`.execute(trx)
}

/** Runs the work under the lock; waits while another holder has it. */
export function whileLocked<Result>(
  db: Db,
  lock: Key,
  work: () => Promise<Result>
): Promise<Result> {
  return onConnection(db, lock, 'wait', work) as Promise<Result>
}

/** Runs the work under the lock, or returns undefined if somebody else holds it. */
export function unlessLocked<Result>(
  db: Db,
  lock: Key,
  work: () => Promise<Result>
): Promise<Result | undefined> {
  return onConnection(db, lock, 'try', work)
}

/**
 * The lock belongs to its connection, so if the process is killed another can take over at once.
 * The work itself runs on other connections.
 */
function onConnection<Result>(
  db: Db,
  lock: Key,
  how: 'wait' | 'try',
  work: () => Promise<Result>
): Promise<Result | undefined> {
  const key =
    typeof lock === 'string'
      ? sql`${single[lock]}`
      : sql`${sql.lit(spaces[lock.space])}::int, hashtext(${lock.key})`
  return db.connection().execute(async (held) => {
    if (how === 'wait') await sql`select pg_advisory_lock(${key})`.execute(held)
    else if (
      !(await sql<{ mine: boolean }>`select pg_try_advisory_lock(${key}) as mine`.execute(held))
        .rows[0]!.mine
    )
      return undefined
    try {
      return await work()
    } finally {
      // Unlocking fails only if the connection is lost, and then the lock is gone too. The result
      // of the work is still valid.
      await sql`select pg_advisory_unlock(${key})`.execute(held).catch(() => undefined)
    }
  })
}
