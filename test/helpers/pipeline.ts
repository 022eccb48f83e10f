import { channels } from '../../channels/index.ts'
import type { StoredRaw } from '../../core/channel.ts'
import { Fetcher } from '../../core/reading/fetcher.ts'
import { Reader } from '../../core/reading/reader.ts'
import { TranslatePool } from '../../core/reading/pool.ts'
import { settlerOf } from './contacts.ts'
import type { Ground } from '../../core/ground.ts'

export interface Pipeline {
  /** Fetches for, reads and settles these contacts, in the order given; afterwards each is in its line or in quarantine. */
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
  const fetcher = new Fetcher({ db, blobs, log, filesOf, onComplete: () => undefined })
  const settler = settlerOf(ground)
  return {
    async run(contactIds) {
      await reader.read(contactIds)
      await fetcher.fetch(contactIds)
      await reader.read(contactIds)
      await settler.settle(contactIds)
    },
    close: () => pool.close()
  }
}
