/** The two kinds of body that mail services send: forms, and JSON. */
import type { z } from 'zod'
import { parseFormAsSent, type Submission } from '../../../platform/http-bodies/form.ts'
import { readShape } from '../../../platform/http-bodies/json.ts'
import { decodedBytes } from '../../../platform/http-bodies/urlencoded.ts'
import { MAX_FIELDS, MAX_FILES } from './limits.ts'

export interface PostedForm {
  readonly text: (name: string) => string | undefined
  /** A value exactly as it came: a mail may hold bytes that are no text. */
  readonly bytes: (name: string) => Uint8Array | undefined
}

/** Undefined if it is no form, or has more parts than any service sends. */
export async function readForm(
  body: Uint8Array,
  mediaType: string
): Promise<PostedForm | undefined> {
  const given = await parseFormAsSent(body, mediaType, {
    fields: MAX_FIELDS,
    textBytes: body.length,
    files: MAX_FILES,
    fileBytes: body.length,
    nameLength: 255
  }).catch(() => undefined)
  return given && given.exceeded.length === 0 ? formOf(given, body, mediaType) : undefined
}

function formOf({ fields, spans }: Submission, body: Uint8Array, mediaType: string): PostedForm {
  const isEncoded = /^application\/x-www-form-urlencoded\b/i.test(mediaType)
  return {
    text: (name) => fields.find(([given]) => given === name)?.[1],
    bytes(name) {
      const span = spans.find((one) => one.name === name)
      if (!span) return undefined
      // A part of a multipart body would take the whole body along into another thread.
      const value = body.subarray(span.from, span.to)
      return isEncoded ? decodedBytes(value) : new Uint8Array(value)
    }
  }
}

/** JSON of this shape within a text. */
export function shapeOfText<T>(text: string | undefined, schema: z.ZodType<T>): T | undefined {
  return text === undefined ? undefined : readShape(Buffer.from(text), schema)
}

/** Takes out what a service does not say. */
export function said<T extends Record<string, unknown>>(
  values: T
): { [Name in keyof T]?: Exclude<T[Name], undefined | null> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null)
  ) as { [Name in keyof T]?: Exclude<T[Name], undefined | null> }
}
