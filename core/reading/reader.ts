/** The read stage: raw → envelope and documents, for contacts that were accepted. Running it twice on one is harmless. */
import { INLINE_LIMIT, sha256, type Blobs } from '../blobs.ts'
import type { RemoteFile, StoredRaw, Translation } from '../channel.ts'
import type { Db } from '../db/database.ts'
import type { ContactState } from '../db/tables.ts'
import type { AskedDocument } from '../documents/store.ts'
import { isWorthReading } from '../documents/worth-reading.ts'
import { storableText, storableValue, type EnvelopeDraft } from '../envelope.ts'
import { asEvenhandError, EvenhandError, type ErrorCode } from '../errors.ts'
import { GroupCommit } from '../group-commit.ts'
import type { Log } from '../logger.ts'
import { quarantine } from '../quarantine.ts'
import type { TranslatePool } from './pool.ts'
import { rawColumns, toRaw, type RawRow } from './raw.ts'
import { findFiles, noteFiles, type StoredFile } from './remote-store.ts'
import { loadFetched } from './remote.ts'
import { sizeOfRead, writeSet, type Read } from './write.ts'

/** After this many crashes of its reader a contact is left to a person. */
const MAX_ATTEMPTS = 3
/** Small contacts in one visit to a translation thread. */
const SET = 8

interface Accepted extends RawRow {
  attempts: number
}

/** What channels ask for before they translate, and who fetches it. */
export interface Remote {
  readonly filesOf: (raw: StoredRaw) => readonly RemoteFile[]
  /** Hears of contacts whose files are to be fetched; must not throw. */
  readonly onWanted: (contactIds: string[]) => void
}

/** Takes over a contact whose documents are scans; afterwards it is settled. */
export type OnScans = (contactId: string, scans: readonly { readonly name: string; readonly bytes: Uint8Array }[]) => Promise<void>

export class Reader {
  readonly #db: Db
  readonly #blobs: Blobs
  readonly #pool: TranslatePool
  readonly #log: Log
  readonly #onRead: (contactIds: string[]) => void
  readonly #onDocuments: (hashes: string[]) => void
  readonly #remote: Remote | undefined
  readonly #onScans: OnScans | undefined
  readonly #results: GroupCommit<Read, ContactState | undefined>

  /**
   * After the commit `onRead` hears of contacts ready to settle, `onDocuments` of documents to be read first; they must not throw.
   * Without `remote` no channel asks for files, without `onScans` scans are documents like others.
   */
  constructor(db: Db, blobs: Blobs, pool: TranslatePool, log: Log, onRead: (contactIds: string[]) => void, remote?: Remote, onDocuments: (hashes: string[]) => void = () => undefined, onScans?: OnScans) {
    this.#db = db
    this.#blobs = blobs
    this.#pool = pool
    this.#log = log
    this.#onRead = onRead
    this.#onDocuments = onDocuments
    this.#remote = remote
    this.#onScans = onScans
    this.#results = new GroupCommit((set) => writeSet(db, set), { maxItems: 64, maxBytes: 8 * 1024 ** 2, maxPending: Infinity, sizeOf: sizeOfRead, everyMs: 25 })
  }

  /** Reads those of the contacts that still wait for it. @throws DATABASE_DOWN and the like: the job is tried again */
  async read(ids: readonly string[]): Promise<void> {
    const rows = await this.#db.selectFrom('contacts').select([...rawColumns, 'attempts'])
      .where('id', 'in', [...ids]).where('state', '=', 'accepted').orderBy('ordinal').execute() as Accepted[]
    if (rows.length === 0) return
    const results = await Promise.allSettled(await this.#readRows(rows))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  async #readRows(rows: Accepted[]): Promise<Promise<void>[]> {
    const small = await this.#blobs.getInline(rows.map((row) => row.raw_sha256))
    const bytesOf = async (row: Accepted) => small.get(row.raw_sha256) ?? await this.#blobs.get(row.raw_sha256)
    const alone: Promise<void>[] = []
    const together: Accepted[] = []
    for (const { row, files } of await this.#sortByFiles(rows, bytesOf)) {
      if (files.some(({ state }) => state === 'waiting')) continue
      if (files.length === 0 && small.has(row.raw_sha256)) together.push(row)
      else alone.push(this.#keep(row, this.#pool.translate(async () => ({ ...toRaw(row, await bytesOf(row)), ...await loadFetched(this.#blobs, files) }))))
    }
    return [...alone, ...chunks(together, SET).flatMap((set) => {
      const translated = this.#pool.translateSet(set.map((row) => toRaw(row, small.get(row.raw_sha256)!)))
      return set.map((row, index) => this.#keep(row, translated[index]!))
    })]
  }

  /** Each row with what its provider keeps for it; what is asked for the first time is written down and handed to be fetched. */
  async #sortByFiles(rows: Accepted[], bytesOf: (row: Accepted) => Promise<Uint8Array>): Promise<{ row: Accepted; files: StoredFile[] }[]> {
    const remote = this.#remote
    if (!remote) return rows.map((row) => ({ row, files: [] }))
    const known = await findFiles(this.#db, rows.map((row) => row.id))
    const sorted = []
    for (const row of rows) {
      const files = known.get(row.id) ?? await this.#ask(remote, row, bytesOf)
      if (files) sorted.push({ row, files })
    }
    return sorted
  }

  async #ask(remote: Remote, row: Accepted, bytesOf: (row: Accepted) => Promise<Uint8Array>): Promise<StoredFile[] | undefined> {
    try {
      const asked = remote.filesOf(toRaw(row, await bytesOf(row)))
      if (asked.length === 0) return []
      // A stranger's word must not make us fetch with our credentials: first a person releases the contact.
      const held = typeof row.evidence['quarantine'] === 'string'
      await noteFiles(this.#db, row.id, asked.map(({ name }) => name), held)
      if (!held) remote.onWanted([row.id])
      return (await findFiles(this.#db, [row.id])).get(row.id)
    } catch (error) {
      await this.#fail(row, asEvenhandError(error))
      return undefined
    }
  }

  async #keep(row: Accepted, translated: Promise<Translation[]>): Promise<void> {
    try {
      await this.#write(row, await translated)
    } catch (error) {
      await this.#fail(row, asEvenhandError(error))
    }
  }

  async #write(row: Accepted, [translation, ...more]: Translation[]): Promise<void> {
    if (!translation) throw new EvenhandError('READ_UNPARSEABLE', 'the channel made nothing of it')
    if (more.length > 0) throw new EvenhandError('READ_UNPARSEABLE', 'the channel made several contacts of it')
    if (translation.scans && this.#onScans) return this.#onScans(row.id, translation.envelope.documents.map(({ name }, index) => ({ name, bytes: translation.contents[index]! })))
    const contents = translation.contents.map((content) => ({ hash: sha256(content), content }))
    for (const { hash, content } of contents) if (content.length > INLINE_LIMIT) await this.#blobs.putFile(content, hash)
    const inline = contents.filter(({ content }) => content.length <= INLINE_LIMIT)
    const papers = papersOf(translation, contents)
    const state = await this.#results.add({
      id: row.id, draft: storableValue(translation.envelope) as EnvelopeDraft, kind: translation.kind, tokens: translation.tokens.map(storableText), reason: storableText(translation.reason),
      unsure: translation.unsure === undefined ? undefined : storableText(translation.unsure), inline, papers
    })
    if (state === 'read') this.#onRead([row.id])
    if (state === 'documents') this.#onDocuments(papers.map((paper) => paper.sha256))
  }

  async #fail(row: Accepted, error: EvenhandError): Promise<void> {
    if (error.code === 'DATABASE_DOWN') throw error
    if (isFinal(error.code) || row.attempts + 1 >= attemptsFor(error.code)) {
      this.#log.warn({ contact: row.id, code: error.code }, 'a contact could not be read and waits for a person')
      await quarantine(this.#db, row.id, 'read', error)
      return
    }
    await this.#db.updateTable('contacts').set({ attempts: row.attempts + 1 }).where('id', '=', row.id).execute()
    throw error
  }
}

/** The documents to be read for their text. An out-of-office reply or a bounce is settled without. */
function papersOf({ kind, envelope: { documents } }: Translation, contents: readonly { hash: string; content: Uint8Array }[]): AskedDocument[] {
  if (kind !== 'message') return []
  return contents.filter(({ content }, index) => documents[index] && isWorthReading(documents[index], content)).map(({ hash, content }) => ({ sha256: hash, bytes: content.length }))
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
}

function isFinal(code: ErrorCode): boolean {
  return code === 'INTAKE_UNKNOWN_CHANNEL' || code === 'READ_UNPARSEABLE' || code === 'READ_LIMIT'
}

/** A message made to hang costs its thread twice; an honest one on a crowded machine, where a thread is long in starting, gets its second chance. */
function attemptsFor(code: ErrorCode): number {
  return code === 'READ_TIMEOUT' ? 2 : MAX_ATTEMPTS
}
