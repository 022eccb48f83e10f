/**
 * Finds the parts of a multipart/form-data body (RFC 7578) before anything is parsed. Their number
 * is bounded first. The parser then sees only their headers, so the cost does not depend on the
 * size of the files.
 */
import { Busboy, type BusboyConfig, type BusboyInstance } from '@fastify/busboy'

/** Start and end offset in a body; the end is exclusive. */
export interface Span {
  readonly from: number
  readonly to: number
}

export interface Part {
  /** Position of the part's content in the body. */
  readonly span: Span
  readonly name: string
  /** The file's name as sent; undefined if the part is a field. */
  readonly file: string | undefined
  readonly mediaType: string
  /** Lines of the part's header. */
  readonly header: readonly string[]
}

/**
 * Bytes of one part's headers. Usual are three lines of some hundred bytes; a file's name may have
 * a few thousand.
 */
const HEADER_BYTES = 16 * 1024
const HEADER_PAIRS = 20
/**
 * Longest boundary (RFC 2046 section 5.1.1). A longer one would multiply the cost of searching the
 * body.
 */
const BOUNDARY_LENGTH = 70

/** The boundary parameter of a multipart content type; undefined if there is no usable one. */
export function boundaryOf(mediaType: string): string | undefined {
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s"]+))/i.exec(mediaType)
  const boundary = match?.[1] ?? match?.[2] ?? ''
  return boundary.length <= BOUNDARY_LENGTH && /^[!#-[\]-~ ]+$/.test(boundary)
    ? boundary
    : undefined
}

export interface FoundParts {
  readonly parts: readonly Part[]
  /** True if there are more parts than asked for; the rest was not examined. */
  readonly more: boolean
}

/**
 * Finds at most the given number of parts, in the order of the body.
 * @throws Error if a part has no usable header, or the last one has no end
 */
export async function findParts(
  body: Buffer,
  mediaType: string,
  most: number
): Promise<FoundParts> {
  const boundary = boundaryOf(mediaType)
  if (boundary === undefined) throw new Error('the content type has no boundary')
  const { regions, more } = splitParts(body, boundary, most)
  const heads = regions.map((region) => headOf(body, region))
  const named = await readHeads(
    heads.map(({ text }) => text),
    boundary
  )
  if (named.length < regions.length) {
    if (more) return { parts: [], more }
    throw new Error('a part has no usable header')
  }
  return {
    more,
    parts: named.map((one, index) => ({
      ...one,
      span: heads[index]!.content,
      header: heads[index]!.text.toString('latin1').split('\r\n')
    }))
  }
}

/**
 * The spans between the delimiter lines (RFC 2046 section 5.1.1). What precedes the first is
 * ignored.
 */
function splitParts(
  body: Buffer,
  boundary: string,
  most: number
): { regions: Span[]; more: boolean } {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  const first = body.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2))
    ? -2
    : body.indexOf(delimiter)
  if (first === -1) throw new Error('the body has no part')
  const regions: Span[] = []
  let from = first + delimiter.length
  for (let to = body.indexOf(delimiter, from); to !== -1; to = body.indexOf(delimiter, from)) {
    if (regions.length === most) return { regions, more: true }
    regions.push({ from, to })
    from = to + delimiter.length
  }
  if (body.subarray(from, from + 2).toString('latin1') !== '--')
    throw new Error('the body has no end')
  return { regions, more: false }
}

interface Head {
  readonly text: Buffer
  readonly content: Span
}

/** The header goes from the line after the delimiter to the first empty line. */
function headOf(body: Buffer, { from, to }: Span): Head {
  const region = body.subarray(from, to)
  const end = region.indexOf('\r\n\r\n')
  if (end === -1 || end > HEADER_BYTES) return { text: Buffer.alloc(0), content: { from, to } }
  const line = region.indexOf('\r\n')
  return { text: region.subarray(line, end), content: { from: from + end + 4, to } }
}

/**
 * Lets the parser read the headers, each as a part without content. It skips a header that it
 * cannot use.
 */
function readHeads(
  heads: readonly Buffer[],
  boundary: string
): Promise<Pick<Part, 'name' | 'file' | 'mediaType'>[]> {
  return new Promise((resolve, reject) => {
    const named: Pick<Part, 'name' | 'file' | 'mediaType'>[] = []
    const parser = openParser(`multipart/form-data; boundary="${boundary}"`, {})
    parser.on('field', (name, _value, _nameCut, _valueCut, _encoding, mediaType) =>
      named.push({ name: name ?? '', file: undefined, mediaType })
    )
    parser.on(
      'file',
      (name: string | undefined, stream, file: string | undefined, _encoding, mediaType) => {
        stream.on('error', reject).resume()
        named.push({ name: name ?? '', file: file ?? '', mediaType })
      }
    )
    parser.on('error', reject).on('finish', () => resolve(named))
    const open = Buffer.from(`--${boundary}`, 'latin1')
    for (const head of heads) parser.write(Buffer.concat([open, head, Buffer.from('\r\n\r\n\r\n')]))
    parser.end(Buffer.concat([open, Buffer.from('--\r\n')]))
  })
}

/**
 * The one multipart parser, with bounds on headers. @throws Error if the content type cannot be
 * used
 */
export function openParser(
  contentType: string,
  limits: NonNullable<BusboyConfig['limits']>
): BusboyInstance {
  return new Busboy({
    headers: { 'content-type': contentType },
    limits: { ...limits, headerPairs: HEADER_PAIRS, headerSize: HEADER_BYTES }
  })
}
