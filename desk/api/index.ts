/** The API's routes: what channels added, the lines and cases, and the pages that describe them all. */
import fs from 'node:fs'
import { z } from 'zod'
import { publicUrl } from '../../config/settings.ts'
import { endpoint, type Endpoint } from '../../core/api/endpoint.ts'
import { routeOf } from '../../core/api/serve.ts'
import type { ChannelResponse, ChannelRoute } from '../../core/channel.ts'
import { envelopeJsonSchema } from '../../core/envelope.ts'
import type { Ground } from '../../core/ground.ts'
import type { DeskCore } from '../core.ts'
import { caseEndpoints } from './cases.ts'
import { contactEndpoints } from './contacts.ts'
import { renderDocs } from './docs-page.ts'
import { makeDocument, type OpenApiDocument } from './document.ts'
import { lineEndpoints } from './lines.ts'
import { webhookPaths } from './webhook-paths.ts'

/** Descriptions are read by people and by builds, not in a loop. */
const READS_PER_MINUTE = 120

/** Routes to serve besides those of channels, whose endpoints the document tells of too. */
export function apiRoutes(ground: Ground, desk: DeskCore, channelRoutes: readonly ChannelRoute[]): ChannelRoute[] {
  const document = (): OpenApiDocument => documentOf(ground, [...channelRoutes.flatMap((route) => route.endpoint ?? []), ...served])
  const served = [
    ...lineEndpoints(ground, desk), ...caseEndpoints(ground, desk), ...contactEndpoints(ground, desk),
    describe('/v1/envelope.schema.json', 'envelopeSchema', 'The envelope as JSON Schema', () => schemaOnce()),
    describe('/v1/openapi.json', 'openApi', 'This description, as OpenAPI 3.1', document)
  ]
  return [...served.map((one) => routeOf(one, ground.api)), docsRoute(ground, document)]
}

function describe(path: string, id: string, summary: string, make: () => object): Endpoint {
  return endpoint({
    method: 'get', path, id, tag: 'Descriptions', summary, access: { for: 'everybody', perMinute: READS_PER_MINUTE },
    answers: { 200: { description: summary, schema: z.record(z.string(), z.unknown()) } },
    handle: async () => ({ status: 200, json: make() })
  })
}

let schema: object | undefined
function schemaOnce(): object {
  return schema ??= envelopeJsonSchema()
}

/** Made anew when the agency's name changes; else kept, as making it takes some ten milliseconds. */
const documents = new WeakMap<Ground, { agencyName: string; document: OpenApiDocument }>()

function documentOf(ground: Ground, endpoints: readonly Endpoint[]): OpenApiDocument {
  const agencyName = nameOf(ground)
  const known = documents.get(ground)
  if (known?.agencyName === agencyName) return known.document
  const document = makeDocument(endpoints, { url: publicUrl(ground.settings), agencyName, version: version(), webhooks: webhookPaths() })
  documents.set(ground, { agencyName, document })
  return document
}

function nameOf({ agency }: Ground): string {
  const { name, languages } = agency().departments.agency
  return name['en'] ?? name[languages[0]!]!
}

function version(): string {
  return (JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version
}

function docsRoute(ground: Ground, document: () => OpenApiDocument): ChannelRoute {
  return {
    method: 'get', path: '/v1/docs', maxBodyBytes: 0, perMinute: READS_PER_MINUTE,
    handle: async (): Promise<ChannelResponse> => ({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: renderDocs(document(), ground.agency()) })
  }
}
