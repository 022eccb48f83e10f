/**
 * The API's routes: what channels added, the lines and cases, and the pages that describe them all.
 */
import fs from 'node:fs'
import { z } from 'zod'
import { publicUrl } from '../../config/settings.ts'
import { endpoint, type Endpoint } from '../../core/intake/endpoint.ts'
import { routeOf } from '../serve-endpoint.ts'
import type { ChannelResponse, ChannelRoute } from '../../core/intake/channel.ts'
import { envelopeJsonSchema } from '../../core/envelope.ts'
import type { ApiPorts } from './ports.ts'
import { caseEndpoints } from './cases.ts'
import { contactEndpoints } from './contacts.ts'
import { renderDocs } from './docs-page.ts'
import { makeDocument, type OpenApiDocument } from './document.ts'
import { dutyEndpoints } from './duties.ts'
import { lineEndpoints } from './lines.ts'
import { noteEndpoints } from './notes.ts'
import { originatorEndpoints } from './originators.ts'
import { replyEndpoints } from './replies.ts'
import { webhookPaths } from './webhook-paths.ts'

/** The API's routes: endpoints that channels added, ours, and the pages that describe them all. */
export function apiRoutes(runtime: ApiPorts, added: readonly Endpoint[]): ChannelRoute[] {
  const document = (): OpenApiDocument => documentOf(runtime, [...added, ...served])
  const served = [
    ...lineEndpoints(runtime),
    ...caseEndpoints(runtime),
    ...replyEndpoints(runtime),
    ...noteEndpoints(runtime),
    ...dutyEndpoints(runtime),
    ...contactEndpoints(runtime),
    ...originatorEndpoints(runtime),
    describe('/v1/envelope.schema.json', 'envelopeSchema', 'The envelope as JSON Schema', () =>
      schemaOnce()
    ),
    describe('/v1/openapi.json', 'openApi', 'This description, as OpenAPI 3.1', document)
  ]
  return [
    ...[...added, ...served].map((one) => routeOf(one, runtime)),
    docsRoute(runtime, document)
  ]
}

function describe(path: string, id: string, summary: string, make: () => object): Endpoint {
  return endpoint({
    method: 'get',
    path,
    id,
    tag: 'Descriptions',
    summary,
    access: { for: 'everybody' },
    answers: { 200: { description: summary, schema: z.record(z.string(), z.unknown()) } },
    handle: async () => ({ status: 200, json: make() })
  })
}

let schema: object | undefined
function schemaOnce(): object {
  return (schema ??= envelopeJsonSchema())
}

/**
 * Cached, because generating it takes some ten milliseconds. Made again when the agency's name
 * changes.
 */
const documents = new WeakMap<ApiPorts, { agencyName: string; document: OpenApiDocument }>()

function documentOf(runtime: ApiPorts, endpoints: readonly Endpoint[]): OpenApiDocument {
  const agencyName = nameOf(runtime)
  const known = documents.get(runtime)
  if (known?.agencyName === agencyName) return known.document
  const document = makeDocument(endpoints, {
    url: publicUrl(runtime.settings),
    agencyName,
    version: version(),
    webhooks: webhookPaths()
  })
  documents.set(runtime, { agencyName, document })
  return document
}

function nameOf({ agency }: Pick<ApiPorts, 'agency'>): string {
  const { name, languages } = agency().departments.agency
  return name['en'] ?? name[languages[0]!]!
}

function version(): string {
  return (
    JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
  ).version
}

function docsRoute(runtime: ApiPorts, document: () => OpenApiDocument): ChannelRoute {
  return {
    method: 'get',
    path: '/v1/docs',
    maxBodyBytes: 0,
    handle: async (): Promise<ChannelResponse> => ({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: renderDocs(document(), runtime.agency())
    })
  }
}
