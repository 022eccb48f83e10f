/**
 * Content-addressed originals: sha256 → bytes. Small ones are rows, written by the statement that
 * makes the contact (core/intake), because a file costs two fsyncs of its own while a set of rows
 * shares one. Larger ones are files, on disk before the row that names them.
 * docs/decisions/0001-small-originals-in-the-database.md has the figures.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../db/database.ts'
import { EvenhandError } from '../errors.ts'

/** Largest content kept in the database, in bytes. */
export const INLINE_LIMIT = 64 * 1024

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * Contents as a table expression of (hash, content), sent as one binary value and split in the
 * database. An array of bytea would be sent as hexadecimal text, twice as long, and be encoded and
 * decoded at both ends.
 */
export function unpack(
  contents: readonly { hash: string; content: Uint8Array }[]
): RawBuilder<unknown> {
  const lengths = contents.map(({ content }) => content.length)
  const starts = lengths.map(
    (_, index) => 1 + lengths.slice(0, index).reduce((sum, length) => sum + length, 0)
  )
  return sql`(select hash, substring(${Buffer.concat(contents.map(({ content }) => content))}::bytea
    from start for length)
    from unnest(${contents.map(({ hash }) => hash)}::text[], ${starts}::int[],
      ${lengths}::int[]) as cut (hash, start, length))`
}

/**
 * Bytes of originals kept in memory after they are accepted, so that reading need not fetch them
 * from the database.
 */
const RECENT_BYTES = 16 * 1024 ** 2

export class Blobs {
  readonly #root: string
  readonly #db: Db
  readonly #folders = new Set<string>()
  readonly #recent = new Map<string, Uint8Array>()
  #recentBytes = 0

  constructor(root: string, db: Db) {
    this.#root = root
    this.#db = db
  }

  /**
   * Stores bytes and returns when they are on disk. Storing the same content again is cheap and
   * safe.
   */
  async put(bytes: Uint8Array, hash = sha256(bytes)): Promise<string> {
    if (bytes.length > INLINE_LIMIT) await this.putFile(bytes, hash)
    else
      await this.#db
        .insertInto('blobs')
        .values({ sha256: hash, content: Buffer.from(bytes) })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    return hash
  }

  /**
   * Writes a file: temporary name, fsync, rename, fsync of the folder. A kill at any point leaves
   * all of it or nothing.
   */
  async putFile(bytes: Uint8Array, hash: string): Promise<void> {
    const target = this.#path(hash)
    const folder = path.dirname(target)
    await this.#makeFolder(folder)
    if (!(await exists(target))) await this.#writeNew(target, bytes)
    // The folder is synced also for a file that already exists: its writer may have renamed it and
    // been slow, or been killed, before syncing.
    await syncFolder(folder)
  }

  /**
   * Stores a file of any size without loading it into memory; the file itself stays. Returns its
   * hash.
   */
  async putCopy(file: string): Promise<string> {
    const hasher = createHash('sha256')
    await pipeline(createReadStream(file), hasher)
    const hash = hasher.digest('hex')
    const target = this.#path(hash)
    await this.#makeFolder(path.dirname(target))
    if (!(await exists(target)))
      await this.#makeNew(target, (temporary) => copySynced(file, temporary))
    await syncFolder(path.dirname(target))
    return hash
  }

  async #writeNew(target: string, bytes: Uint8Array): Promise<void> {
    await this.#makeNew(target, (temporary) => writeSynced(temporary, bytes))
  }

  async #makeNew(target: string, write: (temporary: string) => Promise<void>): Promise<void> {
    const temporary = path.join(path.dirname(target), `.${randomUUID()}`)
    try {
      await write(temporary)
      await fs.rename(temporary, target)
    } catch (error) {
      // The folder may have been taken away since it was made: the next attempt makes it again.
      this.#folders.delete(path.dirname(target))
      await fs.rm(temporary, { force: true }).catch(() => undefined)
      throw error
    }
  }

  /**
   * Creates a folder and syncs it and its parent, once per process. For later files only the folder
   * itself is synced.
   */
  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return
    await fs.mkdir(folder, { recursive: true, mode: 0o700 })
    await syncFolder(this.#root)
    await syncFolder(path.dirname(this.#root))
    this.#folders.add(folder)
  }

  /** Keeps small content in memory for its first reading. The oldest is dropped first. */
  remember(hash: string, bytes: Uint8Array): void {
    if (bytes.length > INLINE_LIMIT || this.#recent.has(hash)) return
    this.#recent.set(hash, bytes)
    this.#recentBytes += bytes.length
    for (const oldest of this.#recent.keys()) {
      if (this.#recentBytes <= RECENT_BYTES) return
      this.#recall(oldest)
    }
  }

  #recall(hash: string): Uint8Array | undefined {
    const bytes = this.#recent.get(hash)
    if (bytes && this.#recent.delete(hash)) this.#recentBytes -= bytes.length
    return bytes
  }

  /** @throws EvenhandError READ_BLOB_MISSING if there is no such content. */
  async get(hash: string): Promise<Buffer> {
    const [content] = await this.getMany([hash])
    return Buffer.from(content!.buffer, content!.byteOffset, content!.length)
  }

  /**
   * A file with the content, for programs that read files: the stored file, which must not be
   * written to, or a copy in `folder`.
   * @throws EvenhandError READ_BLOB_MISSING
   */
  async fileOf(hash: string, folder: string): Promise<string> {
    const stored = this.#path(hash)
    if (await exists(stored)) return stored
    const copy = path.join(folder, hash)
    await fs.writeFile(copy, await this.get(hash), { mode: 0o600 })
    return copy
  }

  /**
   * Contents in the order of the hashes. @throws EvenhandError READ_BLOB_MISSING if one does not
   * exist.
   */
  async getMany(hashes: readonly string[]): Promise<Uint8Array[]> {
    const inline = await this.getInline(hashes)
    return Promise.all(hashes.map((hash) => inline.get(hash) ?? this.#readFile(hash)))
  }

  /** The first bytes of a content, whatever its size. @throws EvenhandError READ_BLOB_MISSING */
  async head(hash: string, length: number): Promise<Uint8Array> {
    const inline = (await this.getInline([hash])).get(hash)
    if (inline) return inline.subarray(0, length)
    try {
      const file = await fs.open(this.#path(hash))
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
        return buffer.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw new EvenhandError('READ_BLOB_MISSING', hash, { cause: error })
    }
  }

  /**
   * Those of the contents that are kept in the database. Each has at most INLINE_LIMIT bytes, so
   * that many can be held at once.
   */
  async getInline(hashes: readonly string[]): Promise<Map<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>()
    for (const hash of hashes) {
      const bytes = this.#recall(hash)
      if (bytes) found.set(hash, bytes)
    }
    const missing = hashes.filter((hash) => !found.has(hash))
    if (missing.length === 0) return found
    const rows = await this.#db
      .selectFrom('blobs')
      .select(['sha256', 'content'])
      .where('sha256', 'in', missing)
      .execute()
    for (const row of rows) found.set(row.sha256, row.content)
    return found
  }

  async #readFile(hash: string): Promise<Buffer> {
    try {
      return await fs.readFile(this.#path(hash))
    } catch (error) {
      throw new EvenhandError('READ_BLOB_MISSING', hash, { cause: error })
    }
  }

  #path(hash: string): string {
    return path.join(this.#root, hash.slice(0, 2), hash)
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await fs.open(file, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function copySynced(from: string, to: string): Promise<void> {
  await fs.copyFile(from, to)
  const handle = await fs.open(to, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false
  )
}
