import { channels } from '../../channels/index.ts'
import type { StoredRaw } from '../../core/channel.ts'
import { Fetcher } from '../../core/reading/fetcher.ts'
import { Reader } from '../../core/reading/reader.ts'
import { TranslatePool } from '../../core/reading/pool.ts'
import { settlerOf } from './contacts.ts'
import { DocumentStage, type StageOptions } from '../../core/documents/stage.ts'
import type { Ground } from '../../core/ground.ts'

export interface Pipeline {
  /** Fetches for, reads, reads the documents of and settles these contacts, in the order given; afterwards each is in its line or in quarantine. */
  run(contactIds: readonly string[]): Promise<void>
  close(): Promise<void>
}

const everyChannel = new URL('../../channels/translate-thread.ts', import.meta.url)

/** The stages between accepting and the line, called directly; one translation thread for as long as it is open. */
export function openPipeline(ground: Ground, thread = everyChannel): Pipeline {
  const pool = new TranslatePool(thread, { threads: 1 })
  const { db, blobs, log, settings } = ground
  const filesOf = (raw: StoredRaw) => channels.find(({ kind }) => kind === raw.channel)?.remoteFiles?.(raw, settings) ?? []
  const reader = new Reader(db, blobs, pool, log, () => undefined, { filesOf, onWanted: () => undefined })
  const documents = openStage(ground)
  const fetcher = new Fetcher({ db, blobs, log, filesOf, onComplete: () => undefined })
  const settler = settlerOf(ground)
  return {
    async run(contactIds) {
      await reader.read(contactIds)
      await fetcher.fetch(contactIds)
      await reader.read(contactIds)
      await documents.read(await documentsOf(ground, contactIds))
      await settler.settle(contactIds)
    },
    close: async () => { await Promise.all([pool.close(), documents.close()]) }
  }
}

/** The documents stage with readers of its own. */
export function openStage({ db, blobs, log }: Ground, options: Partial<StageOptions> = {}): DocumentStage {
  return new DocumentStage({ db, blobs, log, how: () => ({ languages: ['eng'], engine: 'wasm' }), othersWait: async () => false, onRead: () => undefined, ...options })
}

/** Hashes of the documents these contacts wait for. */
export async function documentsOf({ db }: Ground, contactIds: readonly string[]): Promise<string[]> {
  const rows = await db.selectFrom('contact_documents').select('sha256').distinct().where('contact_id', 'in', [...contactIds]).execute()
  return rows.map(({ sha256 }) => sha256)
}
