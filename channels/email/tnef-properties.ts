/** MAPI properties as TNEF writes them (MS-OXTNEF section 2.1.3.4), by their ids. */

export interface PropertyValue {
  readonly bytes: Buffer
  /** Text in UTF-16. */
  readonly wide: boolean
  /** Of a number of 32 bits. */
  readonly number: number | undefined
}

export type Properties = ReadonlyMap<number, PropertyValue>

/** Properties of one message or file; there are some eighty. */
const PROPERTIES = 2_000
/** Values of one property with several. */
const VALUES = 10_000
const SEVERAL = 0x1000
const UNICODE = 0x1f
/** Properties from here on have a name. */
const NAMED = 0x8000

/** Bytes of types with a fixed length, filled up to four; the others state theirs. */
const fixed: Readonly<Record<number, number>> = {
  0x00: 4,
  0x01: 4,
  0x02: 4,
  0x03: 4,
  0x04: 4,
  0x05: 8,
  0x06: 8,
  0x07: 8,
  0x0a: 4,
  0x0b: 4,
  0x14: 8,
  0x40: 8,
  0x48: 16
}
const varying = new Set([0x0d, 0x1e, UNICODE, 0x102])

/** What can be read up to where it breaks off, or has a type that nobody knows. */
export function readProperties(bytes: Buffer): Properties {
  const found = new Map<number, PropertyValue>()
  const reader = new Cursor(bytes)
  try {
    const count = Math.min(reader.number(), PROPERTIES)
    for (let no = 0; no < count; no++) {
      const [type, id] = reader.tag()
      if (id >= NAMED) skipName(reader)
      const value = readValue(reader, type)
      if (!found.has(id)) found.set(id, value)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return found
}

/** An id, or a text that is filled up to four bytes. */
function skipName(reader: Cursor): void {
  reader.take(16)
  if (reader.number() === 0) reader.take(4)
  else reader.padded(reader.number())
}

function readValue(reader: Cursor, type: number): PropertyValue {
  const kind = type & ~SEVERAL
  const size = fixed[kind]
  if (size === undefined && !varying.has(kind)) throw new RangeError('an unknown type')
  const count = size === undefined || (type & SEVERAL) !== 0 ? reader.number() : 1
  if (count > VALUES) throw new RangeError('too many values')
  let first: Buffer | undefined
  for (let no = 0; no < count; no++) {
    const value = size === undefined ? reader.padded(reader.number()) : reader.take(size)
    first ??= value
  }
  const value = first ?? Buffer.alloc(0)
  return {
    bytes: value,
    wide: kind === UNICODE,
    number: size === 4 && value.length === 4 ? value.readUInt32LE(0) : undefined
  }
}

/** Reads on; beyond the end it throws a RangeError. */
class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  number(): number {
    return this.take(4).readUInt32LE(0)
  }

  tag(): [type: number, id: number] {
    const bytes = this.take(4)
    return [bytes.readUInt16LE(0), bytes.readUInt16LE(2)]
  }

  take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('it breaks off')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  /** As many bytes, and those that fill them up to a multiple of four. */
  padded(length: number): Buffer {
    const taken = this.take(length)
    this.#at = Math.min(this.#bytes.length, this.#at + ((4 - (length % 4)) % 4))
    return taken
  }
}
