/** The OpenAPI 3.1 document, generated from the same definitions that check requests. */
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject
} from 'zod-openapi'
import { z } from 'zod'
import type { AnswerShape, Endpoint } from '../../core/intake/endpoint.ts'
import { problemSchema } from '../problems.ts'
import { catalogue, type ErrorCode } from '../../platform/errors.ts'

export type OpenApiDocument = ReturnType<typeof createDocument>

export interface DocumentOptions {
  readonly url: string
  readonly agencyName: string
  readonly version: string
  /** Webhooks that we send, as an OpenAPI `webhooks` object. */
  readonly webhooks: ZodOpenApiPathsObject
}

export function makeDocument(
  endpoints: readonly Endpoint[],
  { url, agencyName, version, webhooks }: DocumentOptions
): OpenApiDocument {
  const paths: ZodOpenApiPathsObject = {}
  for (const endpoint of endpoints)
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operationOf(endpoint) }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: `${agencyName}: contacts and lines`,
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        "Hand in contacts from other systems, and serve a department's line. The earliest arrival is always next; no request can change an arrival, and there is no field that says that somebody goes first."
    },
    servers: [{ url }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    webhooks,
    components: {
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'A key that an administrator made (`evenhand keys add`, or the desk).'
        }
      }
    }
  })
}

function operationOf(endpoint: Endpoint): ZodOpenApiOperationObject {
  const { id, tag, summary, description, access, params, query, body } = endpoint
  const note = access.for === 'keys' ? access.note : 'Needs no key.'
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description || note ? { description: [description, note].filter(Boolean).join(' ') } : {}),
    security: access.for === 'keys' ? [{ key: access.scope ? [access.scope] : [] }] : [],
    requestParams: {
      ...(params ? { path: params as z.ZodObject } : {}),
      ...(query ? { query: query as z.ZodObject } : {}),
      ...(endpoint.repeatable ? { header: repeatHeader } : {})
    },
    ...(body
      ? {
          requestBody: {
            required: !body.schema.safeParse({}).success || body.content !== undefined,
            content: contentOf(body.content ?? { 'application/json': body.schema })
          }
        }
      : {}),
    responses: { ...answersOf(endpoint.answers), ...problemsOf(endpoint) }
  }
}

const repeatHeader = z.object({
  'Idempotency-Key': z.string().min(1).max(255).optional().meta({
    description:
      'A value of your own for this request. Sent again with it, the request gets its first answer for 24 hours; with another body it is refused.'
  })
})

function contentOf(content: Readonly<Record<string, z.ZodType>>) {
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, schema]) => [mediaType, { schema }])
  )
}

function answersOf(answers: Readonly<Record<number, AnswerShape>>): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    Object.entries(answers).map(
      ([status, { description, schema, mediaType = 'application/json' }]) => [
        status,
        { description, ...(schema ? { content: { [mediaType]: { schema } } } : {}) }
      ]
    )
  )
}

/** All error answers by status; errors of one status differ in `code`. */
function problemsOf(endpoint: Endpoint): ZodOpenApiResponsesObject {
  const byStatus = Map.groupBy(problemCodes(endpoint), (code) => catalogue[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `${code}: ${catalogue[code].text}`).join('\n'),
        content: { 'application/problem+json': { schema: problemSchema } }
      }
    ])
  )
}

/** The codes an endpoint may answer with. */
export function problemCodes({
  access,
  params,
  query,
  body,
  repeatable,
  problems = []
}: Endpoint): ErrorCode[] {
  return [
    ...new Set<ErrorCode>([
      ...(access.for === 'keys'
        ? (['KEY_REQUIRED', 'KEY_SCOPE', 'KEY_BUSY'] as const)
        : (['RATE_LIMITED'] as const)),
      ...(params || query || body ? (['REQUEST_INVALID'] as const) : []),
      ...(body ? (['BAD_REQUEST', 'MEDIA_TYPE_UNKNOWN', 'INTAKE_TOO_LARGE'] as const) : []),
      ...(repeatable
        ? (['IDEMPOTENCY_KEY_INVALID', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_KEY_BUSY'] as const)
        : []),
      ...problems,
      'DATABASE_DOWN',
      'INTERNAL'
    ])
  ]
}
