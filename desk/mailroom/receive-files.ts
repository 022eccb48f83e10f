/** A form with many large files, taken apart as it comes: whoever receives it needs the memory of one file, whatever the stack. */
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import type { IncomingHttpHeaders } from 'node:http'
import { limits } from '../../core/documents/limits.ts'
import { storableText } from '../../core/envelope.ts'
import { EvenhandError } from '../../core/errors.ts'

/** One file: what the reader takes. It is held in memory while it is kept. */
export const MAX_SCAN_BYTES = limits.documentBytes
/** Files of one request: a scanner that makes a file for each page of a small tray; of a large one they are sent in several goes. */
export const MAX_SCANS = 100
/** Typed fields are two short ones. */
const MAX_FIELD_BYTES = 4096
const MAX_FIELDS = 10
const MAX_NAME_LENGTH = 255

export interface FileBounds { readonly fileBytes: number; readonly files: number }
export const scanBounds: FileBounds = { fileBytes: MAX_SCAN_BYTES, files: MAX_SCANS }

/** A request as far as it is needed here. */
export type FormBody = AsyncIterable<Buffer> & { readonly headers: IncomingHttpHeaders }

export interface FileSink {
  /** Called once, with the fields that come before the first file. @throws where nothing of the request may be kept */
  begin(fields: ReadonlyMap<string, string>): Promise<void>
  /** Answers whether the file was kept. */
  keep(name: string, bytes: Buffer, fields: ReadonlyMap<string, string>): Promise<boolean>
  /** A bound was passed; a sentence about it. */
  over(text: string): void
}

/** Reads a multipart body; answers how many files were kept. Nothing more is read while a file is being kept. */
export async function receiveFiles(request: FormBody, sink: FileSink, bounds = scanBounds): Promise<number> {
  const fields = new Map<string, string>()
  const parser = openParser(request, bounds)
  let kept = 0
  let begun: Promise<void> | undefined
  // Of the files that are complete; the one being received is not among them.
  let keeping: Promise<void> = Promise.resolve()
  const begin = () => (begun ??= sink.begin(fields))
  parser.on('field', (name, value) => fields.set(name ?? '', value))
  parser.on('filesLimit', () => sink.over(`Only the first ${bounds.files} files were kept. Send the rest in another go.`))
  const next = (step: () => Promise<void>) => {
    keeping = keeping.then(step)
    keeping.catch(() => undefined)
  }
  parser.on('file', (_field, stream, name) => {
    stream.on('error', (cause: unknown) => next(() => Promise.reject(brokenBody(cause))))
    collect(stream, bounds.fileBytes, (bytes) => next(() => begin().then(async () => { kept += await keepOne(sink, cleanName(name), bytes, fields, bounds) })))
  })
  await pour(request, parser, () => keeping)
  await begin()
  return kept
}

/** Hands the body on piece by piece, and waits after each for what `busy` says. */
async function pour(request: FormBody, parser: BusboyInstance, busy: () => Promise<void>): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    parser.once('finish', resolve)
    parser.once('error', (cause: unknown) => reject(brokenBody(cause)))
  })
  ended.catch(() => undefined)
  for await (const chunk of pieces(request)) {
    if (!parser.write(chunk)) await Promise.race([ended, new Promise((resolve) => { parser.once('drain', resolve) })])
    // A file's end is told in the next turn of the event loop.
    await new Promise((resolve) => { setImmediate(resolve) })
    await busy()
  }
  parser.end()
  await Promise.race([ended, failed(busy)])
  await busy()
}

function failed(busy: () => Promise<void>): Promise<never> {
  return new Promise((_, reject) => { setImmediate(() => { busy().catch(reject) }) })
}

function brokenBody(cause: unknown): EvenhandError {
  return new EvenhandError('BAD_REQUEST', 'broken multipart body', { cause })
}

/** The body as it comes. A browser that goes away is nobody's failure but its own. */
async function* pieces(request: FormBody): AsyncGenerator<Buffer> {
  try {
    yield* request
  } catch (cause) {
    throw new EvenhandError('BAD_REQUEST', 'the browser went away', { cause })
  }
}

async function keepOne(sink: FileSink, name: string, bytes: Buffer | undefined, fields: ReadonlyMap<string, string>, bounds: FileBounds): Promise<number> {
  // Browsers send a part without a name and content where no file was chosen.
  if (name === '' && bytes?.length === 0) return 0
  if (bytes) return await sink.keep(name || 'scan', bytes, fields) ? 1 : 0
  sink.over(`${name}: larger than ${bounds.fileBytes / 1024 ** 2} MB, so it was not kept. Scan it in parts.`)
  return 0
}

function openParser(request: FormBody, bounds: FileBounds): BusboyInstance {
  const type = request.headers['content-type'] ?? ''
  if (!/^multipart\/form-data\s*;/i.test(type)) throw new EvenhandError('BAD_REQUEST', 'not a multipart form')
  const limits = { fieldSize: MAX_FIELD_BYTES, fields: MAX_FIELDS, fileSize: bounds.fileBytes + 1, files: bounds.files, headerPairs: 20, headerSize: 16 * 1024 }
  try {
    return new Busboy({ headers: { 'content-type': type }, limits })
  } catch (error) {
    throw new EvenhandError('BAD_REQUEST', 'broken multipart header', { cause: error })
  }
}

/** A file's bytes, or undefined where there are too many of them. */
function collect(stream: BusboyFileStream, most: number, done: (bytes: Buffer | undefined) => void): void {
  let chunks: Buffer[] = []
  let length = 0
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > most) chunks = []
    else chunks.push(chunk)
  })
  stream.on('end', () => done(length > most ? undefined : Buffer.concat(chunks)))
}

function cleanName(name: string | undefined): string {
  return storableText((name ?? '').replace(/[\p{Cc}/\\]/gu, '_').slice(0, MAX_NAME_LENGTH))
}
