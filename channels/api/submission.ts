/** A request body taken apart: JSON, or multipart/form-data (RFC 7578) with a part `contact` that is JSON and files beside it. */
import { createHash } from 'node:crypto'
import { readJson } from '../../core/api/serve.ts'
import { EvenhandError } from '../../core/errors.ts'
import type { NewContact } from './contact.ts'
import { MAX_CONTACT_BYTES, MAX_FILE_BYTES, MAX_FILES, MAX_NAME, MAX_PARTS } from './limits.ts'

export interface SubmittedFile {
  readonly name: string
  readonly mediaType: string
  readonly content: Buffer
}

/** The contact as JSON, not checked yet. @throws BAD_REQUEST, MEDIA_TYPE_UNKNOWN, INTAKE_TOO_LARGE */
export async function readContact(bytes: Uint8Array, mediaType: string): Promise<unknown> {
  if (!isMultipart(mediaType)) return readJson(bytes, mediaType)
  const { contact } = await readParts(bytes, mediaType)
  return contact
}

/** The files of a body whose contact has been checked. @throws BAD_REQUEST, INTAKE_TOO_LARGE */
export async function readFiles(contact: NewContact, bytes: Uint8Array, mediaType: string): Promise<SubmittedFile[]> {
  const inside = contact.files.map(({ name, mediaType: type, content }) => ({ name, mediaType: type, content: Buffer.from(content, 'base64') }))
  const files = [...inside, ...(isMultipart(mediaType) ? (await readParts(bytes, mediaType)).files : [])]
  const total = files.reduce((sum, { content }) => sum + content.length, 0)
  if (files.length > MAX_FILES || total > MAX_FILE_BYTES) throw new EvenhandError('INTAKE_TOO_LARGE', `at most ${MAX_FILES} files of ${MAX_FILE_BYTES / 1024 ** 2} MB together`)
  return files
}

/** What makes two bodies the same contact: what they say, not how it was written down or where a part ended. */
export async function identify(contact: NewContact, bytes: Uint8Array, mediaType: string): Promise<Uint8Array> {
  const hash = createHash('sha256').update(JSON.stringify({ ...contact, files: [] }))
  for (const { name, mediaType: type, content } of await readFiles(contact, bytes, mediaType)) hash.update(JSON.stringify([name, type, content.length])).update(content)
  return hash.digest()
}

function isMultipart(mediaType: string): boolean {
  return /^multipart\/form-data *;/i.test(mediaType)
}

interface Parts { readonly contact: unknown; readonly files: SubmittedFile[] }

/** The contact, its files and what identifies it are asked for one after the other; the body is taken apart once. */
const taken = new WeakMap<Uint8Array, Promise<Parts>>()

function readParts(bytes: Uint8Array, mediaType: string): Promise<Parts> {
  const known = taken.get(bytes) ?? takeApart(bytes, mediaType)
  taken.set(bytes, known)
  return known
}

async function takeApart(bytes: Uint8Array, mediaType: string): Promise<Parts> {
  countParts(bytes, mediaType)
  const form = await new Response(Buffer.from(bytes), { headers: { 'content-type': mediaType } }).formData().catch((error: unknown) => { throw new EvenhandError('BAD_REQUEST', 'the body is not multipart/form-data', { cause: error }) })
  const given = form.getAll('contact')
  if (given.length !== 1) throw new EvenhandError('BAD_REQUEST', 'the body needs one part "contact" with the contact as JSON')
  const text = typeof given[0] === 'string' ? Buffer.from(given[0]) : Buffer.from(await given[0]!.arrayBuffer())
  if (text.length > MAX_CONTACT_BYTES) throw new EvenhandError('INTAKE_TOO_LARGE')
  const parts = [...form].filter(([name]) => name !== 'contact')
  return { contact: await readJson(text, 'application/json'), files: await Promise.all(parts.map(([name, part]) => toFile(name, part))) }
}

/** Counted before they are parsed: a body of nothing but boundaries would otherwise become a million parts. */
function countParts(bytes: Uint8Array, mediaType: string): void {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^;\s"]{1,70}))/i.exec(mediaType)
  const delimiter = match && `--${match[1] ?? match[2]}`
  if (!delimiter) throw new EvenhandError('BAD_REQUEST', 'the content-type has no boundary')
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let parts = 0
  for (let at = body.indexOf(delimiter); at !== -1 && parts <= MAX_PARTS; at = body.indexOf(delimiter, at + delimiter.length)) parts++
  if (parts > MAX_PARTS) throw new EvenhandError('INTAKE_TOO_LARGE', `at most ${MAX_FILES} files`)
}

async function toFile(field: string, part: string | File): Promise<SubmittedFile> {
  if (typeof part === 'string') throw new EvenhandError('BAD_REQUEST', `"${field.slice(0, 40).toWellFormed()}" is neither the part "contact" nor a file`)
  return { name: (part.name || 'file').replace(/[\p{Cc}/\\]/gu, '_').slice(0, MAX_NAME), mediaType: part.type.split(';', 1)[0]!.trim() || 'application/octet-stream', content: Buffer.from(await part.arrayBuffer()) }
}
