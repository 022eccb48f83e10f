/** Receives request bodies, with bounds per route, on memory for all of them, and on time. */
import type { Request, RequestHandler, Response } from 'express'
import { charsetOf } from '../platform/http-bodies/charset.ts'
import { readPairs } from '../platform/http-bodies/urlencoded.ts'
import { readTextParts } from '../platform/http-bodies/text-parts.ts'
import { EvenhandError } from '../platform/errors.ts'
import { addressKey } from '../platform/limits/address-key.ts'
import { ByteRoom } from '../platform/limits/byte-room.ts'

const MiB = 1024 ** 2

export interface BodyLimits {
  /** Bytes of all bodies received whose requests are not answered yet. */
  readonly bytes: number
  /** Of these, the most from one address, so that others can use the other half. */
  readonly bytesPerAddress: number
  /**
   * Bodies being received from one address at once. Visitors of a library send one each, for a
   * second to a minute; a slow attack sends hundreds.
   */
  readonly perAddress: number
  /** Silence in ms after which a sender is told that it was too slow. */
  readonly idleMs: number
}

/**
 * As much as for mail (channels/email/limits.ts): some 20 of the largest contacts, or thousands of
 * the usual ones.
 */
export const bodyLimits: BodyLimits = {
  bytes: 256 * MiB,
  bytesPerAddress: 128 * MiB,
  perAddress: 100,
  idleMs: 30_000
}

/** Longer bodies are refused unread: a minute of a fast line, and more than any camera's ten photos. */
const MOST_DROPPED = 500 * MiB
/** As much text as any form of ours takes (channels/web/limits.ts). */
const TEXT_KEPT = { fields: 200, textBytes: MiB }

export class Bodies {
  readonly #limits: BodyLimits
  readonly #room: ByteRoom
  readonly #receiving = new Map<string, number>()

  constructor(limits = bodyLimits) {
    this.#limits = limits
    this.#room = new ByteRoom(limits.bytes, limits.bytesPerAddress)
  }

  /** Bytes held in memory now. */
  get held(): number {
    return this.#room.bytes
  }

  /**
   * The unchanged body as a Buffer in `request.body`. @throws INTAKE_TOO_LARGE, INTAKE_BUSY,
   * RATE_LIMITED, REQUEST_SLOW, BAD_REQUEST
   */
  raw(limit: number, takes: (mediaType: string) => boolean = () => true): RequestHandler {
    return async (request, response, next) => {
      if (
        response.locals['textFields'] === undefined &&
        hasBody(request) &&
        takes(String(request.headers['content-type'] ?? ''))
      )
        request.body = await this.#receive(request, response, limit)
      next()
    }
  }

  /**
   * Of a multipart form longer than `limit`: its text fields in `response.locals.textFields`, and no
   * body. Files are dropped as they come, so it takes as little memory as any form.
   */
  textOf(limit: number): RequestHandler {
    return async (request, response, next) => {
      const length = Number(request.headers['content-length'])
      const isForm = /^multipart\/form-data *;/i.test(String(request.headers['content-type'] ?? ''))
      if (!isForm || !(length > limit) || length > MOST_DROPPED) return next()
      const key = this.#enter(request)
      try {
        response.locals['textFields'] = await readTextParts(request, request.headers, TEXT_KEPT)
      } finally {
        this.#leave(key)
      }
      next()
    }
  }

  /** A urlencoded body as an object of texts. A repeated name has a list. @throws as `raw` */
  form(limit: number, mostPairs: number): RequestHandler {
    const read = this.raw(limit, (mediaType) =>
      /^application\/x-www-form-urlencoded *(;|$)/i.test(mediaType)
    )
    return (request, response, next) =>
      read(request, response, (error?: unknown) => {
        if (error === undefined && Buffer.isBuffer(request.body))
          request.body = toObject(request.body, String(request.headers['content-type']), mostPairs)
        next(error)
      })
  }

  async #receive(request: Request, response: Response, limit: number): Promise<Buffer> {
    // No client of ours compresses bodies, and a compressed one could expand to any size.
    if ((request.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
      throw new EvenhandError('BAD_REQUEST', 'no content-encoding is taken')
    if (Number(request.headers['content-length']) > limit)
      throw new EvenhandError('INTAKE_TOO_LARGE')
    const key = this.#enter(request)
    try {
      return await this.#gather(request, response, key, limit)
    } finally {
      this.#leave(key)
    }
  }

  /** Counts a body that one address begins to send. @throws RATE_LIMITED */
  #enter({ ip }: Request): string {
    const key = addressKey(ip)
    const receiving = (this.#receiving.get(key) ?? 0) + 1
    if (receiving > this.#limits.perAddress)
      throw new EvenhandError(
        'RATE_LIMITED',
        `more than ${this.#limits.perAddress} requests are being sent from this address at once`
      )
    this.#receiving.set(key, receiving)
    return key
  }

  #leave(key: string): void {
    const left = this.#receiving.get(key)! - 1
    if (left > 0) this.#receiving.set(key, left)
    else this.#receiving.delete(key)
  }

  /** A body's bytes are counted until its request is answered, because they are held until then. */
  async #gather(request: Request, response: Response, key: string, limit: number): Promise<Buffer> {
    const chunks: Buffer[] = []
    let held = 0
    response.once('close', () => this.#room.give(key, held))
    await eachChunk(request, this.#limits.idleMs, (chunk) => {
      const taken = held + chunk.length > limit ? 'too-large' : this.#room.take(key, chunk.length)
      if (taken === 'too-large') throw new EvenhandError('INTAKE_TOO_LARGE')
      if (taken !== 'taken') throw new EvenhandError('INTAKE_BUSY')
      held += chunk.length
      chunks.push(chunk)
    })
    return Buffer.concat(chunks)
  }
}

/**
 * Calls `take` for each chunk until the end. If it throws, the rest is read and dropped, so that
 * the sender gets the answer.
 * @throws REQUEST_SLOW after a silence, BAD_REQUEST if the sender disconnected, whatever `take`
 * throws
 */
function eachChunk(request: Request, idleMs: number, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const silence = setTimeout(() => {
      // So slow a client should not keep its connection.
      request.res?.set('connection', 'close')
      finish(new EvenhandError('REQUEST_SLOW'))
    }, idleMs)
    const finish = (error?: unknown) => {
      clearTimeout(silence)
      request.off('data', hear).off('end', finish).off('close', leave)
      request.resume()
      if (error) reject(error as Error)
      else resolve()
    }
    const leave = () => finish(new EvenhandError('BAD_REQUEST', 'the sender went away'))
    const hear = (chunk: Buffer) => {
      silence.refresh()
      try {
        take(chunk)
      } catch (error) {
        finish(error)
      }
    }
    request.on('error', leave).once('close', leave).once('end', finish).on('data', hear)
  })
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined
}

function toObject(
  body: Buffer,
  mediaType: string,
  mostPairs: number
): Record<string, string | string[]> {
  const pairs = readPairs(body, charsetOf(mediaType), mostPairs)
  if (!pairs) throw new EvenhandError('INTAKE_TOO_LARGE', `a form of more than ${mostPairs} fields`)
  const values = Map.groupBy(pairs, ({ name }) => name)
  return Object.fromEntries(
    [...values].map(([name, given]) => [
      name,
      given.length === 1 ? given[0]!.value : given.map(({ value }) => value)
    ])
  )
}
