/**
 * Whether a compound file (MS-CFB) holds together: its chains of sectors end, its folders are a
 * tree, and nothing is longer than the file. The reader of what is in it follows them without
 * looking, and would not come back from a file that was cut off.
 */

/** Of the files that Office writes (section 2.2). */
const SIGNATURE = Buffer.from('d0cf11e0a1b11ae1', 'hex')
const HEADER = 512
/** Sectors of the table of sectors that are named in the header. */
const NAMED_IN_HEADER = 109
const ENTRY = 128

export function isCompoundFile(bytes: Buffer): boolean {
  return bytes.length > HEADER && SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length))
}

/** @param bytes of a compound file */
export function holdsTogether(bytes: Buffer): boolean {
  const sectorSize = 1 << bytes.readUInt16LE(30)
  if (sectorSize !== 512 && sectorSize !== 4096) return false
  const file = new Sectors(bytes, sectorSize)
  const table = file.table()
  if (!table || !chainsEnd(table)) return false
  const small = file.chain(table, bytes.readInt32LE(60))
  const entries = file.chain(table, bytes.readInt32LE(48))
  return chainsEnd(numbersIn(small)) && isTree(entries, bytes.length)
}

class Sectors {
  readonly #bytes: Buffer
  readonly #size: number

  constructor(bytes: Buffer, size: number) {
    this.#bytes = bytes
    this.#size = size
  }

  /** The last one may be cut short, as some programs write it. */
  get count(): number {
    return Math.ceil(this.#bytes.length / this.#size) - 1
  }

  /** Which sector follows each; undefined if a part of the table is not there. */
  table(): number[] | undefined {
    const named = this.#named()
    if (!named || named.some((sector) => sector < 0 || sector >= this.count)) return undefined
    return named.flatMap((sector) => numbersIn(this.#at(sector)))
  }

  /** Sectors that hold the table: those in the header, then a chain of lists of more. */
  #named(): number[] | undefined {
    const total = this.#bytes.readUInt32LE(44)
    if (total > this.count) return undefined
    const header = this.#bytes.subarray(76, 76 + NAMED_IN_HEADER * 4)
    const named = numbersIn(header).slice(0, total)
    let next = this.#bytes.readInt32LE(68)
    while (named.length < total) {
      if (next < 0 || next >= this.count) return undefined
      const list = numbersIn(this.#at(next))
      next = list.pop()!
      named.push(...list.slice(0, total - named.length))
    }
    return named
  }

  /** All of a chain that ends. */
  chain(table: readonly number[], first: number): Buffer {
    const parts: Buffer[] = []
    for (let at = first; at >= 0 && at < table.length; at = table[at]!) parts.push(this.#at(at))
    return Buffer.concat(parts)
  }

  #at(sector: number): Buffer {
    return this.#bytes.subarray((sector + 1) * this.#size, (sector + 2) * this.#size)
  }
}

function numbersIn(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readInt32LE(index * 4))
}

/** Negative numbers end a chain, or mark what is in none. */
function chainsEnd(next: readonly number[]): boolean {
  const walks = new Int32Array(next.length)
  for (let start = 0; start < next.length; start++) {
    for (let at = start; at >= 0; at = next[at]!) {
      if (at >= next.length || walks[at] === start + 1) return false
      if (walks[at] !== 0) break
      walks[at] = start + 1
    }
  }
  return true
}

/** Each entry is led to once at most, from an earlier or a later one. */
function isTree(entries: Buffer, longest: number): boolean {
  const led = new Set<number>([0])
  const count = Math.floor(entries.length / ENTRY)
  for (let at = 0; at < count; at++) {
    const entry = entries.subarray(at * ENTRY, (at + 1) * ENTRY)
    if (entry[66] === 0) continue
    if (entry.readUInt32LE(120) > longest) return false
    for (const other of [68, 72, 76].map((from) => entry.readInt32LE(from))) {
      if (other < 0) continue
      if (other >= count || led.has(other)) return false
      led.add(other)
    }
  }
  return count > 0
}
