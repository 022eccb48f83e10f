/**
 * Reading and settling inside a command, so that it works beside a running `evenhand start` and
 * without one.
 */
import { channels } from '../channels/index.ts'
import { findDone } from '../core/contacts/find.ts'
import { readingProgress, type ReadingProgress } from '../core/documents/progress.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import type { Runtime } from '../core/runtime.ts'
import { startWorkers, type Workers } from '../workers/index.ts'

export const translateThread = new URL('../channels/translate-thread.ts', import.meta.url)

const POLL_EVERY_MS = 100

/** Starts this process's own workers. */
export function work(runtime: OpenRuntime, readers?: number): Workers {
  return startWorkers(runtime, { channels, translateThread, ...(readers ? { readers } : {}) })
}

export interface Followed {
  readonly onDone?: (contactId: string) => void
  /** Hears how far the reading of a contact's documents is, each time that changed. */
  readonly onPage?: (progress: ReadingProgress) => void
}

/** Works until each contact is settled or in quarantine, telling of each as it gets there. */
export async function processUntilDone(
  runtime: OpenRuntime,
  contactIds: readonly string[],
  { onDone, onPage }: Followed = {}
): Promise<void> {
  const workers = work(runtime)
  const open = new Set(contactIds)
  runtime.queues.enqueue('read', contactIds)
  runtime.queues.enqueue('settle', contactIds)
  const told = new Map<string, string>()
  while (open.size > 0) {
    for (const id of await findDone(runtime.db, [...open])) {
      open.delete(id)
      onDone?.(id)
    }
    if (onPage) await tellPages(runtime, [...open], told, onPage)
    if (open.size > 0) await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS))
  }
  await workers.stop()
}

async function tellPages(
  runtime: Pick<Runtime, 'db'>,
  contactIds: readonly string[],
  told: Map<string, string>,
  onPage: (progress: ReadingProgress) => void
): Promise<void> {
  const { contacts } = await readingProgress(runtime.db, { contactIds })
  for (const progress of contacts.filter(({ pages }) => pages)) {
    const now = `${progress.pagesRead} ${progress.pages}`
    if (told.get(progress.contactId) === now) continue
    told.set(progress.contactId, now)
    onPage(progress)
  }
}
