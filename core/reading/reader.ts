/**
 * The read stage: makes envelope and documents from the raw bytes of accepted contacts. Reading a
 * contact twice does no harm.
 */
import { INLINE_LIMIT, sha256, type Blobs } from '../../platform/storage/blob-store.ts'
import type { RemoteFile, SenderChecks, StoredRaw, Translation } from '../intake/channel.ts'
import type { Db } from '../../platform/db/database.ts'
import type { ContactState } from '../contacts/tables.ts'
import type { AskedDocument } from '../documents/store.ts'
import { isWorthReading } from '../documents/worth-reading.ts'
import { enqueueEarlyReceipt } from '../outbox/early-receipts.ts'
import type { EnvelopeDraft } from '../envelope.ts'
import { storableText, storableValue } from '../../platform/text/storable.ts'
import {
  asEvenhandError,
  EvenhandError,
  isOurTrouble,
  type ErrorCode
} from '../../platform/errors.ts'
import { GroupCommit } from '../../platform/group-commit.ts'
import { isLastAttempt, type Attempts } from '../../platform/limits/retry-policy.ts'
import type { Log } from '../../platform/logger.ts'
import { quarantine } from '../contacts/quarantine.ts'
import { unreadDoubt } from '../contacts/own-words.ts'
import type { TranslatePool } from './pool.ts'
import { rawColumns, toRaw, type RawRow } from './raw.ts'
import { findFiles, noteFiles, type StoredFile } from '../contacts/remote-files.ts'
import { loadFetched } from './remote.ts'
import { originOf, setsOf } from './sets.ts'
import { withUnread } from './unread-kinds.ts'
import { sizeOfRead, writeSet, type ReadContact } from './write.ts'

/**
 * After this many failures a contact is left to a person: the first in the common lane, the others
 * in the slow lane.
 */
const reading: Attempts = { attempts: 3 }
/**
 * Characters of the text that are stored with the address to reply to: enough to recognise
 * automatic answers.
 */
const ADDRESSEE_TEXT = 2_000
interface AcceptedRow extends RawRow {
  attempts: number
}

/** What channels ask for before they translate, and who fetches it. */
export interface Remote {
  readonly filesOf: (raw: StoredRaw) => readonly RemoteFile[]
  /** Called with contacts whose files are to be fetched. Must not throw. */
  readonly onWanted: (contactIds: string[]) => void
}

/** Takes over a contact whose documents are scans. The contact counts as settled afterwards. */
export type OnScans = (
  contactId: string,
  scans: readonly { readonly name: string; readonly bytes: Uint8Array }[]
) => Promise<void>

/** The rooms it uses, and the callbacks for what it has done. */
export interface ReaderOptions {
  readonly db: Db
  readonly blobs: Blobs
  readonly pool: TranslatePool
  readonly log: Log
  /**
   * Called after the commit with contacts ready to settle. Like all callbacks here, it must not
   * throw.
   */
  readonly onRead: (contactIds: string[]) => void
  /** If absent, no channel can ask for files. */
  readonly remote?: Remote
  /** By channel: evidence about a contact's sender that only the network has. */
  readonly senderChecks?: ReadonlyMap<string, Pick<SenderChecks, 'check'>>
  /** Called with hashes of documents to read first. */
  readonly onDocuments?: (hashes: string[]) => void
  /** If absent, scans are treated like other documents. */
  readonly onScans?: OnScans
  /** Called with contacts for `readSlowly`. If absent, they are read slowly at once. */
  readonly onSlow?: (contactIds: string[]) => void
  /** Called with contacts whose receipt is to be sent before they are settled. */
  readonly onEnqueued?: (contactIds: string[]) => void
}

export class Reader {
  readonly #db: Db
  readonly #blobs: Blobs
  readonly #pool: TranslatePool
  readonly #log: Log
  readonly #onRead: (contactIds: string[]) => void
  readonly #onDocuments: (hashes: string[]) => void
  readonly #remote: Remote | undefined
  readonly #senderChecks: NonNullable<ReaderOptions['senderChecks']>
  readonly #onScans: OnScans | undefined
  readonly #onEnqueued: (contactIds: string[]) => void
  readonly #onSlow: (contactIds: string[]) => void | Promise<void>
  readonly #results: GroupCommit<ReadContact, ContactState | undefined>

  constructor({
    db,
    blobs,
    pool,
    log,
    onRead,
    remote,
    senderChecks = new Map(),
    onDocuments = () => undefined,
    onScans,
    onSlow,
    onEnqueued = () => undefined
  }: ReaderOptions) {
    this.#db = db
    this.#blobs = blobs
    this.#pool = pool
    this.#log = log
    this.#onRead = onRead
    this.#senderChecks = senderChecks
    this.#onDocuments = onDocuments
    this.#remote = remote
    this.#onScans = onScans
    this.#onEnqueued = onEnqueued
    this.#onSlow = onSlow ?? ((ids) => this.readSlowly(ids))
    this.#results = new GroupCommit((set) => writeSet(db, set), {
      maxItems: 64,
      maxBytes: 8 * 1024 ** 2,
      maxPending: Infinity,
      sizeOf: sizeOfRead,
      everyMs: 25
    })
  }

  /**
   * Reads those of the contacts that are not read yet. Those that failed before are left to the
   * slow lane. @throws DATABASE_DOWN and the like; the job is then tried again
   */
  async read(ids: readonly string[]): Promise<void> {
    const rows = await this.#accepted(ids)
    const [again, fresh] = [
      rows.filter(({ attempts }) => attempts > 0),
      rows.filter(({ attempts }) => attempts === 0)
    ]
    if (again.length > 0) await this.#onSlow(again.map(({ id }) => id))
    await all(await this.#readRows(fresh))
  }

  /**
   * Reads, one by one and apart from all others, contacts that were too slow or failed.
   * @throws what is to be tried again
   */
  async readSlowly(ids: readonly string[]): Promise<void> {
    const bytesOf = (row: AcceptedRow) => this.#blobs.get(row.raw_sha256)
    const readings: Promise<void>[] = []
    for (const { row, files } of await this.#sortByFiles(await this.#accepted(ids), bytesOf)) {
      if (files.some(({ state }) => state === 'waiting')) continue
      const translated = this.#pool.translateSlowly(async () => ({
        ...toRaw(row, await bytesOf(row)),
        ...(await loadFetched(this.#blobs, files))
      }))
      readings.push(this.#keep(row, translated, (error) => this.#failSlowly(row, error)))
    }
    await all(readings)
  }

  async #accepted(ids: readonly string[]): Promise<AcceptedRow[]> {
    return (await this.#db
      .selectFrom('contacts')
      .select([...rawColumns, 'attempts'])
      .where('id', 'in', [...ids])
      .where('state', '=', 'accepted')
      .orderBy('ordinal')
      .execute()) as AcceptedRow[]
  }

  async #readRows(rows: AcceptedRow[]): Promise<Promise<void>[]> {
    const small = await this.#blobs.getInline(rows.map((row) => row.raw_sha256))
    const bytesOf = async (row: AcceptedRow) =>
      small.get(row.raw_sha256) ?? (await this.#blobs.get(row.raw_sha256))
    const alone: Promise<void>[] = []
    const together: AcceptedRow[] = []
    for (const { row, files } of await this.#sortByFiles(rows, bytesOf)) {
      if (files.some(({ state }) => state === 'waiting')) continue
      if (files.length === 0 && small.has(row.raw_sha256)) together.push(row)
      else
        alone.push(
          this.#keep(
            row,
            this.#pool.translate(
              async () => ({
                ...toRaw(row, await this.#blobs.get(row.raw_sha256)),
                ...(await loadFetched(this.#blobs, files))
              }),
              originOf(row)
            )
          )
        )
    }
    // Puts the originals back into the bounded cache: any number of contacts may wait for a reader.
    for (const [hash, bytes] of small) this.#blobs.remember(hash, bytes)
    return [
      ...alone,
      ...setsOf(together).flatMap((set) => {
        const translated = this.#pool.translateSet(
          set,
          (given) => this.#loadInline(given),
          originOf
        )
        return set.map((row, index) => this.#keep(row, translated[index]!))
      })
    ]
  }

  async #loadInline(rows: readonly AcceptedRow[]): Promise<StoredRaw[]> {
    const small = await this.#blobs.getInline(rows.map((row) => row.raw_sha256))
    return rows.map((row) => toRaw(row, small.get(row.raw_sha256)!))
  }

  /** Pairs each row with its provider's files. New ones are recorded and passed to the fetcher. */
  async #sortByFiles(
    rows: AcceptedRow[],
    bytesOf: (row: AcceptedRow) => Promise<Uint8Array>
  ): Promise<{ row: AcceptedRow; files: StoredFile[] }[]> {
    const remote = this.#remote
    if (!remote) return rows.map((row) => ({ row, files: [] }))
    const known = await findFiles(
      this.#db,
      rows.map((row) => row.id)
    )
    const sorted = []
    for (const row of rows) {
      const files = known.get(row.id) ?? (await this.#ask(remote, row, bytesOf))
      if (files) sorted.push({ row, files })
    }
    return sorted
  }

  async #ask(
    remote: Remote,
    row: AcceptedRow,
    bytesOf: (row: AcceptedRow) => Promise<Uint8Array>
  ): Promise<StoredFile[] | undefined> {
    try {
      const asked = remote.filesOf(toRaw(row, await bytesOf(row)))
      if (asked.length === 0) return []
      // An unverified sender must not make us fetch with our credentials. A person has to release
      // the contact first.
      const held = typeof row.evidence['quarantine'] === 'string'
      await noteFiles(
        this.#db,
        row.id,
        asked.map(({ name }) => name),
        held ? 'held' : 'waiting'
      )
      if (!held) {
        remote.onWanted([row.id])
        await this.#enqueueBeforeFiles(row, bytesOf)
      }
      return (await findFiles(this.#db, [row.id])).get(row.id)
    } catch (error) {
      await this.#fail(row, asEvenhandError(error))
      return undefined
    }
  }

  /**
   * The provider's notice names the sender, so the receipt is sent now. Errors are made up for
   * later.
   */
  async #enqueueBeforeFiles(
    row: AcceptedRow,
    bytesOf: (row: AcceptedRow) => Promise<Uint8Array>
  ): Promise<void> {
    try {
      const [translation] = await this.#pool.translate(
        async () => toRaw(row, await bytesOf(row)),
        originOf(row)
      )
      if (translation?.kind !== 'message' || translation.scans) return
      const { sender, evidence, subject, language, text } = storableValue(
        translation.envelope
      ) as EnvelopeDraft
      this.#onEnqueued(
        await enqueueEarlyReceipt(this.#db, [row.id], {
          sender,
          evidence,
          language,
          text: text.slice(0, ADDRESSEE_TEXT),
          ...(subject ? { subject } : {})
        })
      )
    } catch (error) {
      this.#log.info(
        { contact: row.id, code: asEvenhandError(error).code },
        'its sender is told once its files are here'
      )
    }
  }

  async #keep(
    row: AcceptedRow,
    translated: Promise<Translation[]>,
    fail = (error: EvenhandError) => this.#fail(row, error)
  ): Promise<void> {
    try {
      await this.#write(row, await translated)
    } catch (error) {
      await fail(asEvenhandError(error))
    }
  }

  async #write(row: AcceptedRow, [translation, ...more]: Translation[]): Promise<void> {
    if (!translation) throw new EvenhandError('READ_UNPARSEABLE', 'the channel made nothing of it')
    if (more.length > 0)
      throw new EvenhandError('READ_UNPARSEABLE', 'the channel made several contacts of it')
    if (translation.scans && this.#onScans)
      return this.#onScans(
        row.id,
        translation.envelope.documents.map(({ name }, index) => ({
          name,
          bytes: translation.contents[index]!
        }))
      )
    const contents = translation.contents.map((content) => ({ hash: sha256(content), content }))
    for (const { hash, content } of contents)
      if (content.length > INLINE_LIMIT) await this.#blobs.putFile(content, hash)
    const inline = contents.filter(({ content }) => content.length <= INLINE_LIMIT)
    const papers = papersOf(translation, contents)
    const unsure =
      translation.unsure ??
      (translation.kind === 'message' && papers.length === 0
        ? unreadDoubt(translation.envelope)
        : undefined)
    const state = await this.#results.add({
      id: row.id,
      draft: storableValue(await this.#draftOf(row, translation)) as EnvelopeDraft,
      kind: translation.kind,
      tokens: translation.tokens.map(storableText),
      reason: storableText(translation.reason),
      unsure: unsure === undefined ? undefined : storableText(unsure),
      inline,
      papers
    })
    if (state === 'read') this.#onRead([row.id])
    if (state === 'documents') this.#onDocuments(papers.map((paper) => paper.sha256))
    if (state === 'documents' || state === 'quarantined') this.#onEnqueued([row.id])
  }

  /** The network is asked when no reader waits for its answer. */
  async #draftOf(row: AcceptedRow, translation: Translation): Promise<EnvelopeDraft> {
    const draft = withUnread(translation)
    const checks = this.#senderChecks.get(row.channel)
    if (!checks) return draft
    const found = await checks.check(toRaw(row, await this.#blobs.get(row.raw_sha256)))
    return { ...draft, evidence: { ...draft.evidence, ...found } }
  }

  /** Handles a contact that failed among others. Another try is made in the slow lane. */
  async #fail(row: AcceptedRow, error: EvenhandError): Promise<void> {
    if (isOurTrouble(error)) throw error
    if (isFinal(error.code)) return this.#setAside(row, error)
    this.#log.info(
      { contact: row.id, code: error.code },
      'a contact is read again, apart from the others'
    )
    await this.#db
      .updateTable('contacts')
      .set({ attempts: row.attempts + 1 })
      .where('id', '=', row.id)
      .execute()
    await this.#onSlow([row.id])
  }

  async #failSlowly(row: AcceptedRow, error: EvenhandError): Promise<void> {
    if (isOurTrouble(error)) throw error
    if (isFinal(error.code) || isLastAttempt(reading, row.attempts + 1))
      return this.#setAside(row, error)
    await this.#db
      .updateTable('contacts')
      .set({ attempts: row.attempts + 1 })
      .where('id', '=', row.id)
      .execute()
    throw error
  }

  async #setAside(row: AcceptedRow, error: EvenhandError): Promise<void> {
    this.#log.warn(
      { contact: row.id, code: error.code },
      'a contact could not be read and waits for a person'
    )
    await quarantine(this.#db, row.id, 'read', error)
  }
}

/** Documents to read before settling; none of an out-of-office reply or a bounce. */
function papersOf(
  { kind, envelope: { documents } }: Translation,
  contents: readonly { hash: string; content: Uint8Array }[]
): AskedDocument[] {
  if (kind !== 'message') return []
  return contents
    .filter(
      ({ content }, index) =>
        documents[index] &&
        documents[index].withheld === undefined &&
        isWorthReading(documents[index], content)
    )
    .map(({ hash, content }) => ({ sha256: hash, bytes: content.length }))
}

/**
 * Errors after which another try is useless, or would only delay the slow lane. Content that used
 * up the slow lane's time was made to.
 */
function isFinal(code: ErrorCode): boolean {
  return (
    code === 'INTAKE_UNKNOWN_CHANNEL' ||
    code === 'READ_UNPARSEABLE' ||
    code === 'READ_LIMIT' ||
    code === 'READ_TIMEOUT'
  )
}

async function all(readings: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(readings)).find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
