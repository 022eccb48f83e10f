/** The API's description as a page: of our own, as pages here may run no script of others and none within themselves. */
import type { Agency } from '../../config/agency.ts'
import { catalogue, type ErrorCode } from '../../core/errors.ts'
import { baseFrame } from '../../core/pages/frame.ts'
import { render } from '../../core/pages/render.ts'
import type { OpenApiDocument } from './document.ts'

/** As far as these pages look into a JSON Schema. */
interface Schema {
  readonly $ref?: string
  readonly type?: string | string[]
  readonly format?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly required?: readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly default?: unknown
  readonly [bound: string]: unknown
}

interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security?: readonly { key: readonly string[] }[]
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: Schema; description?: string }[]
  readonly requestBody?: { content: Record<string, { schema: Schema }> }
  readonly responses: Readonly<Record<string, { description: string; content?: Record<string, { schema: Schema }> }>>
}

interface Field { readonly name: string; readonly type: string; readonly link: string | undefined; readonly required: boolean; readonly note: string }

/** The whole description as HTML. */
export function renderDocs(document: OpenApiDocument, agency: Agency): string {
  const operations = operationsOf(document.paths).map(viewOperation)
  const events = operationsOf(document.webhooks).map(viewOperation)
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, Schema>).map(([name, schema]) => ({ name, description: schema.description ?? '', fields: fieldsOf(schema) }))
  return render('desk/api/docs', {
    ...baseFrame(agency, 'en'), title: 'API', homeHref: '/', links: [], languages: [], scripts: [], account: undefined, flash: undefined,
    heading: document.info.title, introduction: document.info.description,
    tags: [...new Set(operations.flatMap(({ tags }) => tags))].map((tag) => ({ tag, operations: operations.filter(({ tags }) => tags.includes(tag)) })),
    events, schemas, problems: problemsIn(operations).map((code) => ({ code, ...catalogue[code] }))
  })
}

function operationsOf(paths: unknown): (Operation & { method: string; path: string })[] {
  return Object.entries((paths ?? {}) as Record<string, Record<string, Operation>>)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })))
}

function viewOperation({ parameters = [], requestBody, responses, security, ...operation }: Operation & { method: string; path: string }) {
  const answers = Object.entries(responses).map(([status, { description, content = {} }]) => ({ status, description, ...typeOf(Object.values(content)[0]?.schema), mediaType: Object.keys(content)[0] }))
  return {
    ...operation,
    access: security?.[0] ? security[0].key[0] ?? 'any key' : undefined,
    parameters: parameters.map(({ name, in: where, required = false, schema, description = schema.description ?? '' }) => ({ name, where, required, note: noteOf({ ...schema, description }), ...typeOf(schema) })),
    bodies: Object.entries(requestBody?.content ?? {}).map(([mediaType, { schema }]) => ({ mediaType, ...typeOf(schema), fields: schema.$ref ? [] : fieldsOf(schema) })),
    answers: answers.filter(({ status }) => status.startsWith('2')),
    problems: answers.filter(({ status }) => !status.startsWith('2')).flatMap(({ description }) => description.split('\n').map((line) => line.split(':', 1)[0]!))
  }
}

function problemsIn(operations: readonly { problems: readonly string[] }[]): ErrorCode[] {
  return [...new Set(operations.flatMap(({ problems }) => problems))].toSorted() as ErrorCode[]
}

function fieldsOf(schema: Schema): Field[] {
  const parts = [schema, ...(schema.allOf ?? [])]
  return parts.flatMap(({ properties = {}, required = [] }) => Object.entries(properties).flatMap(([name, field]): Field[] => {
    const own = { name, required: required.includes(name), note: noteOf(field), ...typeOf(field) }
    // Objects without a name of their own are shown where they stand.
    const inner = field.properties ? fieldsOf(field) : field.items?.properties ? fieldsOf(field.items) : []
    return [own, ...inner.map((one) => ({ ...one, name: `${name}${field.items ? '[]' : ''}.${one.name}` }))]
  }))
}

function typeOf(schema: Schema | undefined): { type: string; link: string | undefined } {
  if (!schema) return { type: '', link: undefined }
  const named = schema.$ref ?? schema.items?.$ref ?? schema.allOf?.find(({ $ref }) => $ref)?.$ref
  const name = named?.split('/').at(-1)
  if (name) return { type: `${schema.items ? 'list of ' : ''}${name}`, link: name }
  if (schema.anyOf) return { type: schema.anyOf.map((one) => typeOf(one).type).join(' or '), link: undefined }
  if (schema.const !== undefined) return { type: JSON.stringify(schema.const), link: undefined }
  if (schema.enum) return { type: schema.enum.map((one) => JSON.stringify(one)).join(', '), link: undefined }
  if (schema.items) return { type: `list of ${typeOf(schema.items).type}`, link: undefined }
  return { type: [schema.type ?? 'any', schema.format].flat().filter(Boolean).join(', '), link: undefined }
}

const bounds = [['minimum', 'maximum', ''], ['minLength', 'maxLength', ' characters'], ['minItems', 'maxItems', ' entries']] as const

/** Bounds that JSON Schema sets only because numbers have some are not told. */
function told(bound: unknown): string | undefined {
  return typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound.toLocaleString('en') : undefined
}

function rangeOf(least: unknown, most: unknown, unit: string): string[] {
  const [from, to] = [told(least), told(most)]
  if (from && to) return [`${from} to ${to}${unit}`]
  return to ? [`at most ${to}${unit}`] : from ? [`at least ${from}${unit}`] : []
}

function noteOf(schema: Schema): string {
  const found = bounds.flatMap(([least, most, unit]) => rangeOf(schema[least], schema[most], unit))
  const standard = schema.default === undefined || typeof schema.default === 'object' ? [] : [`without it ${JSON.stringify(schema.default)}`]
  const more = [...found, ...standard].join('; ')
  return [schema.description ?? '', more && `${more[0]!.toUpperCase()}${more.slice(1)}.`].filter(Boolean).join(' ')
}
