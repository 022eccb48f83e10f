import { channels } from '../../channels/index.ts'
import type { StoredRaw } from '../../core/intake/channel.ts'
import { Fetcher } from '../../core/reading/fetcher.ts'
import { Reader } from '../../core/reading/reader.ts'
import { TranslatePool } from '../../core/reading/pool.ts'
import { settlerOf } from './contacts.ts'
import { DocumentStage, type StageOptions } from '../../core/documents/stage.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'

export interface Pipeline {
  /**
   * Fetches for, reads, reads the documents of and settles these contacts, in the order given;
   * afterwards each is in its line or in quarantine.
   */
  run(contactIds: readonly string[]): Promise<void>
  close(): Promise<void>
}

const everyChannel = new URL('../../channels/translate-thread.ts', import.meta.url)

/** One reader, which finds compiled what an earlier test's compiled. */
export const oneReader = { readers: 1, cacheDir: process.env['NODE_COMPILE_CACHE']! }

/**
 * The stages between accepting and the line, called directly; one translation thread for as long as
 * it is open.
 */
export function openPipeline(runtime: OpenRuntime, thread = everyChannel): Pipeline {
  const pool = new TranslatePool(thread, oneReader)
  const { db, blobs, log, settings } = runtime
  const filesOf = (raw: StoredRaw) =>
    channels.find(({ kind }) => kind === raw.channel)?.remoteFiles?.(raw, settings) ?? []
  const reader = new Reader({
    db,
    blobs,
    pool,
    log,
    onRead: () => undefined,
    remote: { filesOf, onWanted: () => undefined }
  })
  const documents = openStage(runtime)
  const fetcher = new Fetcher({ db, blobs, log, filesOf, onComplete: () => undefined })
  const settler = settlerOf(runtime)
  return {
    async run(contactIds) {
      await reader.read(contactIds)
      await fetcher.fetch(contactIds)
      await reader.read(contactIds)
      await documents.read(await documentsOf(runtime, contactIds))
      await settler.settle(contactIds)
    },
    close: async () => {
      await Promise.all([pool.close(), documents.close()])
    }
  }
}

/** The documents stage with readers of its own. */
export function openStage(
  { db, blobs, log }: OpenRuntime,
  options: Partial<StageOptions> = {}
): DocumentStage {
  return new DocumentStage({
    db,
    blobs,
    log,
    how: () => ({ languages: ['eng'], engine: 'wasm' }),
    othersWait: async () => false,
    onRead: () => undefined,
    ...options
  })
}

/** Hashes of the documents these contacts wait for. */
export async function documentsOf(
  { db }: OpenRuntime,
  contactIds: readonly string[]
): Promise<string[]> {
  const rows = await db
    .selectFrom('contact_documents')
    .select('sha256')
    .distinct()
    .where('contact_id', 'in', [...contactIds])
    .execute()
  return rows.map(({ sha256 }) => sha256)
}
