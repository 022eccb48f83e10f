/** Fetches what providers keep for contacts, before they are read; the sweep brings back what has to be tried again. */
import { countAlert } from '../alerts.ts'
import { sha256, type Blobs } from '../blobs.ts'
import type { RemoteFile, StoredRaw } from '../channel.ts'
import type { Db } from '../db/database.ts'
import { asEvenhandError, type EvenhandError } from '../errors.ts'
import type { Log } from '../logger.ts'
import { quarantine } from '../quarantine.ts'
import { download, type Downloaded } from './download.ts'
import { Gate } from './gate.ts'
import { loadRaw } from './raw.ts'
import { claimDue, countUnreadable, holdFiles, recordFates, RENEW_EVERY_MS, renewClaim, type Fate, type StoredFile } from './remote-store.ts'

/**
 * Waits of 10 s, doubling up to half an hour: 13 tries take four and a half hours. Media appears seconds to minutes after its
 * message. A provider that is down, or credentials that it refuses, need a person who may not be there before Monday: 68 more
 * tries, an hour apart, make three days.
 */
const FIRST_RETRY_SECONDS = 10
const LONGEST_RETRY_SECONDS = 1_800
const MAX_ATTEMPTS = 13
const SLOW_RETRY_SECONDS = 3_600
const MAX_ATTEMPTS_DOWN = 81
/** After so many failures to find out what to fetch a contact is left to a person. */
const MAX_UNREADABLE = 3
/** Downloads at once from one host; a host that hangs holds up only its own files. */
const AT_ONCE = 4

export interface FetcherOptions {
  readonly db: Db
  readonly blobs: Blobs
  readonly log: Log
  /** What the contact's channel asks for. */
  readonly filesOf: (raw: StoredRaw) => readonly RemoteFile[]
  /** Hears of contacts whose files are all here or given up; must not throw. */
  readonly onComplete: (contactIds: string[]) => void
  readonly download?: (file: RemoteFile) => Promise<Downloaded>
}

export class Fetcher {
  readonly #options: FetcherOptions
  readonly #gates = new Map<string, Gate>()

  constructor(options: FetcherOptions) {
    this.#options = options
  }

  /** Fetches those of the contacts' files that are due. @throws DATABASE_DOWN and the like: what was claimed is due again later */
  async fetch(contactIds: readonly string[]): Promise<void> {
    const due = await claimDue(this.#options.db, contactIds)
    const results = await Promise.allSettled([...due].map(([id, files]) => this.#fetchContact(id, files)))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  async #fetchContact(contactId: string, due: StoredFile[]): Promise<void> {
    const { db, onComplete } = this.#options
    // Renewed for as long as it takes: many may wait for their turn at one host. A renewal that fails is made up for by the next.
    const renewing = setInterval(() => { renewClaim(db, contactId, due.map(({ number }) => number)).catch(() => undefined) }, RENEW_EVERY_MS)
    try {
      const files = await this.#filesOf(contactId)
      if (!files) return
      const fates = await Promise.all(due.map((stored) => this.#fetchFile(stored, files[stored.number])))
      if (await recordFates(db, contactId, fates)) onComplete([contactId])
    } finally {
      clearInterval(renewing)
    }
  }

  /** Undefined where the original says nothing, for want of it: after three times the contact is left to a person. */
  async #filesOf(contactId: string): Promise<readonly RemoteFile[] | undefined> {
    const { db, blobs, filesOf, log } = this.#options
    try {
      return filesOf(await loadRaw(db, blobs, contactId))
    } catch (error) {
      const failure = asEvenhandError(error)
      if (failure.code === 'DATABASE_DOWN') throw error
      const attempts = await countUnreadable(db, contactId) ?? MAX_UNREADABLE
      log.error({ err: error, contact: contactId, attempts }, 'what to fetch for a contact could not be told from its original')
      if (attempts < MAX_UNREADABLE) return undefined
      // In this order: what a kill leaves waiting comes round again and is held then.
      await quarantine(db, contactId, 'fetch', failure)
      await holdFiles(db, contactId)
      return undefined
    }
  }

  async #fetchFile(stored: StoredFile, file: RemoteFile | undefined): Promise<Fate> {
    const { number, attempts } = stored
    if (!file) return { number, state: 'missing', reason: 'The channel no longer asks for it.' }
    try {
      const { bytes, mediaType } = await this.#gate(file).run(() => (this.#options.download ?? download)(file))
      // Durable before it is said to be here.
      return { number, state: 'fetched', sha256: await this.#options.blobs.put(bytes, sha256(bytes)), mediaType }
    } catch (error) {
      return this.#failed(stored, attempts + 1, asEvenhandError(error))
    }
  }

  #failed({ contactId, number }: StoredFile, attempt: number, error: EvenhandError): Fate {
    // A disk or database in trouble is no fault of the file: it is tried for as long as it takes.
    const ours = !error.code.startsWith('FETCH_')
    const final = !ours && (!error.retry || attempt >= (error.code === 'FETCH_DOWN' ? MAX_ATTEMPTS_DOWN : MAX_ATTEMPTS))
    this.#options.log.warn({ contact: contactId, file: number, code: error.code, detail: error.detail, attempt, final }, 'a file could not be fetched from the provider')
    if (final) return { number, state: 'missing', reason: error.message }
    if (attempt === MAX_ATTEMPTS) countAlert('file-not-fetched')
    const retrySeconds = attempt < MAX_ATTEMPTS ? Math.min(FIRST_RETRY_SECONDS * 2 ** (attempt - 1), LONGEST_RETRY_SECONDS) : SLOW_RETRY_SECONDS
    return { number, state: 'waiting', reason: error.message, retrySeconds }
  }

  #gate(file: RemoteFile): Gate {
    const host = URL.parse(file.url)?.host ?? ''
    return this.#gates.get(host) ?? this.#gates.set(host, new Gate(AT_ONCE)).get(host)!
  }
}
