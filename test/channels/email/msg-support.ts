/** Writes messages as Outlook saves them (MS-OXMSG): streams of properties in a compound file. */
import { burn, type Entry } from '@kenjiuno/msgreader/lib/Burner.js'

const [DIRECTORY, DOCUMENT, ROOT] = [1, 2, 5] as const

export interface Saved {
  readonly subject?: string
  readonly from?: { readonly name: string; readonly address: string }
  readonly to?: { readonly name: string; readonly address: string }
  readonly text?: string
  readonly html?: string
  readonly files?: readonly SavedFile[]
}

export interface SavedFile {
  readonly name: string
  readonly bytes?: Uint8Array
  readonly type?: string
  readonly message?: Saved
}

interface Folder {
  readonly name: string
  readonly streams: readonly (readonly [name: string, bytes: Uint8Array])[]
  readonly folders: readonly Folder[]
}

const wide = (text: string) => Buffer.from(text, 'utf16le')
const words = (id: string, text: string | undefined) =>
  text === undefined ? [] : [[`__substg1.0_${id}001F`, wide(text)] as const]

export function savedMessage(message: Saved): Buffer {
  const entries: Entry[] = []
  add({ ...messageFolder('Root Entry', message, 32) }, entries, ROOT)
  return Buffer.from(burn(entries))
}

function messageFolder(name: string, message: Saved, header: number): Folder {
  return {
    name,
    streams: [
      ...words('001A', 'IPM.Note'),
      ...words('0037', message.subject),
      ...words('0C1A', message.from?.name),
      ...words('0C1E', message.from && 'SMTP'),
      ...words('0C1F', message.from?.address),
      ...words('5D01', message.from?.address),
      ...words('1000', message.text),
      ...(message.html === undefined
        ? []
        : [['__substg1.0_10130102', Buffer.from(message.html)] as const]),
      ['__properties_version1.0', Buffer.alloc(header)]
    ],
    folders: [
      ...(message.to ? [recipient(message.to)] : []),
      ...(message.files ?? []).map(attachment)
    ]
  }
}

function recipient({ name, address }: NonNullable<Saved['to']>): Folder {
  return {
    name: '__recip_version1.0_#00000000',
    streams: [
      ...words('3001', name),
      ...words('39FE', address),
      ['__properties_version1.0', fixed([[0x0c150003, 1]])]
    ],
    folders: []
  }
}

function attachment({ name, bytes, type, message }: SavedFile, index: number): Folder {
  return {
    name: `__attach_version1.0_#${index.toString(16).padStart(8, '0').toUpperCase()}`,
    streams: [
      ...words('3707', name),
      ...words('370E', type),
      ...(bytes ? [['__substg1.0_37010102', bytes] as const] : []),
      ['__properties_version1.0', fixed([[0x37050003, message ? 5 : 1]])]
    ],
    folders: message ? [messageFolder('__substg1.0_3701000D', message, 24)] : []
  }
}

/** Properties of a fixed length, behind the 8 bytes that are kept free. */
function fixed(values: readonly (readonly [tag: number, value: number])[]): Buffer {
  const rows = values.map(([tag, value]) => {
    const row = Buffer.alloc(16)
    row.writeUInt32LE(tag, 0)
    row.writeUInt32LE(6, 4)
    row.writeUInt32LE(value, 8)
    return row
  })
  return Buffer.concat([Buffer.alloc(8), ...rows])
}

function add(folder: Folder, entries: Entry[], type: number): number {
  const children: number[] = []
  const at = entries.push({ name: folder.name, type, length: 0, children }) - 1
  for (const [name, bytes] of folder.streams) {
    const entry = {
      name,
      type: DOCUMENT,
      length: bytes.length,
      binaryProvider: () => new Uint8Array(bytes)
    }
    children.push(entries.push(entry) - 1)
  }
  for (const one of folder.folders) children.push(add(one, entries, DIRECTORY))
  return at
}
