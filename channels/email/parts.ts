import { decode as decodeQuotedPrintable } from 'libqp'
import { Splitter, type SplitterChunk } from '@zone-eu/mailsplit'
import { EvenhandError } from '../../core/errors.ts'
import { headerFields, type HeaderFields } from './headers.ts'
import { readLimits } from './limits.ts'

/** One part of a mail, its transfer encoding undone; `children` of a container, `bytes` of a leaf or of a container that lost its parts. */
export interface Part {
  readonly mediaType: string
  readonly charset: string
  readonly disposition: string
  readonly fileName: string
  /** RFC 3676 format=flowed, and whether its DelSp is yes. */
  readonly flowed: boolean
  readonly delSp: boolean
  readonly fields: HeaderFields
  /** A multipart, even when its boundary is wrong and no parts were found. */
  readonly container: boolean
  readonly children: Part[]
  bytes: Buffer
}

type Node = Extract<SplitterChunk, { type: 'node' }>

interface Growing {
  readonly part: Part
  readonly encoding: string
  readonly depth: number
  readonly chunks: Buffer[]
}

/**
 * Splits a mail into its parts (RFC 2045, 2046). Embedded messages stay leaves, whole.
 * mailsplit, the splitter inside mailparser, is used as it is because mailparser hands out text already decoded by the declared
 * charset, which is too late to mend a wrong one.
 * @throws EvenhandError READ_LIMIT over a bound, READ_UNPARSEABLE when the splitter gives up.
 */
export async function readParts(bytes: Uint8Array): Promise<Part> {
  const growing = await split(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  let decoded = 0
  for (const { part, encoding, chunks } of growing.values()) {
    if (part.children.length > 0) continue
    part.bytes = decode(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), part.container ? '' : encoding)
    decoded += part.bytes.length
    if (decoded > readLimits.decodedBytes) throw new EvenhandError('READ_LIMIT', `more than ${readLimits.decodedBytes} decoded bytes`)
  }
  const root = growing.values().next().value
  if (!root) throw new EvenhandError('READ_UNPARSEABLE', 'no header')
  return root.part
}

async function split(bytes: Buffer): Promise<Map<Node, Growing>> {
  const found = new Map<Node, Growing>()
  const splitter = new Splitter({ ignoreEmbedded: true, maxHeadSize: readLimits.headerBytes, maxChildNodes: readLimits.parts })
  splitter.end(bytes)
  try {
    for await (const chunk of splitter as AsyncIterable<SplitterChunk>) {
      if (chunk.type === 'node') found.set(chunk, grow(chunk, found))
      else found.get(chunk.node)?.chunks.push(chunk.value)
    }
  } catch (error) {
    if (error instanceof EvenhandError) throw error
    if ((error as { code?: unknown }).code === 'EMAXLEN') throw new EvenhandError('READ_LIMIT', 'too many parts or too long a header')
    throw new EvenhandError('READ_UNPARSEABLE', 'no MIME structure', { cause: error })
  }
  return found
}

function grow(node: Node, found: ReadonlyMap<Node, Growing>): Growing {
  const parent = node.parentNode ? found.get(node.parentNode) : undefined
  const depth = parent ? parent.depth + 1 : 1
  if (depth > readLimits.depth) throw new EvenhandError('READ_LIMIT', `parts nested deeper than ${readLimits.depth}`)
  const part: Part = {
    mediaType: node.contentType || (node.parentNode ? 'application/octet-stream' : 'text/plain'),
    charset: node.charset || '',
    disposition: node.disposition || '',
    fileName: node.filename || '',
    flowed: node.flowed,
    delSp: node.delSp,
    fields: headerFields(node.headers ? node.headers.getList() : []),
    container: Boolean(node.multipart),
    children: [],
    bytes: Buffer.alloc(0)
  }
  parent?.part.children.push(part)
  return { part, encoding: node.encoding || '', depth, chunks: [] }
}

function decode(bytes: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return decodeBase64(bytes)
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(bytes)
  return /^(x-)?uu(encode|e)?$/.test(encoding) ? decodeUu(bytes) : bytes
}

// Node stops at the first "=", but mail gateways join encoded runs; each run is decoded on its own.
function decodeBase64(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1')
  const padding = text.indexOf('=')
  if (padding < 0 || /^[=\s]*$/.test(text.slice(padding))) return Buffer.from(text, 'base64')
  return Buffer.concat(text.split(/=+/).map((run) => Buffer.from(run, 'base64')))
}

// RFC 2045 never had it, but old scanners and gateways still send it: lines of "length, then 4 characters for 3 bytes".
function decodeUu(bytes: Buffer): Buffer {
  const begin = /(^|\n)begin [0-7]{3,4} [^\n]*\n/.exec(bytes.subarray(0, 4096).toString('latin1'))
  if (!begin) return bytes
  const out = Buffer.allocUnsafe(bytes.length)
  let written = 0
  for (let at = begin.index + begin[0].length, next = at; at < bytes.length; at = next) {
    const end = bytes.indexOf(10, at)
    next = end < 0 ? bytes.length : end + 1
    if (bytes.subarray(at, at + 3).toString('latin1') === 'end') break
    written += decodeUuLine(bytes.subarray(at, next), out, written)
  }
  return out.subarray(0, written)
}

function decodeUuLine(line: Buffer, out: Buffer, at: number): number {
  const length = Math.min((line[0]! - 32) & 63, Math.floor((line.length - 1) * 3 / 4))
  for (let index = 0; index < length; index++) {
    // Byte `index` lies in two neighbouring characters of 6 bits each.
    const place = 1 + Math.floor(index * 8 / 6)
    const pair = (six(line, place) << 6) | six(line, place + 1)
    out[at + index] = (pair >> (4 - (index % 3) * 2)) & 255
  }
  return length
}

function six(line: Buffer, place: number): number {
  return ((line[place] ?? 32) - 32) & 63
}
