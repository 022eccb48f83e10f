/**
 * The documents stage: reads documents that contacts and batches wait for, each in slices of a few
 * pages, and hands contacts on whose documents are all read. Running it twice on one, or being
 * killed in the middle, is harmless.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import { asEvenhandError, isOurTrouble } from '../../platform/errors.ts'
import { isLastAttempt, type Attempts } from '../../platform/limits/retry-policy.ts'
import type { Log } from '../../platform/logger.ts'
import { FairScheduler } from '../../platform/limits/fair-scheduler.ts'
import { finishContacts, readOf } from './for-contacts.ts'
import { keepInside } from './inside.ts'
import { ReaderPool } from './pool.ts'
import { mayHoldFiles } from './media-type.ts'
import { renewContacts } from './read-again.ts'
import { makeReadingCopy } from './reading-copy.ts'
import {
  countAttempt,
  findDocument,
  judgePages,
  noteFinished,
  type DocumentEnd,
  type DocumentRecord
} from './store.ts'
import {
  openDocument,
  readSlice,
  type OpenedDocument,
  type SliceRuntime,
  type SliceOptions
} from './slice.ts'

/**
 * Pages of one slice while others wait; then a document goes to the end of the queue. At a second a
 * page a slice is some seconds.
 */
const SLICE_PAGES = 8
/**
 * After this many failures that are not the document's doing (a missing original, a full disk) it
 * is left to a person.
 */
const reading: Attempts = { attempts: 3 }
/** Documents whose structure is remembered between their slices: some kilobytes each. */
const KNOWN_DOCUMENTS = 32

export interface StageOptions {
  readonly db: Db
  readonly blobs: Blobs
  readonly log: Log
  /** The languages and the engine in force now. */
  readonly how: () => Pick<SliceOptions, 'languages' | 'engine'>
  /** Whether other documents wait for a slice. */
  readonly othersWait: () => Promise<boolean>
  /** Hears of contacts ready to settle, after the commit; must not throw. */
  readonly onRead: (contactIds: string[]) => void
  /** Readers shared with others; without them the stage has its own, which end with it. */
  readonly pool?: ReaderPool
}

export class DocumentStage {
  readonly #options: StageOptions
  readonly #runtime: SliceRuntime
  readonly #known = new Map<string, OpenedDocument>()
  #stopping = false

  constructor(options: StageOptions) {
    const pool = options.pool ?? new ReaderPool()
    this.#options = options
    this.#runtime = {
      db: options.db,
      blobs: options.blobs,
      pool,
      slots: new FairScheduler(pool.size)
    }
  }

  get pool(): ReaderPool {
    return this.#runtime.pool
  }

  /**
   * Reads a slice of each document; answers those that need another, and files inside them that are
   * to be read too. @throws DATABASE_DOWN and the like: the job is tried again
   */
  async read(hashes: readonly string[]): Promise<string[]> {
    const more: string[] = []
    for (const hash of hashes) more.push(...(await this.#readSlice(hash)))
    return more
  }

  /** Lets pages in hand end and no further one begin; what is left is found by the sweep. */
  stop(): void {
    this.#stopping = true
  }

  async close(): Promise<void> {
    this.stop()
    if (!this.#options.pool) await this.#runtime.pool.close()
  }

  /**
   * What is still to be read: nothing when the document is done, else itself; or files inside it
   * that contacts wait for.
   */
  async #readSlice(sha256: string): Promise<string[]> {
    const { db, log, onRead } = this.#options
    const record = await findDocument(db, sha256)
    if (!record || record.pagesOnly) return []
    if (record.outcome === undefined && !(await this.#readSome(record))) return [sha256]
    this.#known.delete(sha256)
    const { ready, toRead } = await finishContacts(
      { db, log, pool: this.#runtime.pool, stopping: () => this.#stopping },
      sha256
    )
    if (ready.length > 0) onRead(ready)
    return toRead
  }

  async #readSome(record: DocumentRecord): Promise<boolean> {
    const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-read-'))
    try {
      return await this.#readIn(folder, record)
    } catch (error) {
      return await this.#fail(record, error)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #readIn(folder: string, record: DocumentRecord): Promise<boolean> {
    const file = await this.#options.blobs.fileOf(record.sha256, folder)
    const known =
      this.#known.get(record.sha256) ?? (await openDocument(this.#runtime, record.sha256, file))
    if (!known) return true
    this.#remember(record.sha256, known)
    const options: SliceOptions = { ...this.#options.how(), goesOn: (read) => this.#goesOn(read) }
    if (!(await readSlice(this.#runtime, record, known, { file, folder }, options))) return false
    await this.#finish({ ...record, kind: known.opened.document }, known.opened.pages, file, folder)
    return true
  }

  async #goesOn(read: number): Promise<boolean> {
    if (this.#stopping) return false
    return read === 0 || read % SLICE_PAGES !== 0 || !(await this.#options.othersWait())
  }

  async #finish(
    record: DocumentRecord,
    pages: number,
    file: string,
    folder: string
  ): Promise<void> {
    const { db } = this.#options
    const { outcome, reason } = await judgePages(db, record.sha256)
    const inside =
      record.kind && mayHoldFiles(record.kind)
        ? await keepInside({ ...this.#runtime, db }, record.sha256, file, record.kind, folder)
        : undefined
    const copy = await makeReadingCopy(this.#runtime, record, pages, file, folder)
    const missing = [
      ...(reason ? [reason] : []),
      ...(inside ? [inside] : []),
      ...('missing' in copy && copy.missing ? [copy.missing] : [])
    ]
    await this.#note(record, {
      outcome,
      ...(missing.length > 0 ? { reason: missing.join(' ') } : {}),
      ...('sha256' in copy ? { searchablePdf: copy.sha256 } : {})
    })
  }

  async #note({ sha256, readBefore }: DocumentRecord, end: DocumentEnd): Promise<void> {
    await this.#options.db.transaction().execute(async (trx) => {
      await noteFinished(trx, sha256, end)
      if (readBefore) await renewContacts(trx, sha256, (contactId) => readOf(trx, contactId))
    })
  }

  #remember(sha256: string, known: OpenedDocument): void {
    this.#known.set(sha256, known)
    for (const oldest of this.#known.keys())
      if (this.#known.size > KNOWN_DOCUMENTS) this.#known.delete(oldest)
  }

  /**
   * Not the document's doing: tried again, and after three times withheld with the catalogue's
   * sentence; one that was read before stands as it was read.
   */
  async #fail(record: DocumentRecord, error: unknown): Promise<boolean> {
    const { db, log } = this.#options
    const failure = asEvenhandError(error)
    if (isOurTrouble(failure) || this.#stopping) throw error
    const attempts = await countAttempt(db, record.sha256)
    log.error({ err: error, document: record.sha256, attempts }, 'a document could not be read')
    if (!isLastAttempt(reading, attempts)) throw error
    const before = record.readBefore ? await judgePages(db, record.sha256) : undefined
    await this.#note(record, before ?? { outcome: 'withheld', reason: failure.message })
    return true
  }
}
