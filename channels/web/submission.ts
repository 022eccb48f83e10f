/** Parses what one of our forms was sent with, within this channel's bounds. */
import { parseForm, type FormLimits, type Submission } from '../../platform/http-bodies/form.ts'
import { MAX_FIELDS, MAX_FILE_BYTES, MAX_FILES, MAX_NAME_LENGTH, MAX_TEXT_BYTES } from './limits.ts'

export type { Bound, Submission, SubmittedFile } from '../../platform/http-bodies/form.ts'

/** Hidden fields that our pages and browsers add to a form. */
export const hiddenFields: ReadonlySet<string> = new Set([
  '_token',
  '_language',
  '_more',
  '_charset_'
])

const limits: FormLimits = {
  fields: MAX_FIELDS,
  textBytes: MAX_TEXT_BYTES,
  files: MAX_FILES,
  fileBytes: MAX_FILE_BYTES,
  nameLength: MAX_NAME_LENGTH
}

/**
 * Parses a body. @throws EvenhandError READ_UNPARSEABLE if it is not a form or a part of it cannot
 * be read
 */
export function parseSubmission(bytes: Uint8Array, mediaType: string): Promise<Submission> {
  return parseForm(bytes, mediaType, limits)
}
