/** Reading and settling inside a command, so that it works beside a running `evenhand start` and without one. */
import { channels } from '../../channels/index.ts'
import { findDone } from '../../core/contacts.ts'
import type { Ground } from '../../core/ground.ts'
import { startWorkers, type Workers } from '../../workers/index.ts'

export const translateThread = new URL('../../channels/translate-thread.ts', import.meta.url)

const POLL_EVERY_MS = 100

/** Starts this process's own workers. */
export function work(ground: Ground, threads?: number): Workers {
  return startWorkers(ground, { channels, translateThread, ...(threads ? { threads } : {}) })
}

/** Works until each contact is settled or in quarantine, telling `onDone` of each as it gets there. */
export async function processUntilDone(ground: Ground, contactIds: readonly string[], onDone: (contactId: string) => void): Promise<void> {
  const workers = work(ground)
  const open = new Set(contactIds)
  ground.queues.hand('read', contactIds)
  ground.queues.hand('settle', contactIds)
  while (open.size > 0) {
    for (const id of await findDone(ground.db, [...open])) {
      open.delete(id)
      onDone(id)
    }
    if (open.size > 0) await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS))
  }
  await workers.stop()
}
