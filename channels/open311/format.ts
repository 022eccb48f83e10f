/** XML and JSON of one answer. JSON is the model; XML follows from it by the Spark convention, as the specification has it. */
import { XMLBuilder } from 'fast-xml-parser'
import type { ChannelResponse } from '../../core/channel.ts'

export type Format = 'xml' | 'json'

type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value | undefined }

/** What is wrong with a request; all that is found is told at once. */
export interface Problem {
  /** 400, 403 or 404 by the specification; 429 and 503 where trying again later helps. */
  readonly status: number
  readonly description: string
}

const types: Record<Format, string> = { xml: 'text/xml; charset=utf-8', json: 'application/json; charset=utf-8' }

/** What an entry of a list is called in XML. */
const entries: Readonly<Record<string, string>> = {
  services: 'service', attributes: 'attribute', values: 'value', service_requests: 'request', endpoints: 'endpoint', formats: 'format', errors: 'error'
}

const builder = new XMLBuilder({ format: true, suppressEmptyNode: false })

/** "services.json" → "services" in JSON. XML is the format that every server has, so it is what no ending means; other endings are none. */
export function splitFormat(address: string): { name: string; format: Format } | undefined {
  const [, name = '', ending] = /^([^.]*)(?:\.(.*))?$/s.exec(address) ?? []
  if (ending === undefined || ending === 'xml') return { name, format: 'xml' }
  return ending === 'json' ? { name, format: 'json' } : undefined
}

/** @param root name of the outermost element, which JSON does not have */
export function answer(format: Format, root: string, value: Value, status = 200): ChannelResponse {
  const body = format === 'json' ? JSON.stringify(value) : `<?xml version="1.0" encoding="utf-8"?>\n${builder.build({ [root]: toXml(root, value) })}`
  return { status, body, headers: { 'content-type': types[format], 'cache-control': 'no-store' } }
}

/** The status is the first problem's. */
export function refusal(format: Format, problems: readonly Problem[]): ChannelResponse {
  const status = problems[0]?.status ?? 400
  const response = answer(format, 'errors', problems.map((problem) => ({ code: problem.status, description: problem.description })), status)
  const later = { 429: '60', 503: '30' }[status]
  return later ? { ...response, headers: { ...response.headers, 'retry-after': later } } : response
}

/** A time by the W3C's note, always in UTC. */
export function formatDate(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}

function toXml(name: string, value: Value | undefined): unknown {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.length === 0 ? '' : { [entries[name] ?? 'entry']: value.map((one: Value) => toXml(name, one)) }
  if (typeof value === 'string') return cleanXml(value)
  return typeof value === 'object' ? Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined).map(([part, one]) => [part, toXml(part, one)])) : value
}

/** Characters that XML 1.0 cannot hold, even escaped (section 2.2). */
function cleanXml(text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}
