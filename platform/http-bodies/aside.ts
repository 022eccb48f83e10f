/**
 * Handles a large body in a thread of its own. Parsing 20 MB takes a quarter of a second, during
 * which the main thread could answer nobody. A thread is safe enough here, because the input is
 * already bounded and no native parser sees it.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { EvenhandError, type ErrorCode } from '../errors.ts'
import pLimit from 'p-limit'

/**
 * Size in bytes from which a body is parsed in a thread. For a smaller one the thread costs more
 * than it saves.
 */
export const LARGE_BODY = 256 * 1024
/**
 * Longest run in ms. The largest body takes a second on a slow machine; if it takes this long, the
 * sender is told to try later.
 */
const TIME_LIMIT_MS = 30_000
/** Heap of a thread in MB: enough for the largest body (20 MB) as text, parsed and decoded. */
const HEAP_LIMIT_MB = 512

/**
 * Result of a module's default function. Errors are returned as values, because an EvenhandError
 * thrown between threads loses its code.
 */
export type Aside<T> =
  { readonly done: T } | { readonly refused: ErrorCode; readonly detail: string | undefined }

/**
 * One thread at a time. The other bodies wait in memory; their bytes were counted when they came
 * in.
 */
const oneAtATime = pLimit(1)

/**
 * Runs a module's default function in a thread; it must return an `Aside`.
 * @throws EvenhandError the one that the function returned; INTAKE_BUSY if the thread died or took
 * too long
 */
export async function runAside<T>(module: URL, task: unknown): Promise<T> {
  const answer = await oneAtATime(() => visit<T>(module, task)).catch((error: unknown) => {
    throw new EvenhandError('INTAKE_BUSY', undefined, { cause: error })
  })
  if ('refused' in answer) throw new EvenhandError(answer.refused, answer.detail)
  return answer.done
}

async function visit<T>(module: URL, task: unknown): Promise<Aside<T>> {
  const thread = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: { module: module.href, task },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB }
  })
  try {
    const [answer] = (await Promise.race([
      once(thread, 'message', { signal: AbortSignal.timeout(TIME_LIMIT_MS) }),
      once(thread, 'exit').then(() => {
        throw new Error('the thread ended')
      })
    ])) as [Aside<T>]
    return answer
  } finally {
    await thread.terminate()
  }
}

/** For use in the module: the result of the work, or the EvenhandError it threw. */
export async function answerAside<T>(work: () => Promise<T>): Promise<Aside<T>> {
  try {
    return { done: await work() }
  } catch (error) {
    if (error instanceof EvenhandError) return { refused: error.code, detail: error.detail }
    throw error
  }
}
