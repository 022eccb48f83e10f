/** What a translation thread runs: the channels' module over a set of contacts, one after the other. */
import { workerData } from 'piscina'
import type { StoredRaw } from '../channel.ts'

// Loaded as the thread starts; a module that cannot be loaded fails the first task, which is tried again elsewhere.
const { default: translate } = await import((workerData as { module: string }).module) as { default(raw: StoredRaw): unknown }

export default async function translateSet(raws: StoredRaw[]): Promise<unknown[]> {
  const replies: unknown[] = []
  for (const raw of raws) replies.push(await translate(raw))
  return replies
}
