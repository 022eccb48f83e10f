/** Reads what a request to submit a contact contains. A large body is parsed in a thread. */
import { createHash } from 'node:crypto'
import { LARGE_BODY, runAside } from '../../platform/http-bodies/aside.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { NewContact } from './contact.ts'
import { MAX_FILE_BYTES, MAX_FILES } from './limits.ts'
import { takeApart, type Parts, type SubmittedFile } from './parts.ts'
import type { Task } from './take-apart.ts'

/**
 * The contact as JSON without its files, not checked yet. @throws BAD_REQUEST, MEDIA_TYPE_UNKNOWN,
 * INTAKE_TOO_LARGE, INTAKE_BUSY
 */
export async function readContact(bytes: Uint8Array, mediaType: string): Promise<unknown> {
  return (await partsOf(bytes, mediaType)).contact
}

/** The files of a body whose contact has been checked. @throws BAD_REQUEST, INTAKE_TOO_LARGE */
export async function readFiles(
  bytes: Uint8Array,
  mediaType: string
): Promise<readonly SubmittedFile[]> {
  const { files } = await partsOf(bytes, mediaType)
  const total = files.reduce((sum, { content }) => sum + content.length, 0)
  if (files.length > MAX_FILES || total > MAX_FILE_BYTES)
    throw new EvenhandError(
      'INTAKE_TOO_LARGE',
      `at most ${MAX_FILES} files of ${MAX_FILE_BYTES / 1024 ** 2} MB together`
    )
  return files
}

/**
 * The bytes by which two bodies count as the same contact: their content, whatever the encoding or
 * the part boundaries.
 */
export async function identify(
  contact: NewContact,
  bytes: Uint8Array,
  mediaType: string
): Promise<Uint8Array> {
  const hash = createHash('sha256').update(JSON.stringify({ ...contact, files: [] }))
  for (const { name, mediaType: type, content } of await readFiles(bytes, mediaType))
    hash.update(JSON.stringify([name, type, content.length])).update(content)
  return hash.digest()
}

/** Contact, files and identity are asked for one after the other; the body is parsed only once. */
const taken = new WeakMap<Uint8Array, Promise<Parts>>()

function partsOf(bytes: Uint8Array, mediaType: string): Promise<Parts> {
  const known = taken.get(bytes) ?? takeLarge(bytes, mediaType)
  taken.set(bytes, known)
  return known
}

async function takeLarge(bytes: Uint8Array, mediaType: string): Promise<Parts> {
  const task: Task = { bytes, mediaType }
  return bytes.length > LARGE_BODY
    ? runAside(new URL('./take-apart.ts', import.meta.url), task)
    : takeApart(bytes, mediaType)
}
