/** What a form of ours was sent with, within this channel's bounds. */
import { parseForm, type FormLimits, type Submission } from '../../core/form-body.ts'
import { MAX_FIELDS, MAX_FILE_BYTES, MAX_FILES, MAX_NAME_LENGTH, MAX_TEXT_BYTES } from './limits.ts'

export type { Bound, Submission, SubmittedFile } from '../../core/form-body.ts'

/** What our pages add to a form's own fields, unseen. */
export const hiddenFields: ReadonlySet<string> = new Set(['_token', '_language', '_more'])

const limits: FormLimits = { fields: MAX_FIELDS, textBytes: MAX_TEXT_BYTES, files: MAX_FILES, fileBytes: MAX_FILE_BYTES, nameLength: MAX_NAME_LENGTH }

/** Takes a body apart. @throws EvenhandError READ_UNPARSEABLE when it is not a form or a part of it cannot be read */
export function parseSubmission(bytes: Uint8Array, mediaType: string): Promise<Submission> {
  return parseForm(bytes, mediaType, limits)
}
