/**
 * What Twilio posts to us, and whether it was Twilio. Signatures are checked by Twilio's own library, over the exact public address
 * (twilio.com/docs/usage/security); PUBLIC_URL says it, because a proxy may hide it and a client's headers may lie about it.
 */
import twilio from 'twilio/lib/webhooks/webhooks.js'
import type { Settings } from '../../config/settings.ts'
import type { ChannelRequest } from '../channel.ts'

/** More than Twilio ever sends (about 40 and 20 for ten pictures); what is over is left to a person. */
const MAX_PARAMETERS = 500

export type Parameters = Readonly<Record<string, string>>

/** True, or one sentence why it cannot be said to come from Twilio. */
export type Verdict = true | string

/** Parameters of a form or of a JSON object's texts and numbers; undefined where the body is neither. A repeated name keeps its first value. */
export function parametersOf(bytes: Uint8Array, mediaType: string): Parameters | undefined {
  const body = Buffer.from(bytes).toString('utf8')
  const entries = isJson(mediaType) ? jsonEntries(body) : [...new URLSearchParams(body)]
  if (!entries || entries.length > MAX_PARAMETERS) return undefined
  return Object.fromEntries(entries.toReversed())
}

function jsonEntries(body: string): [string, string][] | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
    return Object.entries(parsed).flatMap(([name, value]): [string, string][] => typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [])
  } catch {
    return undefined
  }
}

export function contentTypeOf(request: ChannelRequest): string {
  return headerOf(request, 'content-type') ?? 'application/x-www-form-urlencoded'
}

/** Whether a request was signed with one of our tokens. */
export function verify(request: ChannelRequest, { TWILIO_AUTH_TOKEN: tokens }: Settings): Verdict {
  const signature = headerOf(request, 'x-twilio-signature')
  if (tokens.length === 0) return 'It cannot be told whether Twilio sent it: TWILIO_AUTH_TOKEN is not set.'
  if (!signature) return 'It carries no signature of Twilio.'
  // Whether the part after # that asks for retries (doctor prints it) is signed along, Twilio does not say.
  const addresses = [request.url, `${request.url}#rc=5&rp=all`]
  if (tokens.some((token) => addresses.some((url) => isSigned({ ...request, url }, signature, token)))) return true
  return 'Its signature is not Twilio\'s: it was forged, or PUBLIC_URL or TWILIO_AUTH_TOKEN is not what Twilio has.'
}

function isSigned(request: ChannelRequest, signature: string, token: string): boolean {
  const { url, body, method } = request
  try {
    const text = Buffer.from(body).toString('utf8')
    if (new URL(url).searchParams.has('bodySHA256')) return twilio.validateRequestWithBody(token, signature, url, text)
    if (isJson(contentTypeOf(request))) return false
    return twilio.validateRequest(token, signature, url, method === 'GET' ? {} : repeatedOf(text))
  } catch {
    // An address that is none.
    return false
  }
}

/** As the signature has them: every value of a name that comes several times. */
function repeatedOf(body: string): Record<string, string | string[]> {
  const given = new URLSearchParams(body)
  return Object.fromEntries([...new Set(given.keys())].slice(0, MAX_PARAMETERS).map((name) => {
    const values = given.getAll(name)
    return [name, values.length === 1 ? values[0]! : values]
  }))
}

function isJson(mediaType: string): boolean {
  return /^application\/json\b/i.test(mediaType)
}

function headerOf({ headers }: ChannelRequest, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
