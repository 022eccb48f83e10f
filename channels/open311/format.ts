/**
 * Writes one answer as XML or JSON. JSON is the model; XML is derived from it by the Spark
 * convention, as the specification says.
 */
import { XMLBuilder } from 'fast-xml-parser'
import type { ChannelResponse } from '../../core/intake/channel.ts'

export type Format = 'xml' | 'json'

type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [name: string]: Value | undefined }

/** One thing that is wrong with a request. All that are found are reported together. */
export interface Problem {
  /** 400, 403 or 404 by the specification; 429 and 503 if trying again later helps. */
  readonly status: number
  readonly description: string
}

const types: Record<Format, string> = {
  xml: 'text/xml; charset=utf-8',
  json: 'application/json; charset=utf-8'
}

/** Name of a list's entries in XML. */
const entries: Readonly<Record<string, string>> = {
  services: 'service',
  attributes: 'attribute',
  values: 'value',
  service_requests: 'request',
  endpoints: 'endpoint',
  formats: 'format',
  errors: 'error'
}

const builder = new XMLBuilder({ format: true, suppressEmptyNode: false })

/**
 * "services.json" → "services" in JSON. Without an ending it is XML, which every server must have;
 * other endings are unknown.
 */
export function splitFormat(address: string): { name: string; format: Format } | undefined {
  const [, name = '', ending] = /^([^.]*)(?:\.(.*))?$/s.exec(address) ?? []
  if (ending === undefined || ending === 'xml') return { name, format: 'xml' }
  return ending === 'json' ? { name, format: 'json' } : undefined
}

/** @param root name of the outermost element; used only in XML */
export function answer(format: Format, root: string, value: Value, status = 200): ChannelResponse {
  const body =
    format === 'json'
      ? JSON.stringify(value)
      : `<?xml version="1.0" encoding="utf-8"?>\n${builder.build({ [root]: toXml(root, value) })}`
  return { status, body, headers: { 'content-type': types[format], 'cache-control': 'no-store' } }
}

/** The status is that of the first problem. */
export function refusal(format: Format, problems: readonly Problem[]): ChannelResponse {
  const status = problems[0]?.status ?? 400
  const response = answer(
    format,
    'errors',
    problems.map((problem) => ({ code: problem.status, description: problem.description })),
    status
  )
  const later = { 429: '60', 503: '30' }[status]
  return later ? { ...response, headers: { ...response.headers, 'retry-after': later } } : response
}

/** A time in the W3C format, always in UTC. */
export function formatDate(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}

function toXml(name: string, value: Value | undefined): unknown {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value))
    return value.length === 0
      ? ''
      : { [entries[name] ?? 'entry']: value.map((one: Value) => toXml(name, one)) }
  if (typeof value === 'string') return cleanXml(value)
  return typeof value === 'object'
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, part]) => part !== undefined)
          .map(([part, one]) => [part, toXml(part, one)])
      )
    : value
}

/** Removes characters that XML 1.0 cannot contain, even escaped (section 2.2). */
function cleanXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}
