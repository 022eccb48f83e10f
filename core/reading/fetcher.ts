/**
 * Fetches the files that providers keep for contacts, before the contacts are read. The sweep
 * starts further tries.
 */
import { countAlert } from '../../platform/alerts.ts'
import { sha256, type Blobs } from '../../platform/storage/blob-store.ts'
import type { RemoteFile, StoredRaw } from '../intake/channel.ts'
import type { Db } from '../../platform/db/database.ts'
import { asEvenhandError, isOurTrouble, type EvenhandError } from '../../platform/errors.ts'
import type { Log } from '../../platform/logger.ts'
import { quarantine } from '../contacts/quarantine.ts'
import { download, type Downloaded } from '../../platform/http-client/download.ts'
import {
  isLastAttempt,
  isLastSlowAttempt,
  waitAfter,
  type Attempts,
  type RetryPolicy
} from '../../platform/limits/retry-policy.ts'
import pLimit, { type LimitFunction } from 'p-limit'
import { loadRaw } from './raw.ts'
import {
  claimDue,
  countUnreadable,
  holdFiles,
  recordFates,
  RENEW_EVERY_MS,
  renewClaim,
  type Fate,
  type StoredFile
} from '../contacts/remote-files.ts'

/**
 * Waits of 10 s, doubling up to half an hour: 13 tries take two hours and three quarters. Media
 * appears seconds to minutes after its message. If a provider is down or refuses our credentials, a
 * person is needed who may not be there before Monday: 68 more tries, an hour apart, make three
 * days.
 */
export const fetching: RetryPolicy = {
  firstWait: 10,
  factor: 2,
  longestWait: 1_800,
  attempts: 13,
  slow: { wait: 3_600, attempts: 68 }
}
/** Finding out which files to fetch. After this many failures the contact is left to a person. */
const finding: Attempts = { attempts: 3 }
/** Downloads at once from one host. A host that does not answer delays only its own files. */
const AT_ONCE = 4

export interface FetcherOptions {
  readonly db: Db
  readonly blobs: Blobs
  readonly log: Log
  /** The files that the contact's channel asks for. */
  readonly filesOf: (raw: StoredRaw) => readonly RemoteFile[]
  /** Called with contacts whose files have all been fetched or given up. Must not throw. */
  readonly onComplete: (contactIds: string[]) => void
  readonly download?: (file: RemoteFile) => Promise<Downloaded>
}

export class Fetcher {
  readonly #options: FetcherOptions
  readonly #limits = new Map<string, LimitFunction>()

  constructor(options: FetcherOptions) {
    this.#options = options
  }

  /**
   * Fetches the files of these contacts that are due. @throws DATABASE_DOWN and the like; the
   * claimed files are then due again later
   */
  async fetch(contactIds: readonly string[]): Promise<void> {
    const due = await claimDue(this.#options.db, contactIds)
    const results = await Promise.allSettled(
      [...due].map(([id, files]) => this.#fetchContact(id, files))
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  async #fetchContact(contactId: string, due: StoredFile[]): Promise<void> {
    const { db, onComplete } = this.#options
    // The claim is renewed during the download, because files may wait long for a slot at one host.
    // If one renewal fails, the next makes up for it.
    const renewing = setInterval(() => {
      renewClaim(
        db,
        contactId,
        due.map(({ number }) => number)
      ).catch(() => undefined)
    }, RENEW_EVERY_MS)
    try {
      const files = await this.#filesOf(contactId)
      if (!files) return
      const fates = await Promise.all(
        due.map((stored) => this.#fetchFile(stored, files[stored.number]))
      )
      if (await recordFates(db, contactId, fates)) onComplete([contactId])
    } finally {
      clearInterval(renewing)
    }
  }

  /**
   * Undefined if the original could not be loaded or asked. After three failures the contact is
   * left to a person.
   */
  async #filesOf(contactId: string): Promise<readonly RemoteFile[] | undefined> {
    const { db, blobs, filesOf, log } = this.#options
    try {
      return filesOf(await loadRaw(db, blobs, contactId))
    } catch (error) {
      const failure = asEvenhandError(error)
      if (isOurTrouble(failure)) throw error
      const attempts = (await countUnreadable(db, contactId)) ?? finding.attempts
      log.error(
        { err: error, contact: contactId, attempts },
        'what to fetch for a contact could not be told from its original'
      )
      if (!isLastAttempt(finding, attempts)) return undefined
      // The contact is put in quarantine first. If the process is killed between the two, its files
      // come up again and are held then.
      await quarantine(db, contactId, 'fetch', failure)
      await holdFiles(db, contactId)
      return undefined
    }
  }

  async #fetchFile(stored: StoredFile, file: RemoteFile | undefined): Promise<Fate> {
    const { number, attempts } = stored
    if (!file) return { number, state: 'missing', reason: 'The channel no longer asks for it.' }
    try {
      const { bytes, mediaType } = await this.#limitOf(file)(() => this.#download(file))
      // The file is on disk before its row says so.
      return {
        number,
        state: 'fetched',
        sha256: await this.#options.blobs.put(bytes, sha256(bytes)),
        mediaType
      }
    } catch (error) {
      return this.#failed(stored, attempts + 1, asEvenhandError(error))
    }
  }

  async #download(file: RemoteFile): Promise<Downloaded> {
    const get = this.#options.download ?? download
    const first = await get(file)
    return file.leadsTo ? get({ name: file.name, ...file.leadsTo(first.bytes) }) : first
  }

  #failed({ contactId, number }: StoredFile, attempt: number, error: EvenhandError): Fate {
    // Trouble with our own disk or database is not the file's fault, so it is tried without limit.
    const ours = !error.code.startsWith('FETCH_')
    const final =
      !ours &&
      (!error.retry ||
        (error.code === 'FETCH_DOWN' ? isLastSlowAttempt : isLastAttempt)(fetching, attempt))
    this.#options.log.warn(
      { contact: contactId, file: number, code: error.code, detail: error.detail, attempt, final },
      'a file could not be fetched from the provider'
    )
    if (final) return { number, state: 'missing', reason: error.message }
    if (attempt === fetching.attempts) countAlert('file-not-fetched')
    return {
      number,
      state: 'waiting',
      reason: error.message,
      retrySeconds: waitAfter(fetching, attempt)
    }
  }

  #limitOf(file: RemoteFile): LimitFunction {
    const host = URL.parse(file.url)?.host ?? ''
    return this.#limits.get(host) ?? this.#limits.set(host, pLimit(AT_ONCE)).get(host)!
  }
}
