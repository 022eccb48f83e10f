/**
 * Serves an endpoint: checks who calls, how often, whether the request is valid and whether it is a
 * repeat, then does its work.
 */
import type { AccessLog } from '../core/access/access-log.ts'
import { readJson } from '../platform/http-bodies/json.ts'
import { bearerOf, findKey, grants, type ApiKey } from '../core/access/api-keys.ts'
import type { ChannelRequest, ChannelResponse, ChannelRoute } from '../core/intake/channel.ts'
import type { Db } from '../platform/db/database.ts'
import { EvenhandError } from '../platform/errors.ts'
import {
  answerOnce,
  fingerprintOf,
  readIdempotencyKey,
  type StoredAnswer
} from '../core/access/idempotency.ts'
import type { WrongGuesses } from '../platform/limits/wrong-guesses.ts'
import type { SharedCounter, Counted } from '../platform/limits/shared-counter.ts'
import type { ApiAnswer, ApiRequest, Endpoint } from '../core/intake/endpoint.ts'
import { InvalidRequest } from '../core/intake/invalid-request.ts'
import { flawsOf } from './problems.ts'

/** What serving endpoints needs. */
export interface EndpointPorts {
  readonly db: Db
  readonly access: AccessLog
  readonly guesses: WrongGuesses
  /** Counts each key's requests per minute, for all processes together. */
  readonly counter: SharedCounter
}

interface Admitted {
  readonly key: ApiKey
  readonly standing: Counted
}

/** The endpoint as a route of the web process. */
export function routeOf(endpoint: Endpoint, ports: EndpointPorts): ChannelRoute {
  return {
    method: endpoint.method,
    path: endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    maxBodyBytes: endpoint.body?.maxBytes ?? 0,
    handle: (request) => serve(endpoint, ports, request)
  }
}

async function serve(
  endpoint: Endpoint,
  ports: EndpointPorts,
  request: ChannelRequest
): Promise<ChannelResponse> {
  const admitted =
    endpoint.access.for === 'keys' ? await admit(endpoint, ports, request) : undefined
  const key = admitted?.key
  const headers = admitted ? rateHeaders(admitted) : {}
  const asked = await readRequest(endpoint, ports, request, key)
  const answer =
    asked.idempotencyKey === undefined
      ? pack(await endpoint.handle(asked))
      : await repeatable(endpoint, ports, request, asked)
  return { ...answer, headers: { ...headers, ...answer.headers } }
}

/** @throws KEY_REQUIRED, KEY_SCOPE, KEY_BUSY */
async function admit(
  { access }: Endpoint,
  { db, counter, guesses }: EndpointPorts,
  request: ChannelRequest
): Promise<Admitted> {
  const secret = bearerOf(request.headers['authorization'])
  const key = await findKey(db, secret)
  if (!key) {
    if (secret !== undefined) await guesses.count('key', request.remoteAddress)
    throw new EvenhandError('KEY_REQUIRED')
  }
  const standing = await counter.take(`requests ${key.id}`, key.perMinute)
  if (!standing.isWithin)
    throw new EvenhandError('KEY_BUSY', `${key.perMinute} requests a minute are allowed`)
  const { scope, department } = access as Extract<Endpoint['access'], { for: 'keys' }>
  const named = department === undefined ? undefined : request.params[department]
  if (scope && !grants(key, scope, named))
    throw new EvenhandError(
      'KEY_SCOPE',
      `it needs ${scope}${department === undefined ? '' : `:${String(named).slice(0, 40)}`}`
    )
  return { key, standing }
}

/** draft-ietf-httpapi-ratelimit-headers-10: the limit, how much of it is left, and for how long. */
function rateHeaders({ key, standing: { left, secondsLeft } }: Admitted): Record<string, string> {
  return {
    'ratelimit-policy': `"key";q=${key.perMinute};w=60`,
    ratelimit: `"key";r=${left};t=${secondsLeft}`
  }
}

/** @throws InvalidRequest, BAD_REQUEST, IDEMPOTENCY_KEY_INVALID */
async function readRequest(
  endpoint: Endpoint,
  { guesses, access }: EndpointPorts,
  request: ChannelRequest,
  key: ApiKey | undefined
): Promise<ApiRequest<unknown, unknown, unknown>> {
  const mediaType = String(request.headers['content-type'] ?? '')
  const idempotencyKey = endpoint.repeatable
    ? readIdempotencyKey(request.headers['idempotency-key'])
    : undefined
  const params = check(endpoint.params, request.params, 'address')
  const query = check(endpoint.query, Object.fromEntries(request.query), 'address')
  const body =
    endpoint.body &&
    check(
      endpoint.body.schema,
      await (endpoint.body.read ?? readJson)(request.body, mediaType),
      'body'
    )
  const guessed = (what: 'receipt') => guesses.count(what, request.remoteAddress)
  const recorded = (what: string, target: string) => {
    void access.record({ actor: key?.actor, what, target, address: request.remoteAddress })
  }
  return {
    params,
    query,
    body,
    bytes: request.body,
    mediaType,
    key: key!,
    idempotencyKey,
    guessed,
    recorded,
    signal: request.signal
  }
}

function check(schema: Endpoint['params'], value: unknown, part: 'body' | 'address'): unknown {
  if (!schema) return undefined
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new InvalidRequest(flawsOf(parsed.error, part))
  return parsed.data
}

async function repeatable(
  endpoint: Endpoint,
  { db }: EndpointPorts,
  request: ChannelRequest,
  asked: ApiRequest<unknown, unknown, unknown>
): Promise<ChannelResponse> {
  const same = endpoint.body?.identify
    ? await endpoint.body.identify(asked.body, asked.bytes, asked.mediaType)
    : asked.bytes
  const claim = {
    owner: asked.key.actor,
    key: asked.idempotencyKey!,
    fingerprint: fingerprintOf(request.method, request.path, same)
  }
  const { repeated, ...answer } = await answerOnce(
    db,
    claim,
    async () => pack(await endpoint.handle(asked)) as StoredAnswer
  )
  return {
    ...answer,
    headers: { ...answer.headers, ...(repeated ? { 'idempotency-replayed': 'true' } : {}) }
  }
}

function pack({
  status,
  json,
  bytes,
  headers
}: ApiAnswer): ChannelResponse & { headers: Record<string, string>; body: string | Uint8Array } {
  return {
    status,
    headers: { ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
    body: json ? JSON.stringify(json) : (bytes ?? '')
  }
}
