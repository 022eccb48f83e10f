/**
 * Parses a form with many large files while it is being received, so that memory is needed for one
 * file only, however many there are.
 */
import type { BusboyFileStream, BusboyInstance } from '@fastify/busboy'
import type { IncomingHttpHeaders } from 'node:http'
import { EvenhandError } from '../errors.ts'
import { cleanFileName } from '../text/file-name.ts'
import { boundaryOf, openParser as openMultipart } from './multipart.ts'

export interface StreamBounds {
  /** Bytes of one file. A file is held in memory until it is complete. */
  readonly fileBytes: number
  readonly files: number
  readonly fields: number
  readonly fieldBytes: number
  /** Parts of any kind. A body with more is refused. */
  readonly parts: number
  /** Characters of a file's name. A longer one is cut. */
  readonly nameLength: number
}

/** A bound that was exceeded. What came after that was not kept. */
export type Over =
  { readonly bound: 'files' } | { readonly bound: 'file-bytes'; readonly name: string }

/** The part of a request that is used here. */
export type FormBody = AsyncIterable<Buffer> & { readonly headers: IncomingHttpHeaders }

export interface FileSink {
  /**
   * Called once, with the fields that come before the first file. @throws if nothing of the request
   * may be kept
   */
  begin(fields: ReadonlyMap<string, string>): Promise<void>
  /** Returns whether the file was kept. Its name may be empty. */
  keep(name: string, bytes: Buffer, fields: ReadonlyMap<string, string>): Promise<boolean>
  over(over: Over): void
}

/**
 * Reads a multipart body. Returns how many files were kept. While a file is being kept, reading
 * pauses. @throws EvenhandError BAD_REQUEST, INTAKE_TOO_LARGE
 */
export async function streamFiles(
  request: FormBody,
  sink: FileSink,
  bounds: StreamBounds
): Promise<number> {
  const fields = new Map<string, string>()
  const parser = openParser(request, bounds)
  let kept = 0
  let begun: Promise<void> | undefined
  // The keeping of complete files; does not include the file now being received.
  let keeping: Promise<void> = Promise.resolve()
  const begin = () => (begun ??= sink.begin(fields))
  parser.on('field', (name, value) => fields.set(name ?? '', value))
  parser.on('filesLimit', () => sink.over({ bound: 'files' }))
  const next = (step: () => Promise<void>) => {
    keeping = keeping.then(step)
    keeping.catch(() => undefined)
  }
  parser.on('file', (_field, stream, name) => {
    stream.on('error', (cause: unknown) => next(() => Promise.reject(brokenBody(cause))))
    collect(stream, bounds.fileBytes, (bytes) =>
      next(() =>
        begin().then(async () => {
          kept += await keepOne(sink, cleanFileName(name ?? '', bounds.nameLength), bytes, fields)
        })
      )
    )
  })
  await pour(request, parser, bounds, () => keeping)
  await begin()
  return kept
}

/**
 * Passes the body on piece by piece. After each piece it waits for the promise that `busy` returns.
 */
async function pour(
  request: FormBody,
  parser: BusboyInstance,
  { parts }: StreamBounds,
  busy: () => Promise<void>
): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    parser.once('finish', resolve)
    parser.once('error', (cause: unknown) => reject(brokenBody(cause)))
    parser.once('partsLimit', () =>
      reject(new EvenhandError('INTAKE_TOO_LARGE', `more than ${parts} parts`))
    )
  })
  ended.catch(() => undefined)
  for await (const chunk of pieces(request)) {
    if (!parser.write(chunk))
      await Promise.race([
        ended,
        new Promise((resolve) => {
          parser.once('drain', resolve)
        })
      ])
    // The end of a file is reported one turn of the event loop later.
    await Promise.race([
      ended,
      new Promise((resolve) => {
        setImmediate(resolve)
      })
    ])
    await busy()
  }
  parser.end()
  await Promise.race([ended, failed(busy)])
  await busy()
}

function failed(busy: () => Promise<void>): Promise<never> {
  return new Promise((_, reject) => {
    setImmediate(() => {
      busy().catch(reject)
    })
  })
}

function brokenBody(cause: unknown): EvenhandError {
  return new EvenhandError('BAD_REQUEST', 'broken multipart body', { cause })
}

/** The body as it arrives. If the browser disconnects, that is not an error of ours. */
async function* pieces(request: FormBody): AsyncGenerator<Buffer> {
  try {
    yield* request
  } catch (cause) {
    throw new EvenhandError('BAD_REQUEST', 'the browser went away', { cause })
  }
}

async function keepOne(
  sink: FileSink,
  name: string,
  bytes: Buffer | undefined,
  fields: ReadonlyMap<string, string>
): Promise<number> {
  // Browsers send a part without a name and content where no file was chosen.
  if (name === '' && bytes?.length === 0) return 0
  if (bytes) return (await sink.keep(name, bytes, fields)) ? 1 : 0
  sink.over({ bound: 'file-bytes', name })
  return 0
}

function openParser(request: FormBody, bounds: StreamBounds): BusboyInstance {
  const type = request.headers['content-type'] ?? ''
  if (!/^multipart\/form-data\s*;/i.test(type))
    throw new EvenhandError('BAD_REQUEST', 'not a multipart form')
  const boundary = boundaryOf(type)
  if (boundary === undefined) throw new EvenhandError('BAD_REQUEST', 'no boundary that can be used')
  try {
    return openMultipart(`multipart/form-data; boundary="${boundary}"`, {
      fieldSize: bounds.fieldBytes,
      fields: bounds.fields,
      fileSize: bounds.fileBytes + 1,
      files: bounds.files,
      parts: bounds.parts
    })
  } catch (error) {
    throw new EvenhandError('BAD_REQUEST', 'broken multipart header', { cause: error })
  }
}

/** A file's bytes, or undefined if there are too many. */
function collect(
  stream: BusboyFileStream,
  most: number,
  done: (bytes: Buffer | undefined) => void
): void {
  let chunks: Buffer[] = []
  let length = 0
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > most) chunks = []
    else chunks.push(chunk)
  })
  stream.on('end', () => done(length > most ? undefined : Buffer.concat(chunks)))
}
