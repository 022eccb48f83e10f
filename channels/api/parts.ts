/**
 * Parses a request body: JSON, or multipart/form-data (RFC 7578) with a JSON part `contact` and
 * files beside it.
 */
import { parseJson, readJson } from '../../platform/http-bodies/json.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { parseForm, type FormLimits, type Submission } from '../../platform/http-bodies/form.ts'
import { contactSchema } from './contact.ts'
import { MAX_CONTACT_BYTES, MAX_FILE_BYTES, MAX_FILES, MAX_NAME, MAX_PARTS } from './limits.ts'

export interface SubmittedFile {
  readonly name: string
  readonly mediaType: string
  readonly content: Uint8Array
}

export interface Parts {
  /** The contact, not checked yet. It is without its files if these could be decoded. */
  readonly contact: unknown
  readonly files: readonly SubmittedFile[]
}

/**
 * Bounds on parts. The contact may come as a field or as a file, and some client libraries add a
 * few empty files.
 */
const limits: FormLimits = {
  fields: 1,
  textBytes: MAX_CONTACT_BYTES + 100,
  files: MAX_PARTS,
  fileBytes: MAX_FILE_BYTES + MAX_CONTACT_BYTES,
  nameLength: MAX_NAME
}

export function isMultipart(mediaType: string): boolean {
  return /^multipart\/form-data *;/i.test(mediaType)
}

/** @throws BAD_REQUEST, MEDIA_TYPE_UNKNOWN, INTAKE_TOO_LARGE */
export async function takeApart(bytes: Uint8Array, mediaType: string): Promise<Parts> {
  if (!isMultipart(mediaType)) return withoutFiles(await readJson(bytes, mediaType), [])
  const form = await parseForm(bytes, mediaType, limits).catch((error: unknown) => {
    throw new EvenhandError('BAD_REQUEST', 'the body is not multipart/form-data', { cause: error })
  })
  const contacts = form.spans.filter(({ name }) => name === 'contact')
  const other = form.fields.find(([name]) => name !== 'contact')
  if (other)
    throw new EvenhandError(
      'BAD_REQUEST',
      `"${other[0].slice(0, 40).toWellFormed()}" is neither the part "contact" nor a file`
    )
  if (contacts.length > 1 || (contacts.length === 0 && form.exceeded.length === 0))
    throw new EvenhandError(
      'BAD_REQUEST',
      'the body needs one part "contact" with the contact as JSON'
    )
  if (form.exceeded.length > 0 || contacts[0]!.to - contacts[0]!.from > MAX_CONTACT_BYTES)
    throw new EvenhandError('INTAKE_TOO_LARGE', `at most ${MAX_FILES} files`)
  return withoutFiles(parseJson(bytes.subarray(contacts[0]!.from, contacts[0]!.to)), filesOf(form))
}

function filesOf({ files }: Submission): SubmittedFile[] {
  return files
    .filter(({ field }) => field !== 'contact')
    .map(({ name, mediaType, content }) => ({ name: name || 'file', mediaType, content }))
}

/**
 * If the contact is valid, its embedded files are decoded to bytes like the separate parts. If not,
 * it is left unchanged, so that the check can report what is wrong.
 */
function withoutFiles(contact: unknown, beside: readonly SubmittedFile[]): Parts {
  const checked = contactSchema.safeParse(contact)
  if (!checked.success) return { contact, files: beside }
  const inside = checked.data.files.map(({ name, mediaType, content }) => ({
    name,
    mediaType,
    content: Buffer.from(content, 'base64')
  }))
  return { contact: { ...checked.data, files: [] }, files: [...inside, ...beside] }
}
