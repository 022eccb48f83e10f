/**
 * Requests that may safely be sent again (draft-ietf-httpapi-idempotency-key-header): the first
 * answer to a key is kept and given again for a day, and a key that comes with another request is
 * refused.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'

export interface StoredAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body: string
}

export interface IdempotentRequest {
  /** Whose key it is: the same key of two systems is two keys. */
  readonly owner: string
  readonly key: string
  /** Of method, path and body; `fingerprintOf`. */
  readonly fingerprint: string
}

/**
 * How long an answer is kept, in hours: a system that was down overnight repeats its requests in
 * the morning.
 */
const KEPT_HOURS = 24
/**
 * A request still running after this long, in seconds, has lost its process: the next one with its
 * key takes its place.
 */
const LOST_AFTER = 60
/**
 * Answers are ids and states; one that is larger is not kept, and its request is worked on again.
 */
const BODY_LIMIT = 64 * 1024
/**
 * RFC 8941 strings are quoted; both forms are taken. Visible characters, at most 255: a UUID has
 * 36.
 */
const KEY = /^[\x21-\x7e]{1,255}$/

/**
 * The key in a header, without the quotes of a structured field; undefined when there is none.
 * @throws EvenhandError IDEMPOTENCY_KEY_INVALID
 */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = String(header)
    .trim()
    .replace(/^"(.*)"$/, '$1')
  if (!KEY.test(key)) throw new EvenhandError('IDEMPOTENCY_KEY_INVALID')
  return key
}

/** What makes two requests the same. */
export function fingerprintOf(method: string, path: string, body: Uint8Array): string {
  return createHash('sha256').update(`${method} ${path}\n`).update(body).digest('base64url')
}

/**
 * Runs `work` for the first request with a key and keeps its answer; a repeat gets that answer.
 * What failed on our side (a thrown error, a status of 500 and above) is not kept, so that it can
 * be tried again.
 * @throws EvenhandError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_BUSY, or what `work` throws
 */
export async function answerOnce(
  db: Db,
  request: IdempotentRequest,
  work: () => Promise<StoredAnswer>
): Promise<StoredAnswer & { readonly repeated: boolean }> {
  const kept = await claim(db, request)
  if (kept) return { ...kept, repeated: true }
  try {
    const answer = await work()
    if (answer.status >= 500 || answer.body.length > BODY_LIMIT) await forget(db, request)
    else await keep(db, request, answer)
    return { ...answer, repeated: false }
  } catch (error) {
    await forget(db, request).catch(() => undefined)
    throw error
  }
}

/** Undefined when the work is the caller's to do; else the answer that was given before. */
async function claim(
  db: Db,
  { owner, key, fingerprint }: IdempotentRequest
): Promise<StoredAnswer | undefined> {
  const { rows } = await sql`
    insert into idempotent_requests as known (owner, idempotency_key, fingerprint, expires_at)
      values (${owner}, ${key}, ${fingerprint}, now() + make_interval(hours => ${KEPT_HOURS}))
    on conflict (owner, idempotency_key) do update
      set fingerprint = excluded.fingerprint, state = 'running', started_at = now(),
      expires_at = excluded.expires_at, status = null, headers = null, body = null
    where known.expires_at < now() or (known.state = 'running'
      and known.started_at < now() - make_interval(secs => ${LOST_AFTER})
      and known.fingerprint = excluded.fingerprint)
    returning 1`.execute(db)
  if (rows.length > 0) return undefined
  const known = await db
    .selectFrom('idempotent_requests')
    .selectAll()
    .where('owner', '=', owner)
    .where('idempotency_key', '=', key)
    .executeTakeFirst()
  if (!known || (known.state === 'running' && known.fingerprint === fingerprint))
    throw new EvenhandError('IDEMPOTENCY_KEY_BUSY')
  if (known.fingerprint !== fingerprint) throw new EvenhandError('IDEMPOTENCY_KEY_REUSED')
  return { status: known.status!, headers: known.headers ?? {}, body: known.body ?? '' }
}

async function keep(
  db: Db,
  { owner, key }: IdempotentRequest,
  { status, headers, body }: StoredAnswer
): Promise<void> {
  await db
    .updateTable('idempotent_requests')
    .set({ state: 'done', status, headers: JSON.stringify(headers ?? {}), body })
    .where('owner', '=', owner)
    .where('idempotency_key', '=', key)
    .execute()
}

async function forget(db: Db, { owner, key }: IdempotentRequest): Promise<void> {
  await db
    .deleteFrom('idempotent_requests')
    .where('owner', '=', owner)
    .where('idempotency_key', '=', key)
    .execute()
}

/** Takes away answers that are past their time; answers how many. */
export async function forgetExpired(db: Db): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('idempotent_requests')
    .where('expires_at', '<', sql<Date>`now()`)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
