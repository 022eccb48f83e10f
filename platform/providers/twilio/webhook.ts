/**
 * Reads what Twilio posts to us and checks that Twilio sent it. Twilio's own library checks
 * signatures over the exact public address (twilio.com/docs/usage/security). PUBLIC_URL gives that
 * address, because a proxy may hide it and a client's headers may lie about it.
 */
import twilio from 'twilio/lib/webhooks/webhooks.js'
import type { Settings } from '../../../config/settings.ts'
import { charsetOf } from '../../http-bodies/charset.ts'
import { parseJson } from '../../http-bodies/json.ts'
import { readPairs } from '../../http-bodies/urlencoded.ts'

/**
 * Most parameters; Twilio sends about 40, and 20 more for ten pictures. A request with more is left
 * to a person.
 */
const MAX_PARAMETERS = 500

export type TwilioParameters = Readonly<Record<string, string>>

/** A request as it came, with the exact public address. */
export interface SignedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array
}

/** True, or one sentence why it does not count as sent by Twilio. */
export type SignatureVerdict = true | string

/**
 * Parameters of a form, or the texts and numbers of a JSON object. Undefined if the body is
 * neither. A repeated name keeps its first value.
 */
export function parametersOf(bytes: Uint8Array, mediaType: string): TwilioParameters | undefined {
  const entries = isJson(mediaType) ? jsonEntries(bytes) : formEntries(bytes, mediaType)
  if (!entries || entries.length > MAX_PARAMETERS) return undefined
  return Object.fromEntries(entries.toReversed())
}

function formEntries(bytes: Uint8Array, mediaType: string): [string, string][] | undefined {
  return readPairs(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    charsetOf(mediaType),
    MAX_PARAMETERS
  )?.map(({ name, value }) => [name, value])
}

function jsonEntries(bytes: Uint8Array): [string, string][] | undefined {
  try {
    const parsed = parseJson(bytes)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
    return Object.entries(parsed).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : []
    )
  } catch {
    return undefined
  }
}

export function contentTypeOf(request: SignedRequest): string {
  return headerOf(request, 'content-type') ?? 'application/x-www-form-urlencoded'
}

/** Whether a request was signed with one of our tokens. */
export function verify(
  request: SignedRequest,
  { TWILIO_AUTH_TOKEN: tokens }: Settings
): SignatureVerdict {
  const signature = headerOf(request, 'x-twilio-signature')
  if (tokens.length === 0)
    return 'It cannot be told whether Twilio sent it: TWILIO_AUTH_TOKEN is not set.'
  if (!signature) return 'It carries no signature of Twilio.'
  // Twilio does not say whether it signs the part after # that asks for retries (doctor prints it),
  // so both forms are tried.
  const addresses = [request.url, `${request.url}#rc=5&rp=all`]
  if (
    tokens.some((token) => addresses.some((url) => isSigned({ ...request, url }, signature, token)))
  )
    return true
  return "Its signature is not Twilio's: it was forged, or PUBLIC_URL or TWILIO_AUTH_TOKEN is not what Twilio has."
}

function isSigned(request: SignedRequest, signature: string, token: string): boolean {
  const { url, body, method } = request
  try {
    if (new URL(url).searchParams.has('bodySHA256'))
      return twilio.validateRequestWithBody(
        token,
        signature,
        url,
        Buffer.from(body).toString('utf8')
      )
    if (isJson(contentTypeOf(request))) return false
    return twilio.validateRequest(
      token,
      signature,
      url,
      method === 'GET' ? {} : repeatedOf(body, contentTypeOf(request))
    )
  } catch {
    // The URL is invalid.
    return false
  }
}

/**
 * Parameters as the signature counts them, with every value of a repeated name. A request with more
 * parameters than we read is not from Twilio.
 */
function repeatedOf(bytes: Uint8Array, mediaType: string): Record<string, string | string[]> {
  const given = Map.groupBy(formEntries(bytes, mediaType) ?? [], ([name]) => name)
  return Object.fromEntries(
    [...given].map(([name, pairs]) => [
      name,
      pairs.length === 1 ? pairs[0]![1] : pairs.map(([, value]) => value)
    ])
  )
}

function isJson(mediaType: string): boolean {
  return /^application\/json\b/i.test(mediaType)
}

function headerOf({ headers }: SignedRequest, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
