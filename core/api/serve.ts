/** Serves an endpoint: who asks, how often, whether the request is as it should be, whether it came before; then its work. */
import { publicUrl, type Settings } from '../../config/settings.ts'
import { bearerOf, findKey, grants, type ApiKey } from '../api-keys.ts'
import type { ChannelRequest, ChannelResponse, ChannelRoute } from '../channel.ts'
import type { Db } from '../db/database.ts'
import { EvenhandError } from '../errors.ts'
import { answerOnce, fingerprintOf, readIdempotencyKey, type StoredAnswer } from '../idempotency.ts'
import { MinuteCounter } from '../minute-counter.ts'
import type { ApiAnswer, ApiRequest, Endpoint } from './endpoint.ts'
import { flawsOf, InvalidRequest } from './problems.ts'

/** Requests of one address in a minute, whatever their keys: a department's systems often share one. */
const PER_ADDRESS = 60_000
/** Keys counted apart; there are as many as there are other systems. */
const KEYS_COUNTED = 10_000

/** What endpoints are served with, one for a process: what a key may have in a minute is counted here. */
export class ApiPorts {
  readonly db: Db
  readonly settings: Settings
  readonly rates = new MinuteCounter(0, KEYS_COUNTED)

  constructor(db: Db, settings: Settings) {
    this.db = db
    this.settings = settings
  }
}

/** The endpoint as a route of the web process. */
export function routeOf(endpoint: Endpoint, ports: ApiPorts): ChannelRoute {
  return {
    method: endpoint.method,
    path: endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    maxBodyBytes: endpoint.body?.maxBytes ?? 0,
    perMinute: endpoint.access.for === 'everybody' ? endpoint.access.perMinute : PER_ADDRESS,
    endpoint,
    handle: (request) => serve(endpoint, ports, request)
  }
}

async function serve(endpoint: Endpoint, ports: ApiPorts, request: ChannelRequest): Promise<ChannelResponse> {
  const key = endpoint.access.for === 'keys' ? await admit(endpoint, ports, request) : undefined
  const headers = key ? rateHeaders(ports, key) : {}
  const asked = await readRequest(endpoint, request, key)
  const answer = asked.idempotencyKey === undefined ? pack(await endpoint.handle(asked)) : await repeatable(endpoint, ports, request, asked)
  return { ...answer, headers: { ...headers, ...answer.headers } }
}

/** @throws KEY_REQUIRED, KEY_SCOPE, KEY_BUSY */
async function admit({ access }: Endpoint, { db, rates }: ApiPorts, request: ChannelRequest): Promise<ApiKey> {
  const key = await findKey(db, bearerOf(request.headers['authorization']))
  if (!key) throw new EvenhandError('KEY_REQUIRED')
  if (!rates.take(key.id, key.perMinute)) throw new EvenhandError('KEY_BUSY', `${key.perMinute} requests a minute are allowed`)
  const { scope, department } = access as Extract<Endpoint['access'], { for: 'keys' }>
  const named = department === undefined ? undefined : request.params[department]
  if (scope && !grants(key, scope, named)) throw new EvenhandError('KEY_SCOPE', `it needs ${scope}${department === undefined ? '' : `:${String(named).slice(0, 40)}`}`)
  return key
}

/** draft-ietf-httpapi-ratelimit-headers-10: the policy, what is left of it and for how long. */
function rateHeaders({ rates }: ApiPorts, key: ApiKey): Record<string, string> {
  return { 'ratelimit-policy': `"key";q=${key.perMinute};w=60`, ratelimit: `"key";r=${rates.left(key.id, key.perMinute)};t=${rates.secondsLeft()}` }
}

/** @throws InvalidRequest, BAD_REQUEST, IDEMPOTENCY_KEY_INVALID */
async function readRequest(endpoint: Endpoint, request: ChannelRequest, key: ApiKey | undefined): Promise<ApiRequest<unknown, unknown, unknown>> {
  const mediaType = String(request.headers['content-type'] ?? '')
  const idempotencyKey = endpoint.repeatable ? readIdempotencyKey(request.headers['idempotency-key']) : undefined
  const params = check(endpoint.params, request.params, 'address')
  const query = check(endpoint.query, Object.fromEntries(request.query), 'address')
  const body = endpoint.body && check(endpoint.body.schema, await (endpoint.body.read ?? readJson)(request.body, mediaType), 'body')
  return { params, query, body, bytes: request.body, mediaType, key: key!, idempotencyKey, signal: request.signal }
}

function check(schema: Endpoint['params'], value: unknown, part: 'body' | 'address'): unknown {
  if (!schema) return undefined
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new InvalidRequest(flawsOf(parsed.error, part))
  return parsed.data
}

/** JSON in UTF-8 (RFC 8259); no body is an object with nothing in it. @throws BAD_REQUEST, MEDIA_TYPE_UNKNOWN */
export async function readJson(bytes: Uint8Array, mediaType: string): Promise<unknown> {
  if (bytes.length === 0) return {}
  if (!/^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i.test(mediaType)) throw new EvenhandError('MEDIA_TYPE_UNKNOWN', 'application/json is expected')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new EvenhandError('BAD_REQUEST', 'the body is not JSON in UTF-8', { cause: error })
  }
}

async function repeatable(endpoint: Endpoint, { db }: ApiPorts, request: ChannelRequest, asked: ApiRequest<unknown, unknown, unknown>): Promise<ChannelResponse> {
  const same = endpoint.body?.identify ? await endpoint.body.identify(asked.body, asked.bytes, asked.mediaType) : asked.bytes
  const claim = { owner: asked.key.actor, key: asked.idempotencyKey!, fingerprint: fingerprintOf(request.method, request.path, same) }
  const { repeated, ...answer } = await answerOnce(db, claim, async () => pack(await endpoint.handle(asked)) as StoredAnswer)
  return { ...answer, headers: { ...answer.headers, ...(repeated ? { 'idempotency-replayed': 'true' } : {}) } }
}

function pack({ status, json, bytes, headers }: ApiAnswer): ChannelResponse & { headers: Record<string, string>; body: string | Uint8Array } {
  return { status, headers: { ...(json ? { 'content-type': 'application/json' } : {}), ...headers }, body: json ? JSON.stringify(json) : bytes ?? '' }
}

/** Where the pages that describe the API are. */
export function docsUrl(settings: Settings): string {
  return `${publicUrl(settings)}/v1/docs`
}
