import { finished } from 'node:stream/promises'
import { Splitter, type SplitterChunk } from '@zone-eu/mailsplit'
import { EvenhandError } from '../../platform/errors.ts'
import { headerFields, type HeaderFields } from './headers.ts'
import { readLimits } from './limits.ts'
import { decodeTransfer } from './transfer.ts'

/**
 * One part of a mail, its transfer encoding decoded. A container has `children`; a leaf, or a
 * container whose parts were not found, has `bytes`.
 */
export interface Part {
  readonly mediaType: string
  readonly charset: string
  readonly disposition: string
  readonly fileName: string
  /** RFC 3676: whether it is format=flowed, and whether its DelSp is yes. */
  readonly flowed: boolean
  readonly delSp: boolean
  readonly fields: HeaderFields
  /** A multipart, even if its boundary is wrong and no parts were found. */
  readonly container: boolean
  readonly children: Part[]
  bytes: Buffer
  /**
   * The content of a signed envelope, what Outlook packed, or the mail that this part is. The part
   * is also kept as a document, except for what Outlook packed, which stands for nothing else.
   */
  enclosed?: { readonly kind: 'content' | 'outlook' | 'mail'; readonly root: Part }
  /** Why it is not read; encrypted parts stay as they came. */
  sealed?: string
}

/** Of a part, or of a file, what tells what it is and has what it says. */
export type NamedBytes = Readonly<Pick<Part, 'mediaType' | 'charset' | 'fileName'>> & {
  readonly bytes: Uint8Array
}

/** What may still be read of one mail, including the mails inside it. */
export interface Budget {
  parts: number
  bytes: number
}

export function newBudget(): Budget {
  return { parts: readLimits.parts, bytes: readLimits.decodedBytes }
}

type Node = Extract<SplitterChunk, { type: 'node' }>

interface Growing {
  readonly part: Part
  readonly encoding: string
  readonly depth: number
  readonly chunks: Buffer[]
}

/**
 * Splits a mail into its parts (RFC 2045, 2046). Embedded messages stay whole leaves. mailsplit,
 * the splitter inside mailparser, is used directly: mailparser returns text already decoded by the
 * declared charset, when a wrong charset can no longer be corrected.
 * @throws EvenhandError READ_LIMIT over a bound, READ_UNPARSEABLE if the splitter fails.
 */
export async function readParts(bytes: Uint8Array, budget: Budget = newBudget()): Promise<Part> {
  const growing = await split(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    Math.max(1, budget.parts)
  )
  budget.parts -= growing.size
  for (const { part, encoding, chunks } of growing.values()) {
    if (part.children.length > 0) continue
    part.bytes = decodeTransfer(
      chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks),
      part.container ? '' : encoding,
      isPlainBytes(part) ? 'text' : 'file'
    )
    budget.bytes -= part.bytes.length
    if (budget.bytes < 0)
      throw new EvenhandError('READ_LIMIT', `more than ${readLimits.decodedBytes} decoded bytes`)
  }
  const root = growing.values().next().value
  if (!root) throw new EvenhandError('READ_UNPARSEABLE', 'no header')
  return root.part
}

/** A part of a digest is a mail unless it declares another type (RFC 2046 section 5.1.5). */
function isDigested(fields: HeaderFields, parent: Part | undefined): boolean {
  return parent?.mediaType === 'multipart/digest' && !fields.has('content-type')
}

/**
 * Whether it is a text to which a gateway may have added bytes in ASCII. In UTF-16 this is not
 * possible.
 */
function isPlainBytes({ mediaType, charset }: Part): boolean {
  return mediaType.startsWith('text/') && !/^(utf-?16|ucs-?2|utf-?32)/i.test(charset)
}

async function split(bytes: Buffer, most: number): Promise<Map<Node, Growing>> {
  const found = new Map<Node, Growing>()
  const splitter = new Splitter({
    ignoreEmbedded: true,
    maxHeadSize: readLimits.headerBytes,
    maxChildNodes: most
  })
  try {
    await drain(splitter, bytes, (chunk) => {
      if (chunk.type === 'node') found.set(chunk, grow(chunk, found))
      else found.get(chunk.node)?.chunks.push(chunk.value)
    })
  } catch (error) {
    if (error instanceof EvenhandError) throw error
    if ((error as { code?: unknown }).code === 'EMAXLEN')
      throw new EvenhandError('READ_LIMIT', 'too many parts or too long a header')
    throw new EvenhandError('READ_UNPARSEABLE', 'no MIME structure', { cause: error })
  }
  return found
}

/** Iterating over the stream would take twice as long for a short mail. */
function drain(
  splitter: Splitter,
  bytes: Buffer,
  take: (chunk: SplitterChunk) => void
): Promise<void> {
  splitter.on('data', (chunk: SplitterChunk) => {
    try {
      take(chunk)
    } catch (error) {
      splitter.destroy(error as Error)
    }
  })
  splitter.end(bytes)
  return finished(splitter)
}

function grow(node: Node, found: ReadonlyMap<Node, Growing>): Growing {
  const parent = node.parentNode ? found.get(node.parentNode) : undefined
  const depth = parent ? parent.depth + 1 : 1
  if (depth > readLimits.depth)
    throw new EvenhandError('READ_LIMIT', `parts nested deeper than ${readLimits.depth}`)
  const fields = headerFields(node.headers ? node.headers.getList() : [])
  const part: Part = {
    mediaType: isDigested(fields, parent?.part)
      ? 'message/rfc822'
      : node.contentType || (parent ? 'application/octet-stream' : 'text/plain'),
    charset: node.charset || '',
    disposition: node.disposition || '',
    fileName: node.filename || '',
    flowed: node.flowed,
    delSp: node.delSp,
    fields,
    container: Boolean(node.multipart),
    children: [],
    bytes: Buffer.alloc(0)
  }
  parent?.part.children.push(part)
  return { part, encoding: node.encoding || '', depth, chunks: [] }
}
