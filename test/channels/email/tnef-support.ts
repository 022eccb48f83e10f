/** Writes winmail.dat as Outlook does (MS-OXTNEF), for tests. */

export interface PackedFile {
  readonly name?: string
  readonly title?: string
  readonly type?: string
  readonly contentId?: string
  readonly bytes: Buffer
  /** The bytes are another such envelope: a mail. */
  readonly isMail?: boolean
}

export interface PackedMail {
  readonly subject?: string
  readonly text?: string
  readonly html?: string
  readonly rtf?: string
  readonly files?: readonly PackedFile[]
}

export function packMail({ subject, text, html, rtf, files = [] }: PackedMail): Buffer {
  const properties = [
    ...(text === undefined ? [] : [wide(0x1000, text)]),
    ...(html === undefined ? [] : [binary(0x102, 0x1013, Buffer.from(html))]),
    ...(rtf === undefined ? [] : [binary(0x102, 0x1009, uncompressed(rtf))])
  ]
  return Buffer.concat([
    Buffer.from([0x78, 0x9f, 0x3e, 0x22, 0x01, 0x00]),
    attribute(1, 0x00089006, u32(0x10000)),
    attribute(1, 0x00069007, Buffer.concat([u32(1252), u32(0)])),
    ...(subject === undefined ? [] : [attribute(1, 0x00018004, nulEnded(subject))]),
    attribute(1, 0x00069003, mapi(properties)),
    ...files.flatMap(packFile)
  ])
}

function packFile({ name, title, type, contentId, bytes, isMail }: PackedFile): Buffer[] {
  const properties = [
    number(0x3705, isMail ? 5 : 1),
    ...(name === undefined ? [] : [wide(0x3707, name)]),
    ...(type === undefined ? [] : [wide(0x370e, type)]),
    ...(contentId === undefined ? [] : [wide(0x3712, contentId)]),
    ...(isMail ? [binary(0x0d, 0x3701, Buffer.concat([Buffer.alloc(16, 7), bytes]))] : []),
    // A number with a name, and one with several values, as they stand among the others.
    Buffer.concat([
      tag(0x03, 0x8001),
      Buffer.alloc(16),
      u32(1),
      u32(6),
      Buffer.from('k\0e\0\0\0'),
      Buffer.alloc(2),
      u32(1)
    ]),
    Buffer.concat([tag(0x1003, 0x4000), u32(2), u32(1), u32(2)])
  ]
  return [
    attribute(2, 0x00069002, Buffer.alloc(14)),
    ...(title === undefined ? [] : [attribute(2, 0x00018010, nulEnded(title))]),
    ...(isMail ? [] : [attribute(2, 0x0006800f, bytes)]),
    attribute(2, 0x00069005, mapi(properties))
  ]
}

/** Rich text in the form without compression. */
function uncompressed(rtf: string): Buffer {
  const bytes = Buffer.from(rtf, 'latin1')
  return Buffer.concat([u32(bytes.length + 12), u32(bytes.length), u32(0x414c454d), u32(0), bytes])
}

function attribute(level: number, id: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([level]), u32(id), u32(data.length), data, Buffer.alloc(2)])
}

function mapi(properties: readonly Buffer[]): Buffer {
  return Buffer.concat([u32(properties.length), ...properties])
}

function number(id: number, value: number): Buffer {
  return Buffer.concat([tag(0x03, id), u32(value)])
}

function wide(id: number, text: string): Buffer {
  return binary(0x1f, id, Buffer.from(`${text}\0`, 'utf16le'))
}

function binary(type: number, id: number, data: Buffer): Buffer {
  const padding = Buffer.alloc((4 - (data.length % 4)) % 4)
  return Buffer.concat([tag(type, id), u32(1), u32(data.length), data, padding])
}

function tag(type: number, id: number): Buffer {
  return u32(id * 0x10000 + type)
}

function nulEnded(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'latin1')
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
