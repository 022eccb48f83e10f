/**
 * The documents stage: reads documents that contacts and batches wait for, each in turns of a few pages, and hands contacts on
 * whose documents are all read. Running it twice on one, or being killed in the middle, is harmless.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Blobs } from '../blobs.ts'
import type { Db } from '../db/database.ts'
import { asEvenhandError } from '../errors.ts'
import type { Log } from '../logger.ts'
import { FairSlots } from './fair-slots.ts'
import { finishContacts } from './for-contacts.ts'
import { ReaderPool } from './pool.ts'
import { makeReadingCopy } from './reading-copy.ts'
import { countAttempt, findDocument, noteFinished, summarisePages, type DocumentRecord } from './store.ts'
import { openDocument, readTurn, type Known, type TurnGround, type TurnOptions } from './turn.ts'

/** Pages of one turn while others wait; then a document goes to the end of the queue. At a second a page a turn is some seconds. */
const TURN_PAGES = 8
/** After this many failures that are not the document's doing (a missing original, a full disk) it is left to a person. */
const MAX_ATTEMPTS = 3
/** Documents whose structure is remembered between their turns: some kilobytes each. */
const KNOWN_DOCUMENTS = 32

export interface StageOptions {
  readonly db: Db
  readonly blobs: Blobs
  readonly log: Log
  /** The languages and the engine in force now. */
  readonly how: () => Pick<TurnOptions, 'languages' | 'engine'>
  /** Whether other documents wait for a turn. */
  readonly othersWait: () => Promise<boolean>
  /** Hears of contacts ready to settle, after the commit; must not throw. */
  readonly onRead: (contactIds: string[]) => void
  /** Readers shared with others; without them the stage has its own, which end with it. */
  readonly pool?: ReaderPool
}

export class DocumentStage {
  readonly #options: StageOptions
  readonly #ground: TurnGround
  readonly #known = new Map<string, Known>()
  #stopping = false

  constructor(options: StageOptions) {
    const pool = options.pool ?? new ReaderPool()
    this.#options = options
    this.#ground = { db: options.db, blobs: options.blobs, pool, slots: new FairSlots(pool.size) }
  }

  get pool(): ReaderPool { return this.#ground.pool }

  /** Gives each document a turn; answers those that need another. @throws DATABASE_DOWN and the like: the job is tried again */
  async read(hashes: readonly string[]): Promise<string[]> {
    const more: string[] = []
    for (const hash of hashes) if (!await this.#turn(hash)) more.push(hash)
    return more
  }

  /** Lets pages in hand end and no further one begin; what is left is found by the sweep. */
  stop(): void {
    this.#stopping = true
  }

  async close(): Promise<void> {
    this.stop()
    if (!this.#options.pool) await this.#ground.pool.close()
  }

  /** True when the document is done. */
  async #turn(sha256: string): Promise<boolean> {
    const { db, log, onRead } = this.#options
    const record = await findDocument(db, sha256)
    if (!record) return true
    if (record.outcome === undefined && !await this.#readSome(record)) return false
    this.#known.delete(sha256)
    const ready = await finishContacts({ db, log, pool: this.#ground.pool, stopping: () => this.#stopping }, sha256)
    if (ready.length > 0) onRead(ready)
    return true
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
    const known = this.#known.get(record.sha256) ?? await openDocument(this.#ground, record.sha256, file)
    if (!known) return true
    this.#remember(record.sha256, known)
    const options: TurnOptions = { ...this.#options.how(), goesOn: (read) => this.#goesOn(read) }
    if (!await readTurn(this.#ground, record, known, file, folder, options)) return false
    await this.#finish({ ...record, kind: known.opened.document }, known.opened.pages, file, folder)
    return true
  }

  async #goesOn(read: number): Promise<boolean> {
    if (this.#stopping) return false
    return read === 0 || read % TURN_PAGES !== 0 || !await this.#options.othersWait()
  }

  async #finish(record: DocumentRecord, pages: number, file: string, folder: string): Promise<void> {
    const { db } = this.#options
    const { withheld, firstReason } = await summarisePages(db, record.sha256)
    if (withheld === pages) return noteFinished(db, record.sha256, { outcome: 'withheld', reason: firstReason })
    const copy = await makeReadingCopy(this.#ground, record, pages, file, folder)
    const missing = [...(withheld > 0 ? [`${withheld} of ${pages} pages could not be read: ${firstReason}`] : []), ...('missing' in copy && copy.missing ? [copy.missing] : [])]
    await noteFinished(db, record.sha256, { outcome: 'read', ...(missing.length > 0 ? { reason: missing.join(' ') } : {}), ...('sha256' in copy ? { searchablePdf: copy.sha256 } : {}) })
  }

  #remember(sha256: string, known: Known): void {
    this.#known.set(sha256, known)
    for (const oldest of this.#known.keys()) if (this.#known.size > KNOWN_DOCUMENTS) this.#known.delete(oldest)
  }

  /** Not the document's doing: tried again, and after three times withheld with the catalogue's sentence. */
  async #fail(record: DocumentRecord, error: unknown): Promise<boolean> {
    const { db, log } = this.#options
    const failure = asEvenhandError(error)
    if (failure.code === 'DATABASE_DOWN' || this.#stopping) throw error
    const attempts = await countAttempt(db, record.sha256)
    log.error({ err: error, document: record.sha256, attempts }, 'a document could not be read')
    if (attempts < MAX_ATTEMPTS) throw error
    await noteFinished(db, record.sha256, { outcome: 'withheld', reason: failure.message })
    return true
  }
}
