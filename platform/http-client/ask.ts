/**
 * One question to a service that an administrator named: bounded in bytes and time. Redirects are
 * not followed, as the question may carry a secret.
 */
import { EvenhandError } from '../errors.ts'
import { retryAfterSeconds } from './retry-after.ts'

export interface Question {
  readonly headers?: Readonly<Record<string, string>>
  /** Posted as a form; without it the question is a GET. */
  readonly form?: URLSearchParams
  /** Of a longer answer its start is given. */
  readonly maxBytes: number
  /** So much is read of an answer that says itself that it is longer than `maxBytes`. */
  readonly startBytes?: number
  /** Silence in ms after which the service is given up. */
  readonly idleMs: number
  /** Time in ms for all of it. */
  readonly totalMs: number
}

export interface Answered {
  readonly status: number
  /** Seconds, as asked for by Retry-After. */
  readonly retryAfter: number | undefined
  /** Bytes of the whole, where the answer says so. */
  readonly size: number | undefined
  readonly bytes: Uint8Array
}

/**
 * Asks, and answers what came, whatever its status.
 * @throws EvenhandError FETCH_DOWN without an answer, or when it breaks off; its detail is a code
 * of the system where there is one
 */
export async function ask(url: string, question: Question): Promise<Answered> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), question.idleMs)
  const signal = AbortSignal.any([silence.signal, AbortSignal.timeout(question.totalMs)])
  try {
    const response = await fetch(url, {
      ...(question.form ? { method: 'POST', body: question.form } : {}),
      // The length that is said is then that of what is read.
      headers: { 'accept-encoding': 'identity', ...question.headers },
      redirect: 'manual',
      signal
    })
    return await read(response, question, () => timer.refresh())
  } catch (error) {
    const detail = signal.aborted ? 'ETIMEDOUT' : codeOf(error)
    throw new EvenhandError('FETCH_DOWN', detail, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

async function read(
  response: Response,
  { maxBytes, startBytes = maxBytes }: Question,
  heard: () => void
): Promise<Answered> {
  const size = sizeOf(response.headers.get('content-length'))
  const most = size !== undefined && size > maxBytes ? startBytes : maxBytes
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    heard()
    chunks.push(chunk)
    length += chunk.length
    if (length >= most) break
  }
  return {
    status: response.status,
    retryAfter: retryAfterSeconds(response.headers.get('retry-after')),
    size,
    bytes: Buffer.concat(chunks, Math.min(length, most))
  }
}

function sizeOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}

/** Of an error of fetch the cause knows more. */
function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  const said = cause?.code ?? code
  return typeof said === 'string' ? said : 'the connection broke'
}
