/** Parses the body of a Phaxio callback: multipart/form-data, or urlencoded if it has no file. */
import { createHash } from 'node:crypto'
import { parseFormAsSent, type FormLimits } from '../../platform/http-bodies/form.ts'
import {
  MAX_CALLBACK_BYTES,
  MAX_CALLBACK_FIELD_BYTES,
  MAX_CALLBACK_FIELDS,
  MAX_CALLBACK_FILES
} from './limits.ts'

export interface CallbackFile {
  /** Name of the form's part: "file", in older accounts "filename". */
  readonly field: string
  readonly name: string
  readonly bytes: Buffer
}

export interface Callback {
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly files: readonly CallbackFile[]
}

const limits: FormLimits = {
  fields: MAX_CALLBACK_FIELDS,
  textBytes: MAX_CALLBACK_FIELD_BYTES,
  files: MAX_CALLBACK_FILES,
  fileBytes: MAX_CALLBACK_BYTES,
  nameLength: 255
}

/** Undefined if the body is no form, or has more parts than a callback. */
export async function parseCallback(
  body: Uint8Array,
  mediaType: string
): Promise<Callback | undefined> {
  const given = await parseFormAsSent(body, mediaType, limits).catch(() => undefined)
  if (!given || given.exceeded.length > 0 || given.spans.length === 0) return undefined
  return {
    fields: given.fields,
    files: given.files.map(({ field, name, content }) => ({ field, name, bytes: content }))
  }
}

/**
 * The text that Phaxio signs: the address it called, then names and values sorted by name, then
 * names and SHA-1 of the files.
 */
export function signedText(url: string, { fields, files }: Callback): string {
  return (
    url +
    inOrder(fields) +
    inOrder(
      files.map(
        ({ field, bytes }) => [field, createHash('sha1').update(bytes).digest('hex')] as const
      )
    )
  )
}

function inOrder(pairs: readonly (readonly [string, string])[]): string {
  return pairs
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .flat()
    .join('')
}
