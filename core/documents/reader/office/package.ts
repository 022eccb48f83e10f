import { crc32 } from 'node:zlib'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { limits } from '../../limits.ts'
import { Refused } from '../refused.ts'

/**
 * The parts of an office file, which is a zip: found by its directory, unpacked one by one within
 * bounds.
 */
export class Package {
  readonly #zip: ZipFile
  /** Names of parts are the same in any case (ISO 29500-2, 6.2.2.3). */
  readonly #entries: ReadonlyMap<string, Entry>
  #left: number

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>, mostBytes: number) {
    this.#zip = zip
    this.#entries = entries
    this.#left = mostBytes
  }

  /**
   * Opens it for the time of `work`; `mostBytes` are unpacked altogether. @throws Refused where it
   * is no whole zip or has too many parts
   */
  static async use<T>(
    path: string,
    work: (parts: Package) => Promise<T>,
    mostBytes: number = limits.officeBytes
  ): Promise<T> {
    const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch(damaged)
    try {
      return await work(new Package(zip, await entriesOf(zip), mostBytes))
    } finally {
      zip.close()
    }
  }

  get names(): string[] {
    return [...this.#entries.values()].map(({ fileName }) => fileName)
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase())
  }

  /** Bytes of a part once unpacked, as the directory says. */
  sizeOf(name: string): number {
    return this.#entries.get(name.toLowerCase())?.uncompressedSize ?? 0
  }

  /**
   * A part unpacked; undefined where there is none. @throws Refused over the bound, or where it is
   * not what the directory says
   */
  async read(name: string): Promise<Buffer | undefined> {
    const entry = this.#entries.get(name.toLowerCase())
    if (!entry) return undefined
    if (entry.isEncrypted()) throw new Refused('is locked with a password')
    this.#left -= entry.uncompressedSize
    if (this.#left < 0) throw new Refused('unpacks to more than is read by machine')
    const bytes = await unpack(this.#zip, entry).catch(damaged)
    if (crc32(bytes) !== entry.crc32) damaged()
    return bytes
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > limits.officeParts)
    throw new Refused(`has more than ${limits.officeParts} parts`)
  const entries = new Map<string, Entry>()
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue
      if (entries.has(entry.fileName.toLowerCase()))
        throw new Refused('names one of its parts twice, so that what it shows cannot be told')
      entries.set(entry.fileName.toLowerCase(), entry)
    }
  } catch (error) {
    if (error instanceof Refused) throw error
    damaged()
  }
  return entries
}

/** The stream ends with an error as soon as there is more than the directory says. */
async function unpack(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

function damaged(): never {
  throw new Refused('is damaged: its parts cannot be unpacked')
}
