/**
 * One download with bounds: exact hosts, https only, public addresses only, limited in bytes and
 * time.
 */
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { EvenhandError, type ErrorCode } from '../errors.ts'
import { isLoopbackHost, isPublicAddress, lookupPublic } from './public-addresses.ts'

export interface DownloadFile {
  readonly url: string
  /**
   * Hosts that may be connected to: exact names, with the port if it is not 443. A redirect to
   * another host is not followed. Only https is allowed, except for a loopback host named here.
   */
  readonly hosts: readonly string[]
  readonly maxBytes: number
  /**
   * Such as authorization. Never stored, never logged, and never sent to another host than the
   * address's own.
   */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Downloaded {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface DownloadLimits {
  /** Time in ms without any data after which the host is given up. */
  readonly idleMs: number
  /** Time in ms for all redirects and the body together. */
  readonly totalMs: number
}

/**
 * An hour of recording is 30 MB and takes a minute on a slow line. A host that sends nothing for 20
 * s is taken to be down.
 */
const LIMITS: DownloadLimits = { idleMs: 20_000, totalMs: 120_000 }
/** Most redirects. Providers redirect from their API to their file store: once, rarely twice. */
const MAX_HOPS = 3

/**
 * @throws EvenhandError FETCH_REFUSED, FETCH_LIMIT, FETCH_GONE (trying again is no use),
 * FETCH_FAILED, FETCH_DOWN (temporary); none names the address
 */
export async function download(
  file: DownloadFile,
  limits: DownloadLimits = LIMITS
): Promise<Downloaded> {
  const signal = AbortSignal.timeout(limits.totalMs)
  try {
    return await follow(file, limits, signal)
  } catch (error) {
    if (error instanceof EvenhandError) throw error
    const { code } = error as { code?: unknown }
    throw new EvenhandError(
      'FETCH_DOWN',
      signal.aborted ? 'it took too long' : typeof code === 'string' ? code : 'the connection broke'
    )
  }
}

async function follow(
  file: DownloadFile,
  limits: DownloadLimits,
  signal: AbortSignal
): Promise<Downloaded> {
  const origin = parse(file.url)
  for (let url = origin, hop = 0; hop <= MAX_HOPS; hop += 1) {
    refuseElsewhere(url, file.hosts)
    const response = await open(
      url,
      url.host === origin.host ? file.headers : undefined,
      limits,
      signal
    )
    const { statusCode: status = 0, headers } = response
    if (status === 200) return readBody(response, file.maxBytes)
    response.destroy()
    if (status < 300 || status >= 400 || !headers.location)
      throw new EvenhandError(codeOf(status), `HTTP ${status}`)
    url = parse(headers.location, url)
  }
  throw new EvenhandError('FETCH_FAILED', 'it was sent on too often')
}

/**
 * Refused credentials (401, 403) can be fixed by us, 408 and 429 ask to wait, and a provider that
 * is down comes back.
 */
function codeOf(status: number): ErrorCode {
  if (status === 410) return 'FETCH_GONE'
  return status >= 500 || [401, 403, 408, 429].includes(status) ? 'FETCH_DOWN' : 'FETCH_FAILED'
}

function parse(address: string, base?: URL): URL {
  const url = URL.parse(address, base?.href)
  if (!url) throw new EvenhandError('FETCH_REFUSED', 'its address is none')
  return url
}

/** Every redirect is checked against the channel's own list, because its target is untrusted. */
function refuseElsewhere(url: URL, hosts: readonly string[]): void {
  if (!hosts.includes(url.host))
    throw new EvenhandError('FETCH_REFUSED', "its host is not one of the provider's")
  if (url.username || url.password)
    throw new EvenhandError('FETCH_REFUSED', 'its address holds a password')
  if (isLoopbackHost(url.hostname)) return
  if (url.protocol !== 'https:')
    throw new EvenhandError('FETCH_REFUSED', 'its address is not https')
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (net.isIP(literal) && !isPublicAddress(literal))
    throw new EvenhandError('FETCH_REFUSED', 'its host is inside our network')
}

function open(
  url: URL,
  headers: DownloadFile['headers'],
  { idleMs }: DownloadLimits,
  signal: AbortSignal
): Promise<IncomingMessage> {
  const options = {
    // A new connection each time: one opened for another purpose is never reused.
    agent: false,
    signal,
    headers: { 'accept-encoding': 'identity', ...headers },
    ...(isLoopbackHost(url.hostname) ? {} : { lookup: lookupPublic })
  }
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).get(url, options, resolve)
    request.setTimeout(idleMs, () =>
      request.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' }))
    )
    request.on('error', reject)
  })
}

/** Bytes are counted as they come, because the length in a header is only a claim. */
async function readBody(response: IncomingMessage, maxBytes: number): Promise<Downloaded> {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw refuse(response, new EvenhandError('FETCH_FAILED', 'it came compressed'))
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > maxBytes)
      throw refuse(response, new EvenhandError('FETCH_LIMIT', `more than ${maxBytes} bytes`))
    chunks.push(chunk)
  }
  return {
    mediaType: mediaTypeOf(response.headers['content-type']),
    bytes: Buffer.concat(chunks, length)
  }
}

function refuse(response: IncomingMessage, error: EvenhandError): EvenhandError {
  response.destroy()
  return error
}

/**
 * Type and subtype without parameters (RFC 9110 section 8.3.1). Anything else counts as unknown
 * bytes.
 */
function mediaTypeOf(header: string | undefined): string {
  const type = header?.split(';', 1)[0]!.trim().toLowerCase() ?? ''
  return /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/.test(type)
    ? type
    : 'application/octet-stream'
}
