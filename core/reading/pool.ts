/** Translation in killable threads: a message that hangs or devours memory ends its thread, not the process. */
import os from 'node:os'
import { Piscina } from 'piscina'
import type { StoredRaw, Translation } from '../channel.ts'
import { EvenhandError, catalogue, type ErrorCode } from '../errors.ts'

/** A 25 MB mail takes under a second; a message that needs this long is made to. In ms. */
const TIME_LIMIT_MS = 20_000
/** Heap of one thread in MB: the largest accepted mail (40 MB) decoded a few times over. */
const HEAP_LIMIT_MB = 512
/** A thread with nothing to do gives its memory back after this long, in ms. */
const IDLE_MS = 20_000

export type TranslateReply = { kind: 'translations'; translations: Translation[] } | { kind: 'refused'; code: ErrorCode; detail: string | undefined }

export class TranslatePool {
  readonly #pool: Piscina

  /** `module` is the thread's file: it exports by default a function from StoredRaw to TranslateReply. */
  constructor(module: URL, threads = Math.max(1, os.availableParallelism() - 1)) {
    this.#pool = new Piscina({
      filename: module.href, minThreads: 0, maxThreads: threads, idleTimeout: IDLE_MS, concurrentTasksPerWorker: 2,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB }
    })
  }

  /** @throws EvenhandError READ_TIMEOUT, READ_CRASHED, or what the channel itself refused with */
  async translate(raw: StoredRaw): Promise<Translation[]> {
    const reply = await this.#run(raw)
    if (reply.kind === 'refused') throw new EvenhandError(reply.code in catalogue ? reply.code : 'READ_UNPARSEABLE', reply.detail)
    return reply.translations
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }

  async #run(raw: StoredRaw): Promise<TranslateReply> {
    const stop = AbortSignal.timeout(TIME_LIMIT_MS)
    try {
      return await this.#pool.run(raw, { signal: stop }) as TranslateReply
    } catch (error) {
      throw new EvenhandError(stop.aborted ? 'READ_TIMEOUT' : 'READ_CRASHED', undefined, { cause: error })
    }
  }
}
