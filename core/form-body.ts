/** The body of a posted form taken apart: multipart/form-data (RFC 7578) or urlencoded. */
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { storableText } from './envelope.ts'
import { EvenhandError } from './errors.ts'

/** The largest that a form may bring; each is met exactly by what is accepted. */
export interface FormLimits {
  readonly fields: number
  /** All names and values together. */
  readonly textBytes: number
  readonly files: number
  /** All files together. */
  readonly fileBytes: number
  /** Of a file; what is longer is cut, the original keeps it. */
  readonly nameLength: number
}

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
export async function parseForm(bytes: Uint8Array, mediaType: string, limits: FormLimits): Promise<Submission> {
  const type = mediaType.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return parseUrlencoded(bytes, limits)
  if (type === 'multipart/form-data') return parseMultipart(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), mediaType, limits)
  throw new EvenhandError('READ_UNPARSEABLE', 'not a form')
}

function parseUrlencoded(bytes: Uint8Array, limits: FormLimits): Submission {
  // Counted before parsing: a body of nothing but "&" would otherwise become millions of pairs. Each byte of text takes at most three.
  const pairs = bytes.reduce((count, byte) => count + (byte === 0x26 ? 1 : 0), 1)
  if (bytes.length > 3 * limits.textBytes || pairs > limits.fields) return { fields: [], files: [], exceeded: ['text'] }
  const fields = [...new URLSearchParams(new TextDecoder().decode(bytes))].map(([name, value]) => [name, cleanText(value)] as const)
  return { fields, files: [], exceeded: textBytes(fields) > limits.textBytes ? ['text'] : [] }
}

async function parseMultipart(bytes: Buffer, mediaType: string, limits: FormLimits): Promise<Submission> {
  const fields: [string, string][] = []
  const files: SubmittedFile[] = []
  const exceeded = new Set<Bound>()
  const parts = await feed(bytes, mediaType, limits, {
    field: (name, value, truncated) => { if (truncated) exceeded.add('text'); else fields.push([name, cleanText(value)]) },
    file: (file) => { if (file.name !== '' || file.content.length > 0) files.push(file) },
    over: (bound) => exceeded.add(bound)
  })
  if (exceeded.size === 0 && parts < countParts(bytes, mediaType)) throw new EvenhandError('READ_UNPARSEABLE', 'a part of the form has no usable header')
  if (textBytes(fields) > limits.textBytes) exceeded.add('text')
  if (files.length > limits.files) exceeded.add('files')
  if (files.reduce((sum, file) => sum + file.content.length, 0) > limits.fileBytes) exceeded.add('file-bytes')
  return { fields, files, exceeded: [...exceeded] }
}

interface Sink {
  field(name: string, value: string, truncated: boolean): void
  file(file: SubmittedFile): void
  over(bound: Bound): void
}

/** Runs the parser over the whole body; answers how many parts it read. Browsers send an empty file part where no file was chosen. */
function feed(bytes: Buffer, mediaType: string, limits: FormLimits, sink: Sink): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown) => reject(new EvenhandError('READ_UNPARSEABLE', 'broken multipart body', { cause: error }))
    let parts = 0
    const parser = openParser(mediaType, limits, refuse)
    if (!parser) return
    parser.on('field', (name, value, _nameTruncated, truncated) => { parts++; sink.field(name ?? '', value, truncated) })
    parser.on('file', (field, stream, name, _encoding, type) => {
      parts++
      collectFile(stream, refuse, (content) => sink.file({ field: field ?? '', name: cleanName(name, limits.nameLength), mediaType: cleanType(type), content }))
    })
    parser.on('filesLimit', () => sink.over('files'))
    parser.on('fieldsLimit', () => sink.over('text'))
    parser.on('error', refuse)
    parser.on('finish', () => resolve(parts))
    parser.end(bytes)
  })
}

function openParser(mediaType: string, given: FormLimits, refuse: (error: unknown) => void) {
  const limits = { fieldSize: given.textBytes, fields: given.fields, fileSize: given.fileBytes + 1, files: given.files + 1, headerPairs: 20, headerSize: 16 * 1024 }
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
  const delimiter = `--${boundaryOf(mediaType)}`
  let lines = bytes.subarray(0, delimiter.length).toString('latin1') === delimiter ? 1 : 0
  for (let at = bytes.indexOf(`\r\n${delimiter}`); at !== -1; at = bytes.indexOf(`\r\n${delimiter}`, at + 1)) lines++
  return lines - 1
}

/** The boundary parameter of a multipart content type; empty where it has none. */
export function boundaryOf(mediaType: string): string {
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(mediaType)
  return match?.[1] ?? match?.[2] ?? ''
}

function cleanText(value: string): string {
  return storableText(value.replaceAll('\r\n', '\n').replaceAll('\r', '\n'))
}

function cleanName(name: string | undefined, longest: number): string {
  return storableText((name ?? '').replace(/[\p{Cc}/\\]/gu, '_').slice(0, longest))
}

/** A claim that is no media type at all (RFC 6838 section 4.2) is not passed on. */
function cleanType(type: string): string {
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i.test(type) ? type.toLowerCase() : 'application/octet-stream'
}

function textBytes(fields: readonly (readonly [string, string])[]): number {
  return fields.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
}
