import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import type { StoredRaw } from '../../core/intake/channel.ts'
import type { ChannelKind } from '../../core/envelope.ts'
import { openRuntime, type OpenRuntime } from '../../core/open-runtime.ts'
import { createLog } from '../../platform/logger.ts'
import { findFiles } from '../../core/contacts/remote-files.ts'
import { loadFetched } from '../../core/reading/remote.ts'
import { createTestDatabase, testSettings } from '../helpers/runtime.ts'
import { openPipeline } from '../helpers/pipeline.ts'
import { cable } from './cut.ts'
import type { Answer, Contract, Door } from './types.ts'

export type ContactRow = Awaited<ReturnType<typeof contactsAfter>>[number]

/** A door on a runtime of its own, with all that the suite does to it. */
export interface Rig<D> {
  readonly runtime: OpenRuntime
  readonly door: Door<D>
  /** Everything logged so far, at the finest level. */
  logged(): string
  /** Delivers, and answers with the contacts that came of it. */
  deliver(delivery: D): Promise<{ answer: Answer; contacts: ContactRow[] }>
  /** Brings contacts as far as they go without a person, and answers with their rows. */
  settle(contacts: readonly ContactRow[]): Promise<ContactRow[]>
  /** A contact as `translate` sees it, with what has been fetched for it. */
  stored(contact: ContactRow): Promise<StoredRaw>
  withoutDatabase(work: () => Promise<void>): Promise<void>
  withoutQueues(work: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export async function openRig<D>(contract: Contract<D>): Promise<Rig<D>> {
  const database = await createTestDatabase()
  const wire = await cable(database.url)
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-contract-'))
  const lines: string[] = []
  const settings = testSettings({
    PUBLIC_URL: 'http://town.example',
    DATABASE_URL: wire.url,
    DATA_DIR: dataDir,
    ...contract.environment
  })
  const runtime = await openRuntime(settings, {
    log: createLog('trace', {
      write: (line) => {
        lines.push(line)
      }
    }),
    queuePrefix: `test-${randomUUID()}`
  })
  const door = await contract.open(runtime)
  const pipeline = openPipeline(runtime, contract.thread)
  return {
    runtime,
    door,
    logged: () => lines.join(''),
    async deliver(delivery) {
      const before = await lastOrdinal(runtime)
      const answer = await door.deliver(delivery)
      return { answer, contacts: await contactsAfter(runtime, before) }
    },
    async settle(contacts) {
      const ids = contacts.map(({ id }) => id)
      await pipeline.run(ids)
      return runtime.db
        .selectFrom('contacts')
        .selectAll()
        .where('id', 'in', ids)
        .orderBy('ordinal')
        .execute()
    },
    stored: async (contact) => ({
      ...(await loadFetched(
        runtime.blobs,
        (await findFiles(runtime.db, [contact.id])).get(contact.id) ?? []
      )),
      channel: contact.channel as ChannelKind,
      source: contact.source,
      externalId: contact.external_id,
      bytes: await runtime.blobs.get(contact.raw_sha256),
      mediaType: contact.media_type,
      recipients: contact.recipients,
      evidence: contact.evidence,
      sha256: contact.raw_sha256
    }),
    async withoutDatabase(work) {
      await wire.cut()
      await work().finally(() => wire.mend())
    },
    async withoutQueues(work) {
      await sql`alter schema bullmq rename to bullmq_away`.execute(runtime.db)
      await work().finally(() => sql`alter schema bullmq_away rename to bullmq`.execute(runtime.db))
    },
    async close() {
      await door.close?.()
      await pipeline.close()
      await runtime.close()
      await wire.remove()
      await database.drop()
      fs.rmSync(dataDir, { recursive: true, force: true })
    }
  }
}

async function lastOrdinal({ db }: OpenRuntime): Promise<string> {
  const { last } = await db
    .selectFrom('contacts')
    .select(({ fn }) => fn.max('ordinal').as('last'))
    .executeTakeFirstOrThrow()
  return String(last ?? 0)
}

function contactsAfter({ db }: OpenRuntime, ordinal: string) {
  return db
    .selectFrom('contacts')
    .selectAll()
    .where('ordinal', '>', ordinal)
    .orderBy('ordinal')
    .execute()
}
