/** A form's request body taken apart: multipart/form-data (RFC 7578) or urlencoded. */
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { storableText } from '../../core/envelope.ts'
import { EvenhandError } from '../../core/errors.ts'
import { MAX_FIELDS, MAX_FILE_BYTES, MAX_FILES, MAX_NAME_LENGTH, MAX_TEXT_BYTES, MAX_URLENCODED_BYTES } from './limits.ts'

/** What our pages add to a form's own fields, unseen. */
export const hiddenFields: ReadonlySet<string> = new Set(['_token', '_language', '_more'])

export interface SubmittedFile {
  readonly field: string
  readonly name: string
  /** As the browser claims it. */
  readonly mediaType: string
  readonly content: Buffer
}

export interface Submission {
  /** In the order of the body; a name may come more than once. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly files: readonly SubmittedFile[]
  /** Which bounds were passed; the rest of the body was not kept. */
  readonly exceeded: readonly Bound[]
}

export type Bound = 'files' | 'file-bytes' | 'text'

/**
 * Takes a body apart.
 * @param mediaType the whole content-type header, with its boundary
 * @throws EvenhandError READ_UNPARSEABLE when it is not a form or a part of it cannot be read
 */
export async function parseSubmission(bytes: Uint8Array, mediaType: string): Promise<Submission> {
  const type = mediaType.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return parseUrlencoded(bytes)
  if (type === 'multipart/form-data') return parseMultipart(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), mediaType)
  throw new EvenhandError('READ_UNPARSEABLE', 'not a form')
}

function parseUrlencoded(bytes: Uint8Array): Submission {
  // Counted before parsing: a body of nothing but "&" would otherwise become millions of pairs.
  const pairs = bytes.reduce((count, byte) => count + (byte === 0x26 ? 1 : 0), 1)
  if (bytes.length > MAX_URLENCODED_BYTES || pairs > MAX_FIELDS) return { fields: [], files: [], exceeded: ['text'] }
  const fields = [...new URLSearchParams(new TextDecoder().decode(bytes))].map(([name, value]) => [name, cleanText(value)] as const)
  return { fields, files: [], exceeded: textBytes(fields) > MAX_TEXT_BYTES ? ['text'] : [] }
}

async function parseMultipart(bytes: Buffer, mediaType: string): Promise<Submission> {
  const fields: [string, string][] = []
  const files: SubmittedFile[] = []
  const exceeded = new Set<Bound>()
  const parts = await feed(bytes, mediaType, {
    field: (name, value, truncated) => { if (truncated) exceeded.add('text'); else fields.push([name, cleanText(value)]) },
    file: (file) => { if (file.name !== '' || file.content.length > 0) files.push(file) },
    over: (bound) => exceeded.add(bound)
  })
  if (exceeded.size === 0 && parts < countParts(bytes, mediaType)) throw new EvenhandError('READ_UNPARSEABLE', 'a part of the form has no usable header')
  if (textBytes(fields) > MAX_TEXT_BYTES) exceeded.add('text')
  if (files.length > MAX_FILES) exceeded.add('files')
  if (files.reduce((sum, file) => sum + file.content.length, 0) > MAX_FILE_BYTES) exceeded.add('file-bytes')
  return { fields, files, exceeded: [...exceeded] }
}

interface Sink {
  field(name: string, value: string, truncated: boolean): void
  file(file: SubmittedFile): void
  over(bound: Bound): void
}

/** Runs the parser over the whole body; answers how many parts it read. Browsers send an empty file part where no file was chosen. */
function feed(bytes: Buffer, mediaType: string, sink: Sink): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown) => reject(new EvenhandError('READ_UNPARSEABLE', 'broken multipart body', { cause: error }))
    let parts = 0
    const parser = openParser(mediaType, refuse)
    if (!parser) return
    parser.on('field', (name, value, _nameTruncated, truncated) => { parts++; sink.field(name ?? '', value, truncated) })
    parser.on('file', (field, stream, name, _encoding, type) => {
      parts++
      collectFile(stream, refuse, (content) => sink.file({ field: field ?? '', name: cleanName(name), mediaType: cleanType(type), content }))
    })
    parser.on('filesLimit', () => sink.over('files'))
    parser.on('fieldsLimit', () => sink.over('text'))
    parser.on('error', refuse)
    parser.on('finish', () => resolve(parts))
    parser.end(bytes)
  })
}

function openParser(mediaType: string, refuse: (error: unknown) => void) {
  const limits = { fieldSize: MAX_TEXT_BYTES, fields: MAX_FIELDS, fileSize: MAX_FILE_BYTES + 1, files: MAX_FILES + 1, headerPairs: 20, headerSize: 16 * 1024 }
  try {
    return new Busboy({ headers: { 'content-type': mediaType }, limits })
  } catch (error) {
    refuse(error)
    return undefined
  }
}

function collectFile(stream: BusboyFileStream, refuse: (error: unknown) => void, done: (content: Buffer) => void): void {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('error', refuse)
  stream.on('end', () => done(Buffer.concat(chunks)))
}

/**
 * Parts by their delimiter lines (RFC 2046 section 5.1.1). The parser passes over parts without a usable header; counting
 * shows it, so that a contact is never read with something silently missing.
 */
function countParts(bytes: Buffer, mediaType: string): number {
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(mediaType)
  const delimiter = `--${match?.[1] ?? match?.[2] ?? ''}`
  let lines = bytes.subarray(0, delimiter.length).toString('latin1') === delimiter ? 1 : 0
  for (let at = bytes.indexOf(`\r\n${delimiter}`); at !== -1; at = bytes.indexOf(`\r\n${delimiter}`, at + 1)) lines++
  return lines - 1
}

function cleanText(value: string): string {
  return storableText(value.replaceAll('\r\n', '\n').replaceAll('\r', '\n'))
}

function cleanName(name: string | undefined): string {
  return storableText((name ?? '').replace(/[\p{Cc}/\\]/gu, '_').slice(0, MAX_NAME_LENGTH))
}

/** A claim that is no media type at all (RFC 6838 section 4.2) is not passed on. */
function cleanType(type: string): string {
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i.test(type) ? type.toLowerCase() : 'application/octet-stream'
}

function textBytes(fields: readonly (readonly [string, string])[]): number {
  return fields.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
}
