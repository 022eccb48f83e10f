/**
 * Who signed in, who was refused, and who read what: append-only, for the administrator. It holds
 * ids and kinds, never a name, an address, a search term or anything that somebody wrote. Written
 * in small sets beside the work, so that it costs a reader nothing.
 */
import { isIP } from 'node:net'
import { sql } from 'kysely'
import { isId } from '../../platform/ids.ts'
import { isLoopback } from '../../platform/limits/address-key.ts'
import type { Db } from '../../platform/db/database.ts'
import type { Log } from '../../platform/logger.ts'

/** As the table's trigger has it: nothing younger can be taken away. */
export const ACCESS_DAYS = 400
/** Entries kept in memory while the database is away; a day of a busy desk. */
const MOST_PENDING = 20_000
/** Entries written by one statement. */
const SET = 500

export interface AccessRecord {
  /** As the ledger names them (`staff:<id>`, `key:<id>`); none where nobody is signed in. */
  readonly actor?: string | undefined
  /** `sign-in.ok`, `read.case`, `refused.read.staff` …: a kind, and what it was done to. */
  readonly what: string
  /** The id of what was read, or of the account that somebody tried to sign in to. */
  readonly target?: string | undefined
  /** Where it was asked from; only its class is kept. */
  readonly address: string
}

export interface AccessEntry extends Omit<AccessRecord, 'address'> {
  readonly id: string
  readonly at: Date
  readonly origin: string
  /** Of the case, or the contact, that was read, and the case it is in. */
  readonly receipt?: string | undefined
  readonly caseId?: string | undefined
}

type Row = Omit<AccessRecord, 'address'> & { readonly at: Date; readonly origin: string }

export class AccessLog {
  readonly #db: Db
  readonly #log: Log
  #pending: Row[] = []
  #writing: Promise<void> = Promise.resolve()
  #due = false

  constructor(db: Db, log: Log) {
    this.#db = db
    this.#log = log
  }

  /**
   * Puts it on record; resolves when it is written. What cannot be written now goes with the next.
   * Never throws.
   */
  record({ address, ...entry }: AccessRecord): Promise<void> {
    if (this.#pending.length >= MOST_PENDING)
      this.#log.error('the access log cannot be written: what happens now is not on record')
    else this.#pending.push({ ...entry, at: new Date(), origin: originOf(address) })
    if (!this.#due) {
      this.#due = true
      this.#writing = this.#writing.then(() => this.#write())
    }
    return this.#writing
  }

  async #write(): Promise<void> {
    this.#due = false
    while (this.#pending.length > 0) {
      const set = this.#pending.slice(0, SET)
      try {
        await this.#db
          .insertInto('access_log')
          .values(
            set.map(({ at, actor, what, target, origin }) => ({
              at,
              actor: actor ?? null,
              what,
              target: target ?? null,
              origin
            }))
          )
          .execute()
        this.#pending = this.#pending.slice(set.length)
      } catch (error) {
        this.#log.error(
          { err: error, waiting: this.#pending.length },
          'the access log could not be written'
        )
        return
      }
    }
  }
}

/** How far away an address is, which is all that is kept of it. */
export function originOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIP(plain) === 0) return 'not known'
  if (isLoopback(plain)) return 'this machine'
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd]|fe[89ab])/i.test(plain)
    ? 'private network'
    : 'public network'
}

export interface AccessQuery {
  /** A kind or the beginning of some: `read`, `sign-in.failed`. */
  readonly what?: string
  readonly actor?: string
  /** Entries before this one. */
  readonly before?: string
  readonly limit: number
}

/** The latest entries first. */
export async function listAccess(
  db: Db,
  { what, actor, before, limit }: AccessQuery
): Promise<AccessEntry[]> {
  let query = db.selectFrom('access_log').selectAll().orderBy('id', 'desc').limit(limit)
  if (what !== undefined)
    query = query.where((where) =>
      where.or([
        where('what', '=', what),
        where('what', 'like', `${what.replace(/[%_\\]/g, '')}.%`)
      ])
    )
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (before !== undefined) query = query.where('id', '<', before)
  const rows = await query.execute()
  const receipts = await receiptsOf(db, rows.flatMap(({ target }) => target ?? []).filter(isId))
  return rows.map(({ actor: by, target, ...row }) => ({
    ...row,
    actor: by ?? undefined,
    target: target ?? undefined,
    ...receipts.get(target ?? '')
  }))
}

/** What staff know a case or a contact by, and the case to look at. */
async function receiptsOf(
  db: Db,
  ids: readonly string[]
): Promise<ReadonlyMap<string, Pick<AccessEntry, 'receipt' | 'caseId'>>> {
  const { rows } = await sql<{ id: string; receipt: string; case_id: string | null }>`
    select id, receipt, id as case_id from cases where id = any(${ids}::uuid[]) union all
      select id, receipt, case_id from contacts where id = any(${ids}::uuid[])`.execute(db)
  return new Map(
    rows.map((row) => [row.id, { receipt: row.receipt, caseId: row.case_id ?? undefined }])
  )
}

/** Takes away what has had its time; answers how much. */
export async function forgetAccess(db: Db, atOnce: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from access_log where id in (select id from access_log
      where at < now() - make_interval(days => ${ACCESS_DAYS}) order by id
      limit ${atOnce})`.execute(db)
  return Number(numAffectedRows ?? 0)
}
