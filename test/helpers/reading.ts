import { afterAll } from '@jest/globals'
import type { DocumentStage } from '../../core/documents/stage.ts'
import { TranslatePool, type PoolOptions } from '../../core/reading/pool.ts'
import { Reader } from '../../core/reading/reader.ts'
import { createTestRuntime, type TestRuntime } from './runtime.ts'
import { oneReader, openStage } from './pipeline.ts'

export interface Reading {
  readonly runtime: TestRuntime
  readonly pool: TranslatePool
  readonly reader: Reader
  /** Contacts that were handed on to be settled, in their order. */
  readonly ready: string[]
}

const everyChannel = new URL('../../channels/translate-thread.ts', import.meta.url)
/** Behaves as the bytes say. */
export const madeUpChannel = new URL('../fixtures/translate-thread.ts', import.meta.url)

/** The read stage for a whole file, with readers of its own. */
export async function readingForFile(
  thread = everyChannel,
  options: PoolOptions = oneReader
): Promise<Reading> {
  const runtime = await createTestRuntime()
  const pool = new TranslatePool(thread, options)
  const ready: string[] = []
  afterAll(async () => {
    await pool.close()
    await runtime.remove()
  })
  return {
    runtime,
    pool,
    reader: new Reader({ ...runtime, pool, onRead: (ids) => ready.push(...ids) }),
    ready
  }
}

/** And the stage that reads documents. */
export async function documentsForFile(): Promise<Reading & { readonly stage: DocumentStage }> {
  // Before the runtime, which goes with what stands on it.
  afterAll(() => stage.close())
  const reading = await readingForFile()
  const stage = openStage(reading.runtime, { onRead: (ids) => reading.ready.push(...ids) })
  return { ...reading, stage }
}
