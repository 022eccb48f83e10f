/** The read stage: raw → envelope and documents, for contacts that were accepted. Running it twice on one is harmless. */
import { INLINE_LIMIT, sha256, type Blobs } from '../blobs.ts'
import type { StoredRaw, Translation } from '../channel.ts'
import type { Db } from '../db/database.ts'
import type { ContactState } from '../db/tables.ts'
import { storableText, storableValue, type ChannelKind, type EnvelopeDraft } from '../envelope.ts'
import { asEvenhandError, EvenhandError, type ErrorCode } from '../errors.ts'
import { GroupCommit } from '../group-commit.ts'
import type { Log } from '../logger.ts'
import { quarantine } from '../quarantine.ts'
import type { TranslatePool } from './pool.ts'
import { sizeOfRead, writeSet, type Read } from './write.ts'

/** After this many crashes of its reader a contact is left to a person. */
const MAX_ATTEMPTS = 3
/** Small contacts in one visit to a translation thread. */
const SET = 8

interface Accepted {
  id: string
  channel: string
  source: string
  external_id: string
  raw_sha256: string
  media_type: string
  recipients: string[]
  evidence: Record<string, unknown>
  attempts: number
}

export class Reader {
  readonly #db: Db
  readonly #blobs: Blobs
  readonly #pool: TranslatePool
  readonly #log: Log
  readonly #onRead: (contactIds: string[]) => void
  readonly #results: GroupCommit<Read, ContactState | undefined>

  /** `onRead` hears of contacts ready to settle, after the commit; it must not throw. */
  constructor(db: Db, blobs: Blobs, pool: TranslatePool, log: Log, onRead: (contactIds: string[]) => void) {
    this.#db = db
    this.#blobs = blobs
    this.#pool = pool
    this.#log = log
    this.#onRead = onRead
    this.#results = new GroupCommit((set) => writeSet(db, set), { maxItems: 64, maxBytes: 8 * 1024 ** 2, maxPending: Infinity, sizeOf: sizeOfRead, everyMs: 25 })
  }

  /** Reads those of the contacts that still wait for it. @throws DATABASE_DOWN and the like: the job is tried again */
  async read(ids: readonly string[]): Promise<void> {
    const rows = await this.#db.selectFrom('contacts').select(['id', 'channel', 'source', 'external_id', 'raw_sha256', 'media_type', 'recipients', 'evidence', 'attempts'])
      .where('id', 'in', [...ids]).where('state', '=', 'accepted').orderBy('ordinal').execute() as Accepted[]
    if (rows.length === 0) return
    const results = await Promise.allSettled(await this.#readRows(rows))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  async #readRows(rows: Accepted[]): Promise<Promise<void>[]> {
    const small = await this.#blobs.getInline(rows.map((row) => row.raw_sha256))
    const large = rows.filter((row) => !small.has(row.raw_sha256)).map((row) => this.#keep(row, this.#pool.translate(async () => toRaw(row, await this.#blobs.get(row.raw_sha256)))))
    const sets = chunks(rows.filter((row) => small.has(row.raw_sha256)), SET)
    return [...large, ...sets.flatMap((set) => {
      const translated = this.#pool.translateSet(set.map((row) => toRaw(row, small.get(row.raw_sha256)!)))
      return set.map((row, index) => this.#keep(row, translated[index]!))
    })]
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
    const contents = translation.contents.map((content) => ({ hash: sha256(content), content }))
    for (const { hash, content } of contents) if (content.length > INLINE_LIMIT) await this.#blobs.putFile(content, hash)
    const inline = contents.filter(({ content }) => content.length <= INLINE_LIMIT)
    const state = await this.#results.add({
      id: row.id, draft: storableValue(translation.envelope) as EnvelopeDraft, kind: translation.kind, tokens: translation.tokens.map(storableText), reason: storableText(translation.reason),
      unsure: translation.unsure === undefined ? undefined : storableText(translation.unsure), inline
    })
    if (state === 'read') this.#onRead([row.id])
  }

  async #fail(row: Accepted, error: EvenhandError): Promise<void> {
    if (error.code === 'DATABASE_DOWN') throw error
    if (isFinal(error.code) || row.attempts + 1 >= MAX_ATTEMPTS) {
      this.#log.warn({ contact: row.id, code: error.code }, 'a contact could not be read and waits for a person')
      await quarantine(this.#db, row.id, 'read', error)
      return
    }
    await this.#db.updateTable('contacts').set({ attempts: row.attempts + 1 }).where('id', '=', row.id).execute()
    throw error
  }
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
}

function isFinal(code: ErrorCode): boolean {
  return code === 'INTAKE_UNKNOWN_CHANNEL' || code === 'READ_UNPARSEABLE' || code === 'READ_LIMIT' || code === 'READ_TIMEOUT'
}

function toRaw(row: Accepted, bytes: Uint8Array): StoredRaw {
  return { channel: row.channel as ChannelKind, source: row.source, externalId: row.external_id, bytes, mediaType: row.media_type, recipients: row.recipients, evidence: row.evidence, sha256: row.raw_sha256 }
}
