/**
 * Parses untrusted JSON. Depth and number of values are checked by one pass over the bytes before
 * anything is built.
 */
import type { z } from 'zod'
import { EvenhandError } from '../errors.ts'

export interface JsonBounds {
  /** Levels of nested brackets. */
  readonly depth: number
  /** Members and entries of all objects and lists together. */
  readonly values: number
}

/** The deepest body we accept has five levels; the largest has some 600 values. */
export const jsonBounds: JsonBounds = { depth: 32, values: 10_000 }

/**
 * Parses JSON in UTF-8 (RFC 8259) within the bounds.
 * @throws EvenhandError BAD_REQUEST if it is not JSON; INTAKE_TOO_LARGE over a bound
 */
export function parseJson(bytes: Uint8Array, bounds = jsonBounds): unknown {
  checkJson(bytes, bounds)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new EvenhandError('BAD_REQUEST', 'the body is not JSON in UTF-8', { cause: error })
  }
}

/** JSON of a shape; undefined if it is none, or over a bound. */
export function readShape<T>(bytes: Uint8Array, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(parseJson(bytes)).data
  } catch {
    return undefined
  }
}

/**
 * Returns how many bytes were examined, at most all. @throws EvenhandError INTAKE_TOO_LARGE at the
 * first bracket or comma over a bound
 */
export function checkJson(bytes: Uint8Array, { depth: deepest, values: most }: JsonBounds): number {
  let depth = 0
  let values = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === 0x22) at = endOfString(bytes, at)
    else if (byte === 0x7d || byte === 0x5d) depth--
    else if (byte === 0x7b || byte === 0x5b) {
      depth++
      values++
    } else if (byte === 0x2c) values++
    if (depth > deepest)
      throw new EvenhandError('INTAKE_TOO_LARGE', `JSON of more than ${deepest} levels`)
    if (values > most)
      throw new EvenhandError(
        'INTAKE_TOO_LARGE',
        `JSON of more than ${most.toLocaleString('en')} values`
      )
  }
  return bytes.length
}

/**
 * Where the string that begins here ends: at its closing quotation mark, or at the end of the body.
 */
function endOfString(bytes: Uint8Array, from: number): number {
  let at = from + 1
  while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1
  return at
}

/**
 * Parses a JSON body. An empty body gives an empty object. @throws EvenhandError BAD_REQUEST,
 * MEDIA_TYPE_UNKNOWN, INTAKE_TOO_LARGE
 */
export async function readJson(bytes: Uint8Array, mediaType: string): Promise<unknown> {
  if (bytes.length === 0) return {}
  if (!/^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i.test(mediaType))
    throw new EvenhandError('MEDIA_TYPE_UNKNOWN', 'application/json is expected')
  return parseJson(bytes)
}
