/**
 * What Outlook packs into winmail.dat (MS-OXTNEF): the files that came with a mail, and its words
 * as rich text, HTML or plain text. Nothing is copied, so that it takes no more room than it has.
 */
import iconv from 'iconv-lite'
import { readProperties, type Properties } from './tnef-properties.ts'

export interface TnefFile {
  readonly name: string
  /** The type that the sender's program gave; empty if it gave none. */
  readonly mediaType: string
  readonly bytes: Buffer
  /** A mail inside it, packed in the same way. */
  readonly packed: boolean
  /** By which the HTML shows it; empty if it does not. */
  readonly contentId: string
}

export interface Tnef {
  readonly files: readonly TnefFile[]
  readonly subject: string
  readonly text: string
  readonly html: Buffer | undefined
  /** Compressed as in MS-OXRTFCP. */
  readonly rtf: Buffer | undefined
  /** True if it breaks off or goes on as something else. */
  readonly broken: boolean
}

const SIGNATURE = 0x223e9f78
const HEADER = 6
/** Level and id, then the length; a checksum of two bytes behind. */
const ATTRIBUTE = 9
/** Attributes of one stream; a file has five or six, a message thirty. */
const ATTRIBUTES = 10_000

const attribute = {
  subject: 0x8004,
  body: 0x800c,
  fileData: 0x800f,
  fileTitle: 0x8010,
  fileStart: 0x9002,
  message: 0x9003,
  file: 0x9005,
  codePage: 0x9007
} as const

const property = {
  body: 0x1000,
  rtf: 0x1009,
  html: 0x1013,
  displayName: 0x3001,
  data: 0x3701,
  method: 0x3705,
  shortName: 0x3704,
  longName: 0x3707,
  mediaType: 0x370e,
  contentId: 0x3712
} as const

/** PR_ATTACH_METHOD: a mail of its own (MS-OXCMSG section 2.2.2.9). */
const EMBEDDED_MESSAGE = 5
/** An object begins with the id of its interface. */
const INTERFACE_ID = 16

interface GrowingFile {
  title: string
  data: Buffer | undefined
  properties: Properties
}

/** Undefined if it is none. */
export function readTnef(bytes: Buffer): Tnef | undefined {
  if (bytes.length < HEADER || bytes.readUInt32LE(0) !== SIGNATURE) return undefined
  return new TnefReader(bytes).read()
}

class TnefReader {
  readonly #bytes: Buffer
  readonly #files: GrowingFile[] = []
  #page = 'cp1252'
  #subject = ''
  #body = ''
  #message: Properties = new Map()

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  read(): Tnef {
    let at = HEADER
    for (let count = 0; at + ATTRIBUTE <= this.#bytes.length && count < ATTRIBUTES; count++) {
      const level = this.#bytes[at]!
      const end = at + ATTRIBUTE + this.#bytes.readUInt32LE(at + 5)
      if ((level !== 1 && level !== 2) || end > this.#bytes.length) break
      this.#take(this.#bytes.readUInt16LE(at + 1), this.#bytes.subarray(at + ATTRIBUTE, end))
      at = end + 2
    }
    const text = this.#message.get(property.body)
    return {
      files: this.#files.flatMap((file) => this.#finished(file)),
      subject: this.#subject,
      text: text ? this.#words(text) : this.#body,
      html: this.#message.get(property.html)?.bytes,
      rtf: this.#message.get(property.rtf)?.bytes,
      broken: at + ATTRIBUTE <= this.#bytes.length
    }
  }

  #take(id: number, data: Buffer): void {
    const file = this.#files.at(-1)
    if (id === attribute.codePage && data.length >= 4) this.#page = `cp${data.readUInt32LE(0)}`
    else if (id === attribute.subject) this.#subject = this.#decoded(data)
    else if (id === attribute.body) this.#body = this.#decoded(data)
    else if (id === attribute.message) this.#message = readProperties(data)
    else if (id === attribute.fileStart)
      this.#files.push({ title: '', data: undefined, properties: new Map() })
    else if (file && id === attribute.fileTitle) file.title = this.#decoded(data)
    else if (file && id === attribute.fileData) file.data = data
    else if (file && id === attribute.file) file.properties = readProperties(data)
  }

  #finished({ title, data, properties }: GrowingFile): TnefFile[] {
    const packed = properties.get(property.method)?.number === EMBEDDED_MESSAGE
    const object = properties.get(property.data)?.bytes
    const bytes = (packed ? undefined : data) ?? object?.subarray(packed ? INTERFACE_ID : 0)
    if (bytes === undefined) return []
    const names = [property.longName, property.displayName, property.shortName]
    const name = names.map((id) => this.#name(properties, id)).find(Boolean) ?? title
    return [
      {
        name,
        mediaType: this.#name(properties, property.mediaType),
        bytes,
        packed,
        contentId: this.#name(properties, property.contentId)
      }
    ]
  }

  #name(properties: Properties, id: number): string {
    const value = properties.get(id)
    return value ? this.#words(value) : ''
  }

  #words({ bytes, wide }: { readonly bytes: Buffer; readonly wide: boolean }): string {
    return wide ? untilNul(bytes.toString('utf16le')) : this.#decoded(bytes)
  }

  #decoded(bytes: Buffer): string {
    return untilNul(iconv.decode(bytes, iconv.encodingExists(this.#page) ? this.#page : 'cp1252'))
  }
}

function untilNul(text: string): string {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}
