/**
 * Keys of other systems: a random secret that is shown once and kept as a hash, what it may do, and
 * how often. A key may have several secrets at a time, so that a new one can be put in place before
 * the old one ends.
 */
import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { storableText } from '../../platform/text/storable.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId, newId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { rates } from '../../platform/limits/rates.ts'
import { isBlank } from '../../platform/text/visible.ts'

/**
 * What a key may do. Those of a line name their department, or `*` for every one:
 * `line:serve:parks`. Serving includes seeing the line and the cases that stand in it.
 */
export const plainScopes = ['contacts:write'] as const
export const lineScopes = ['line:read', 'line:serve'] as const
export type Scope = (typeof plainScopes)[number] | (typeof lineScopes)[number]

export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  /** Requests allowed in a minute. */
  readonly perMinute: number
  /** As the ledger names it. */
  readonly actor: string
}

export interface ApiKeyListed extends ApiKey {
  readonly createdAt: Date
  readonly disabledAt: Date | undefined
  /** Newest first; one that has ended is not listed. */
  readonly secrets: readonly {
    createdAt: Date
    expiresAt: Date | undefined
    lastUsedAt: Date | undefined
  }[]
}

export interface NewApiKey {
  readonly name: string
  readonly scopes: readonly string[]
  readonly perMinute?: number
}

/** One that hands in an archive is given more. */
export const PER_MINUTE = rates.perKey
const PER_MINUTE_LIMIT = 100_000
const NAME_LIMIT = 200
const SCOPES_LIMIT = 200
/** A week to put a new secret in place everywhere. */
export const OVERLAP_HOURS = 7 * 24
const OVERLAP_LIMIT_HOURS = 90 * 24
/** A prefix that secret scanners can look for, and 256 random bits. */
const SECRET = /^evh_[A-Za-z0-9_-]{43}$/
/**
 * When a secret was last used is for people: a write for every request would cost more than it
 * tells. In seconds.
 */
const USED_EVERY = 60

/** Scopes as a person types them, separated by commas or spaces. */
export function splitScopes(typed: string): string[] {
  return [...new Set(typed.split(/[\s,]+/).filter(Boolean))]
}

/** Whether it is a scope at all; departments are not looked up, as they come and go. */
export function isScope(scope: string): boolean {
  if ((plainScopes as readonly string[]).includes(scope)) return true
  const [, kind, department] = /^(line:[a-z]+):(\*|[a-z][a-z0-9-]{0,39})$/.exec(scope) ?? []
  return department !== undefined && (lineScopes as readonly string[]).includes(kind!)
}

/** Whether a key may do it, in that department where it is about a line. */
export function grants(key: Pick<ApiKey, 'scopes'>, scope: Scope, department?: string): boolean {
  if (scope === 'contacts:write') return key.scopes.includes(scope)
  const enough = scope === 'line:read' ? lineScopes : [scope]
  return enough.some(
    (one) =>
      key.scopes.includes(`${one}:*`) ||
      (department !== undefined && key.scopes.includes(`${one}:${department}`))
  )
}

/**
 * Makes a key; answers with its secret, which is kept nowhere else.
 * @throws EvenhandError KEY_INVALID
 */
export async function addKey(
  db: Db,
  key: NewApiKey,
  actor: string
): Promise<{ id: string; secret: string }> {
  const name = storableText(key.name.trim())
  const perMinute = key.perMinute ?? PER_MINUTE
  checkKey(name, key.scopes, perMinute)
  const id = newId()
  return db.transaction().execute(async (trx) => {
    const { mark } = await trx
      .insertInto('api_keys')
      .values({ id, name, scopes: [...key.scopes], per_minute: perMinute, disabled_at: null })
      .returning(sql<string>`staff_mark(salt, '', name)`.as('mark'))
      .executeTakeFirstOrThrow()
    await appendEvents(trx, [
      { kind: 'key.added', actor, data: { key: id, scopes: key.scopes, perMinute, mark } }
    ])
    return { id, secret: await addSecret(trx, id) }
  })
}

function checkKey(name: string, scopes: readonly string[], perMinute: number): void {
  const wrong = scopes.find((scope) => !isScope(scope))
  if (wrong !== undefined)
    throw new EvenhandError(
      'KEY_INVALID',
      `"${wrong.slice(0, 60)}" is none of contacts:write, line:read:<department or *>, line:serve:<department or *>`
    )
  if (isBlank(name) || name.length > NAME_LIMIT)
    throw new EvenhandError('KEY_INVALID', `the name has 1 to ${NAME_LIMIT} characters`)
  if (scopes.length === 0 || scopes.length > SCOPES_LIMIT)
    throw new EvenhandError('KEY_INVALID', `there are 1 to ${SCOPES_LIMIT} scopes`)
  if (!Number.isInteger(perMinute) || perMinute < 1 || perMinute > PER_MINUTE_LIMIT)
    throw new EvenhandError('KEY_INVALID', `requests in a minute are 1 to ${PER_MINUTE_LIMIT}`)
}

/**
 * A new secret for a key; the ones before work for so many hours more, so that the other system can
 * change over.
 * @throws EvenhandError KEY_UNKNOWN, KEY_INVALID
 */
export async function rotateKey(
  db: Db,
  id: string,
  actor: string,
  overlapHours = OVERLAP_HOURS
): Promise<string> {
  if (!(overlapHours >= 0 && overlapHours <= OVERLAP_LIMIT_HOURS))
    throw new EvenhandError(
      'KEY_INVALID',
      `the old secret may work for 0 to ${OVERLAP_LIMIT_HOURS} hours more`
    )
  return db.transaction().execute(async (trx) => {
    await lockKey(trx, id)
    await sql`
      update api_key_secrets set expires_at = least(expires_at,
        now() + make_interval(secs => ${overlapHours * 3600}))
      where key_id = ${id}`.execute(trx)
    await appendEvents(trx, [{ kind: 'key.rotated', actor, data: { key: id, overlapHours } }])
    return addSecret(trx, id)
  })
}

/**
 * Ends a key at once, with all its secrets; cases it holds return when their lease ends. @throws
 * EvenhandError KEY_UNKNOWN
 */
export async function disableKey(db: Db, id: string, actor: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockKey(trx, id)
    await trx
      .updateTable('api_keys')
      .set({ disabled_at: sql`now()` })
      .where('id', '=', id)
      .execute()
    await trx.deleteFrom('api_key_secrets').where('key_id', '=', id).execute()
    await appendEvents(trx, [{ kind: 'key.disabled', actor, data: { key: id } }])
  })
}

async function lockKey(trx: Db, id: string): Promise<void> {
  const found =
    isId(id) &&
    (await trx
      .selectFrom('api_keys')
      .select('id')
      .where('id', '=', id)
      .where('disabled_at', 'is', null)
      .forUpdate()
      .executeTakeFirst())
  if (!found) throw new EvenhandError('KEY_UNKNOWN')
}

async function addSecret(trx: Db, keyId: string): Promise<string> {
  const secret = `evh_${randomBytes(32).toString('base64url')}`
  await trx
    .insertInto('api_key_secrets')
    .values({ hash: hashSecret(secret), key_id: keyId, expires_at: null, last_used_at: null })
    .execute()
  return secret
}

/**
 * Random secrets need no slow hash: there is nothing to guess. Looked up by hash, so that time
 * tells nothing of the secret.
 */
function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/**
 * The key behind a secret; undefined alike for what is none, is unknown, has ended or was disabled.
 */
export async function findKey(db: Db, secret: string | undefined): Promise<ApiKey | undefined> {
  if (secret === undefined || !SECRET.test(secret)) return undefined
  const hash = hashSecret(secret)
  const row = await db
    .selectFrom('api_key_secrets')
    .innerJoin('api_keys', 'api_keys.id', 'api_key_secrets.key_id')
    .select([
      'api_keys.id',
      'name',
      'scopes',
      'per_minute',
      sql<boolean>`last_used_at is null
          or last_used_at < now() - make_interval(secs => ${USED_EVERY})`.as('stale')
    ])
    .where('hash', '=', hash)
    .where('disabled_at', 'is', null)
    .where((where) =>
      where.or([where('expires_at', 'is', null), where('expires_at', '>', sql<Date>`now()`)])
    )
    .executeTakeFirst()
  if (!row) return undefined
  if (row.stale)
    await db
      .updateTable('api_key_secrets')
      .set({ last_used_at: sql`now()` })
      .where('hash', '=', hash)
      .execute()
  return toKey(row)
}

/**
 * The key behind a secret, where it may do this.
 * @throws EvenhandError KEY_REQUIRED, KEY_SCOPE
 */
export async function requireKey(
  db: Db,
  secret: string | undefined,
  scope: Scope,
  department?: string
): Promise<ApiKey> {
  const key = await findKey(db, secret)
  if (!key) throw new EvenhandError('KEY_REQUIRED')
  if (!grants(key, scope, department))
    throw new EvenhandError(
      'KEY_SCOPE',
      `it needs ${scope}${scope === 'contacts:write' ? '' : `:${department ?? '<department>'}`}`
    )
  return key
}

/** The secret in an `Authorization: Bearer` header (RFC 6750 section 2.1). */
export function bearerOf(header: string | string[] | undefined): string | undefined {
  return /^Bearer +(\S{1,200}) *$/i.exec(String(header ?? ''))?.[1]
}

/** Every key, those in use first. */
export async function listKeys(db: Db): Promise<ApiKeyListed[]> {
  const keys = await db
    .selectFrom('api_keys')
    .selectAll()
    .orderBy(sql`disabled_at is not null`)
    .orderBy('name')
    .orderBy('id')
    .execute()
  const secrets = await db
    .selectFrom('api_key_secrets')
    .selectAll()
    .where((where) =>
      where.or([where('expires_at', 'is', null), where('expires_at', '>', sql<Date>`now()`)])
    )
    .orderBy('created_at', 'desc')
    .execute()
  return keys.map((row) => ({
    ...toKey(row),
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
    secrets: secrets
      .filter(({ key_id: id }) => id === row.id)
      .map((one) => ({
        createdAt: one.created_at,
        expiresAt: one.expires_at ?? undefined,
        lastUsedAt: one.last_used_at ?? undefined
      }))
  }))
}

function toKey(row: { id: string; name: string; scopes: string[]; per_minute: number }): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    perMinute: row.per_minute,
    actor: `key:${row.id}`
  }
}
