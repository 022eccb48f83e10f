/**
 * Content-addressed originals: sha256 → bytes.
 *
 * Small ones live in the database and are written by the statement that makes the contact (see intake.ts), because a file
 * costs two fsyncs of its own and a set of rows shares one; larger ones are files, durable before the row that names them.
 * docs/decisions/0001-small-originals-in-the-database.md has the figures.
 */
import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Db } from './db/database.ts'
import { EvenhandError } from './errors.ts'

/** Largest content kept in the database, in bytes. */
export const INLINE_LIMIT = 64 * 1024

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export class Blobs {
  readonly #root: string
  readonly #db: Db

  constructor(root: string, db: Db) {
    this.#root = root
    this.#db = db
  }

  /** Stores bytes and returns when they are durable. Storing the same content again is cheap and safe. */
  async put(bytes: Uint8Array, hash = sha256(bytes)): Promise<string> {
    if (bytes.length > INLINE_LIMIT) await this.putFile(bytes, hash)
    else await this.#db.insertInto('blobs').values({ sha256: hash, content: Buffer.from(bytes) }).onConflict((conflict) => conflict.doNothing()).execute()
    return hash
  }

  /** Writes a file: temporary name, fsync, rename, fsync of the folder; a kill at any point leaves either all of it or nothing. */
  async putFile(bytes: Uint8Array, hash: string): Promise<void> {
    const target = this.#path(hash)
    if (await exists(target)) return
    const folder = path.dirname(target)
    await fs.mkdir(folder, { recursive: true, mode: 0o700 })
    const temporary = path.join(folder, `.${randomUUID()}`)
    try {
      await writeSynced(temporary, bytes)
      await fs.rename(temporary, target)
    } catch (error) {
      await fs.rm(temporary, { force: true })
      throw error
    }
    await syncFolder(folder)
    await syncFolder(path.dirname(folder))
  }

  /** @throws EvenhandError READ_BLOB_MISSING when there is no such content. */
  async get(hash: string): Promise<Buffer> {
    const [content] = await this.getMany([hash])
    return content!
  }

  /** Contents in the order of the hashes. @throws EvenhandError READ_BLOB_MISSING when one is not there. */
  async getMany(hashes: readonly string[]): Promise<Buffer[]> {
    const inline = await this.getInline(hashes)
    return Promise.all(hashes.map((hash) => inline.get(hash) ?? this.#readFile(hash)))
  }

  /** Those of the contents that are kept in the database: each at most INLINE_LIMIT bytes, so that many may be held at once. */
  async getInline(hashes: readonly string[]): Promise<Map<string, Buffer>> {
    if (hashes.length === 0) return new Map()
    const rows = await this.#db.selectFrom('blobs').select(['sha256', 'content']).where('sha256', 'in', [...hashes]).execute()
    return new Map(rows.map((row) => [row.sha256, row.content]))
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

async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(() => true, () => false)
}
