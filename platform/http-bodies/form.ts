/**
 * Parses the body of a posted form: multipart/form-data (RFC 7578) or urlencoded. Parts and pairs
 * are counted before they are parsed, and each is returned with its position in the body.
 */
import { charsetOf, decodeText, knownCharset } from './charset.ts'
import { findParts, type Part, type Span } from './multipart.ts'
import { readPairs } from './urlencoded.ts'
import { cleanFileName } from '../text/file-name.ts'
import { storableText } from '../text/storable.ts'
import { EvenhandError } from '../errors.ts'

/** Upper bounds of a form. A form that meets one exactly is accepted. */
export interface FormLimits {
  readonly fields: number
  /** Bytes of all names and values together. */
  readonly textBytes: number
  readonly files: number
  /** Bytes of all files together. */
  readonly fileBytes: number
  /** Characters of a file's name. A longer one is cut; the original keeps it whole. */
  readonly nameLength: number
}

export interface SubmittedFile {
  readonly field: string
  readonly name: string
  /** As claimed by the browser. */
  readonly mediaType: string
  readonly content: Buffer
}

/** The name of a field, and the position of its value or file in the body. */
export interface NamedSpan extends Span {
  readonly name: string
}

export interface Submission {
  /** In the order of the body; a name may come more than once. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly files: readonly SubmittedFile[]
  /** All fields and files, in the order of the body. */
  readonly spans: readonly NamedSpan[]
  /** The bounds that were exceeded. What came after that was not kept. */
  readonly exceeded: readonly Bound[]
}

export type Bound = 'files' | 'file-bytes' | 'text'

/**
 * A field whose value names the charset of the other fields (RFC 7578 section 4.6, HTML
 * "name=_charset_").
 */
const CHARSET_FIELD = '_charset_'

/**
 * Parses a body. Texts are made storable and get one kind of line break.
 * @param mediaType the whole content-type header, with its boundary and charset
 * @throws EvenhandError READ_UNPARSEABLE if it is not a form or a part of it cannot be read
 */
export async function parseForm(
  bytes: Uint8Array,
  mediaType: string,
  limits: FormLimits
): Promise<Submission> {
  const submission = await parseFormAsSent(bytes, mediaType, limits)
  const fields = submission.fields.map(([name, value]) => [name, cleanText(value)] as const)
  const files = submission.files
    .filter(({ name, content }) => name !== '' || content.length > 0)
    .map((file) => ({ ...file, name: cleanFileName(file.name, limits.nameLength) }))
  return { ...submission, fields, files }
}

/**
 * The same with texts and names exactly as sent, for checking signatures. Includes the empty file
 * that browsers send when none was chosen.
 */
export async function parseFormAsSent(
  bytes: Uint8Array,
  mediaType: string,
  limits: FormLimits
): Promise<Submission> {
  const type = mediaType.split(';', 1)[0]?.trim().toLowerCase()
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (type === 'application/x-www-form-urlencoded') return parseUrlencoded(body, mediaType, limits)
  if (type === 'multipart/form-data') return parseMultipart(body, mediaType, limits)
  throw new EvenhandError('READ_UNPARSEABLE', 'not a form')
}

/** A urlencoded body's names and values, exactly as sent. */
export function parseUrlencoded(body: Buffer, mediaType: string, limits: FormLimits): Submission {
  const charset = charsetOf(mediaType)
  const over: Submission = { fields: [], files: [], spans: [], exceeded: ['text'] }
  // Each byte of text takes at most three bytes encoded, and two if the whole body is UTF-16.
  if (body.length > 3 * limits.textBytes) return over
  const pairs = readPairs(body, charset, limits.fields)
  if (!pairs) return over
  const named =
    charset === undefined
      ? knownCharset(pairs.find(({ name }) => name === CHARSET_FIELD)?.value ?? '')
      : undefined
  const read = named === undefined ? pairs : readPairs(body, named, limits.fields)!
  const fields = read.map(({ name, value }) => [name, value] as const)
  return {
    fields,
    files: [],
    spans: read.map(({ name, span }) => ({ name, ...span })),
    exceeded: textBytes(fields) > limits.textBytes ? ['text'] : []
  }
}

async function parseMultipart(
  body: Buffer,
  mediaType: string,
  limits: FormLimits
): Promise<Submission> {
  const { parts, more } = await findParts(body, mediaType, limits.fields + limits.files + 1).catch(
    (error: unknown) => {
      throw new EvenhandError(
        'READ_UNPARSEABLE',
        error instanceof Error ? error.message : undefined,
        { cause: error }
      )
    }
  )
  const contentOf = ({ span: { from, to } }: Part) => body.subarray(from, to)
  const [sent, given] = [
    parts.filter(({ file }) => file !== undefined),
    parts.filter(({ file }) => file === undefined)
  ]
  const named = given.find(({ name }) => name === CHARSET_FIELD)
  const common = (named && knownCharset(decodeText(contentOf(named)))) ?? charsetOf(mediaType)
  const size = given.reduce(
    (sum, part) => sum + Buffer.byteLength(part.name) + contentOf(part).length,
    0
  )
  // Values are returned so that the form can be shown again, except those that exceed a bound by
  // themselves.
  const short = given
    .slice(0, limits.fields)
    .filter((part) => contentOf(part).length <= limits.textBytes)
  const fields = short.map(
    (part) => [part.name, decodeText(contentOf(part), ownCharset(part) ?? common)] as const
  )
  const files = sent.map((part) => ({
    field: part.name,
    name: part.file!,
    mediaType: cleanType(part.mediaType),
    content: contentOf(part)
  }))
  const over: Record<Bound, boolean> = {
    files:
      files.filter(({ name, content }) => name !== '' || content.length > 0).length > limits.files,
    'file-bytes': files.reduce((sum, { content }) => sum + content.length, 0) > limits.fileBytes,
    text: given.length > limits.fields || size > limits.textBytes
  }
  const exceeded = (Object.keys(over) as Bound[]).filter((bound) => over[bound])
  return {
    fields,
    files,
    spans: parts.map(({ name, span }) => ({ name, ...span })),
    exceeded: more && exceeded.length === 0 ? ['text'] : exceeded
  }
}

/** The charset that a part's own header names, if any. */
function ownCharset({ header }: Part): string | undefined {
  const line = header.find((one) => one.slice(0, 13).toLowerCase() === 'content-type:')
  return line === undefined ? undefined : charsetOf(line)
}

function cleanText(value: string): string {
  return storableText(value.replaceAll('\r\n', '\n').replaceAll('\r', '\n'))
}

/** A value that is not a valid media type (RFC 6838 section 4.2) is not passed on. */
function cleanType(type: string): string {
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i.test(type)
    ? type.toLowerCase()
    : 'application/octet-stream'
}

function textBytes(fields: readonly (readonly [string, string])[]): number {
  return fields.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0
  )
}
