/**
 * A system of the agency that uses the API, and a check of every answer against the OpenAPI
 * document.
 */
import Ajv2020 from 'ajv/dist/2020.js'
import { expect } from '@jest/globals'
import { addKey } from '../../core/access/api-keys.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import type { Site } from './site.ts'

export interface ApiCaller {
  readonly secret: string
  readonly actor: string
  get(path: string): Promise<Answer>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- a test checks the shape
  readonly json: any
  readonly bytes: Buffer
}

/** A key with these scopes, made for real, and requests with it. */
export async function apiCaller(
  { runtime, url }: Pick<Site, 'runtime' | 'url'>,
  scopes: readonly string[],
  perMinute?: number
): Promise<ApiCaller> {
  const { id, secret } = await addKey(
    runtime.db,
    { name: 'Test', scopes, ...(perMinute ? { perMinute } : {}) },
    'staff:ann'
  )
  const ask = (path: string, init: RequestInit & { headers?: Record<string, string> }) =>
    call(url, path, { ...init, headers: { authorization: `Bearer ${secret}`, ...init.headers } })
  return {
    secret,
    actor: `key:${id}`,
    get: (path) => ask(path, { method: 'GET' }),
    post: (path, body, headers = {}) =>
      ask(
        path,
        body instanceof FormData
          ? { method: 'POST', body, headers }
          : {
              method: 'POST',
              ...(body === undefined
                ? {}
                : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
              headers: { 'content-type': 'application/json', ...headers }
            }
      )
  }
}

/** One request, its answer checked against what the document promises for it. */
export async function call(url: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url + path, init)
  const bytes = Buffer.from(await response.arrayBuffer())
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  const answer = {
    status: response.status,
    headers: response.headers,
    bytes,
    json: isJson ? (JSON.parse(bytes.toString()) as unknown) : undefined
  }
  await expectAsDescribed(url, path, init.method ?? 'GET', answer)
  return answer
}

interface Described {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
  >
}
const documents = new Map<string, Promise<{ document: Described; ajv: Ajv2020.default }>>()

async function load(url: string) {
  const document = (await (await fetch(`${url}/v1/openapi.json`)).json()) as Described
  const ajv = new Ajv2020.default({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'api')
  return { document, ajv }
}

async function expectAsDescribed(
  url: string,
  path: string,
  method: string,
  { status, headers, json }: Answer
): Promise<void> {
  if (!documents.has(url)) documents.set(url, load(url))
  const { document, ajv } = await documents.get(url)!
  const [pathname] = path.split('?')
  const template = Object.keys(document.paths).find(
    (one) =>
      new RegExp(`^${one.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname!) &&
      document.paths[one]![method.toLowerCase()]
  )
  if (!template) return
  const described = document.paths[template]![method.toLowerCase()]!.responses[status]
  expect({ template, status, described: described !== undefined }).toEqual({
    template,
    status,
    described: true
  })
  const mediaType = headers.get('content-type')?.split(';', 1)[0]
  if (json === undefined || !mediaType) return
  expect(Object.keys(described!.content ?? {})).toContain(mediaType)
  const pointer = [
    'paths',
    template,
    method.toLowerCase(),
    'responses',
    String(status),
    'content',
    mediaType,
    'schema'
  ]
    .map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'))
    .map(encodeURIComponent)
    .join('/')
  const validate = ajv.getSchema(`api#/${pointer}`)!
  expect({ valid: validate(json), errors: validate.errors }).toEqual({ valid: true, errors: null })
}

/** The ledger's last event of a case. */
export function lastEvent({ db }: Pick<OpenRuntime, 'db'>, caseId: string) {
  return db
    .selectFrom('events')
    .select(['kind', 'actor', 'data'])
    .where('case_id', '=', caseId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
}
