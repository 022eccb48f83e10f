/** Reading and settling inside a command, so that it works beside a running `evenhand start` and without one. */
import { channels } from '../../channels/index.ts'
import { findDone } from '../../core/contacts.ts'
import { readingProgress, type ReadingProgress } from '../../core/documents/progress.ts'
import type { Ground } from '../../core/ground.ts'
import { startWorkers, type Workers } from '../../workers/index.ts'

export const translateThread = new URL('../../channels/translate-thread.ts', import.meta.url)

const POLL_EVERY_MS = 100

/** Starts this process's own workers. */
export function work(ground: Ground, threads?: number): Workers {
  return startWorkers(ground, { channels, translateThread, ...(threads ? { threads } : {}) })
}

export interface Followed {
  readonly onDone?: (contactId: string) => void
  /** Hears how far the reading of a contact's documents is, each time that changed. */
  readonly onPage?: (progress: ReadingProgress) => void
}

/** Works until each contact is settled or in quarantine, telling of each as it gets there. */
export async function processUntilDone(ground: Ground, contactIds: readonly string[], { onDone, onPage }: Followed = {}): Promise<void> {
  const workers = work(ground)
  const open = new Set(contactIds)
  ground.queues.hand('read', contactIds)
  ground.queues.hand('settle', contactIds)
  const told = new Map<string, string>()
  while (open.size > 0) {
    for (const id of await findDone(ground.db, [...open])) {
      open.delete(id)
      onDone?.(id)
    }
    if (onPage) await tellPages(ground, [...open], told, onPage)
    if (open.size > 0) await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS))
  }
  await workers.stop()
}

async function tellPages(ground: Ground, contactIds: readonly string[], told: Map<string, string>, onPage: (progress: ReadingProgress) => void): Promise<void> {
  const { contacts } = await readingProgress(ground.db, { contactIds })
  for (const progress of contacts.filter(({ pages }) => pages)) {
    const now = `${progress.pagesRead} ${progress.pages}`
    if (told.get(progress.contactId) === now) continue
    told.set(progress.contactId, now)
    onPage(progress)
  }
}
