/**
 * One outgoing HTTP request: bounded in time and size, to public addresses by https unless
 * configured otherwise. Redirects are not followed.
 */
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { isPublicAddress, lookupPublic } from './public-addresses.ts'
import { retryAfterSeconds } from './retry-after.ts'

export interface Posted {
  /** Undefined if there was no answer. */
  readonly status: number | undefined
  /** The answer's Retry-After, in seconds. */
  readonly retryAfter: number | undefined
  /** What went wrong, for people to read. Never contains the answer's text. */
  readonly problem: string | undefined
}

export interface PostOptions {
  /** Allows http, and addresses of this machine and its network. */
  readonly allowPrivate: boolean
  readonly timeoutMs?: number
}

/** A receiver that needs longer should store the event and process it afterwards. */
const TIMEOUT_MS = 15_000
/** Bytes. Only status and headers of an answer are used; a longer one is cut off. */
const ANSWER_LIMIT = 64 * 1024

/** Posts, and returns the outcome; never throws. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: PostOptions
): Promise<Posted> {
  const target = new URL(url)
  const refusal = refuse(target, options)
  if (refusal) return failed(refusal)
  return new Promise((resolve) => {
    const { request } = target.protocol === 'https:' ? https : http
    const sent = request(
      target,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
        ...(options.allowPrivate ? {} : { lookup: lookupPublic, agent: false })
      },
      (response) => resolve(read(response))
    )
    sent.on('error', (error) => resolve(failed(reasonOf(error))))
    sent.end(body)
  })
}

function refuse({ protocol, hostname }: URL, { allowPrivate }: PostOptions): string | undefined {
  if (allowPrivate) return undefined
  if (protocol !== 'https:') return 'only https is allowed'
  const address = hostname.replace(/^\[|\]$/g, '')
  return net.isIP(address) && !isPublicAddress(address)
    ? 'the address is of a private network'
    : undefined
}

async function read(response: http.IncomingMessage): Promise<Posted> {
  let seen = 0
  response.on('data', (chunk: Buffer) => {
    seen += chunk.length
    if (seen > ANSWER_LIMIT) response.destroy()
  })
  await new Promise((resolve) => {
    response.on('close', resolve).on('error', resolve)
  })
  const status = response.statusCode!
  return {
    status,
    retryAfter: retryAfterSeconds(response.headers['retry-after']),
    problem: status >= 200 && status < 300 ? undefined : `it answered ${status}`
  }
}

function failed(problem: string): Posted {
  return { status: undefined, retryAfter: undefined, problem }
}

function reasonOf(error: Error & { code?: unknown }): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return 'it did not answer in time'
  return typeof error.code === 'string'
    ? `it could not be reached (${error.code})`
    : 'it could not be reached'
}
