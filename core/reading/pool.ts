/** Translation in killable threads: a message that hangs or devours memory ends its thread, not the process. */
import os from 'node:os'
import { Piscina } from 'piscina'
import { z } from 'zod'
import type { StoredRaw, Translation } from '../channel.ts'
import { draftSchema } from '../envelope.ts'
import { catalogue, EvenhandError, type ErrorCode } from '../errors.ts'
import { Gate } from './gate.ts'

/** A 25 MB mail takes under a second; a message that needs this long is made to. In ms. */
const TIME_LIMIT_MS = 20_000
/** Heap of one thread in MB: the largest accepted mail (40 MB) decoded a few times over. */
const HEAP_LIMIT_MB = 512
/** A thread with nothing to do gives its memory back after this long, in ms. */
const IDLE_MS = 20_000

export interface PoolOptions {
  readonly threads?: number
  readonly timeLimitMs?: number
  readonly heapLimitMb?: number
}

/** What a thread answers. Its parsers have seen a stranger's bytes, so that its word is checked before it is stored. */
const replySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('translations'),
    translations: z.array(z.object({
      envelope: draftSchema, contents: z.array(z.instanceof(Uint8Array)), kind: z.enum(['message', 'auto-reply', 'bounce']), tokens: z.array(z.string()), reason: z.string(),
      unsure: z.string().optional(), scans: z.boolean().optional()
    }))
  }),
  z.object({ kind: z.literal('refused'), code: z.enum(Object.keys(catalogue) as ErrorCode[]), detail: z.string().optional() })
])

export type TranslateReply = { kind: 'translations'; translations: Translation[] } | { kind: 'refused'; code: ErrorCode; detail: string | undefined }

export class TranslatePool {
  readonly #pool: Piscina
  readonly #gate: Gate
  readonly #timeLimitMs: number

  /** `module` is the thread's file: it exports by default a function from StoredRaw to TranslateReply. */
  constructor(module: URL, options: PoolOptions = {}) {
    const threads = options.threads ?? Math.max(1, os.availableParallelism() - 1)
    this.#timeLimitMs = options.timeLimitMs ?? TIME_LIMIT_MS
    // One set to a thread and none queued behind it: the time limit must not run while a contact waits for others.
    this.#gate = new Gate(threads)
    this.#pool = new Piscina({
      filename: new URL('./thread.ts', import.meta.url).href, workerData: { module: module.href }, minThreads: 0, maxThreads: threads, idleTimeout: IDLE_MS, concurrentTasksPerWorker: 1,
      resourceLimits: { maxOldGenerationSizeMb: options.heapLimitMb ?? HEAP_LIMIT_MB }
    })
  }

  /**
   * Translates what `load` gives, which is called when a thread is free, so that no more originals are in memory than are read.
   * @throws EvenhandError READ_TIMEOUT, READ_CRASHED, READ_UNPARSEABLE, what the channel refused with, or what `load` throws
   */
  translate(load: () => Promise<StoredRaw>): Promise<Translation[]> {
    return this.#gate.run(async () => unwrap((await this.#run([await load()]))[0]))
  }

  /**
   * Translates a set of small contacts in one visit to a thread; handing each over alone costs more than reading it. When the
   * visit fails, each is read alone, so that what hangs or crashes takes no other with it. One promise for each, in order.
   */
  translateSet(raws: readonly StoredRaw[]): Promise<Translation[]>[] {
    if (raws.length === 1) return [this.translate(async () => raws[0]!)]
    const visit = this.#gate.run(() => this.#run(raws))
    return raws.map(async (raw, index) => {
      const replies = await visit.catch(() => undefined)
      return replies ? unwrap(replies[index]) : this.translate(async () => raw)
    })
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }

  async #run(raws: readonly StoredRaw[]): Promise<unknown[]> {
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), this.#timeLimitMs)
    try {
      return await this.#pool.run(raws, { signal: stop.signal }) as unknown[]
    } catch (error) {
      throw new EvenhandError(stop.signal.aborted ? 'READ_TIMEOUT' : 'READ_CRASHED', undefined, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }
}

function unwrap(answer: unknown): Translation[] {
  const reply = checked(answer)
  if (reply.kind === 'refused') throw new EvenhandError(reply.code, reply.detail)
  return reply.translations
}

function checked(reply: unknown): TranslateReply {
  const { success, data } = replySchema.safeParse(reply)
  if (!success) throw new EvenhandError('READ_UNPARSEABLE', 'the reader answered with something that is no envelope')
  return data as TranslateReply
}
