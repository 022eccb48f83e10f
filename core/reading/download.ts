/** One download with bounds: exact hosts, https, public addresses, so many bytes, so long. */
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import net from 'node:net'
import type { RemoteFile } from '../channel.ts'
import { EvenhandError, type ErrorCode } from '../errors.ts'
import { isLoopbackHost, isPublicAddress, lookupPublic } from './addresses.ts'

export interface Downloaded {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface DownloadLimits {
  /** Silence after which a host is given up, in ms. */
  readonly idleMs: number
  /** All hops and the body together, in ms. */
  readonly totalMs: number
}

/** An hour of recording is 30 MB and takes a minute on a slow line; a host that says nothing for 20 s has nothing to say. */
const LIMITS: DownloadLimits = { idleMs: 20_000, totalMs: 120_000 }
/** Providers send from their API to their store: one hop, rarely two. */
const MAX_HOPS = 3

/** @throws EvenhandError FETCH_REFUSED, FETCH_LIMIT, FETCH_GONE (trying again is no use), FETCH_FAILED, FETCH_DOWN (will pass); none names the address */
export async function download(file: RemoteFile, limits: DownloadLimits = LIMITS): Promise<Downloaded> {
  const signal = AbortSignal.timeout(limits.totalMs)
  try {
    return await follow(file, limits, signal)
  } catch (error) {
    if (error instanceof EvenhandError) throw error
    const { code } = error as { code?: unknown }
    throw new EvenhandError('FETCH_DOWN', signal.aborted ? 'it took too long' : typeof code === 'string' ? code : 'the connection broke')
  }
}

async function follow(file: RemoteFile, limits: DownloadLimits, signal: AbortSignal): Promise<Downloaded> {
  const origin = parse(file.url)
  for (let url = origin, hop = 0; hop <= MAX_HOPS; hop += 1) {
    refuseElsewhere(url, file.hosts)
    const response = await open(url, url.host === origin.host ? file.headers : undefined, limits, signal)
    const { statusCode: status = 0, headers } = response
    if (status === 200) return readBody(response, file.maxBytes)
    response.destroy()
    if (status < 300 || status >= 400 || !headers.location) throw new EvenhandError(codeOf(status), `HTTP ${status}`)
    url = parse(headers.location, url)
  }
  throw new EvenhandError('FETCH_FAILED', 'it was sent on too often')
}

/** Refused credentials (401, 403) are ours to mend, 408 and 429 ask for patience, and a provider that is down comes back. */
function codeOf(status: number): ErrorCode {
  if (status === 410) return 'FETCH_GONE'
  return status >= 500 || [401, 403, 408, 429].includes(status) ? 'FETCH_DOWN' : 'FETCH_FAILED'
}

function parse(address: string, base?: URL): URL {
  const url = URL.parse(address, base?.href)
  if (!url) throw new EvenhandError('FETCH_REFUSED', 'its address is none')
  return url
}

/** Every hop is held against the channel's own list: a redirect is a stranger's word. */
function refuseElsewhere(url: URL, hosts: readonly string[]): void {
  if (!hosts.includes(url.host)) throw new EvenhandError('FETCH_REFUSED', 'its host is not one of the provider\'s')
  if (url.username || url.password) throw new EvenhandError('FETCH_REFUSED', 'its address holds a password')
  if (isLoopbackHost(url.hostname)) return
  if (url.protocol !== 'https:') throw new EvenhandError('FETCH_REFUSED', 'its address is not https')
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (net.isIP(literal) && !isPublicAddress(literal)) throw new EvenhandError('FETCH_REFUSED', 'its host is inside our network')
}

function open(url: URL, headers: RemoteFile['headers'], { idleMs }: DownloadLimits, signal: AbortSignal): Promise<IncomingMessage> {
  const options = {
    // One connection each: none that was opened for another purpose is used again.
    agent: false, signal, headers: { 'accept-encoding': 'identity', ...headers },
    ...(isLoopbackHost(url.hostname) ? {} : { lookup: lookupPublic })
  }
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).get(url, options, resolve)
    request.setTimeout(idleMs, () => request.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })))
    request.on('error', reject)
  })
}

/** Counted as it comes: what a header says of the length is a claim. */
async function readBody(response: IncomingMessage, maxBytes: number): Promise<Downloaded> {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw refuse(response, new EvenhandError('FETCH_FAILED', 'it came compressed'))
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > maxBytes) throw refuse(response, new EvenhandError('FETCH_LIMIT', `more than ${maxBytes} bytes`))
    chunks.push(chunk)
  }
  return { mediaType: mediaTypeOf(response.headers['content-type']), bytes: Buffer.concat(chunks, length) }
}

function refuse(response: IncomingMessage, error: EvenhandError): EvenhandError {
  response.destroy()
  return error
}

/** Type and subtype without parameters (RFC 9110 section 8.3.1); anything else is unknown bytes. */
function mediaTypeOf(header: string | undefined): string {
  const type = header?.split(';', 1)[0]!.trim().toLowerCase() ?? ''
  return /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/.test(type) ? type : 'application/octet-stream'
}
