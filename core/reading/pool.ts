/**
 * Translation in killable processes: a message that hangs, devours memory or crashes its parser
 * ends its reader, never this process. Threads would not do: V8 and native code abort a whole
 * process, whichever thread was at fault.
 */
import os from 'node:os'
import { z } from 'zod'
import type { StoredRaw, Translation } from '../intake/channel.ts'
import { draftSchema } from '../envelope.ts'
import { catalogue, EvenhandError, type ErrorCode } from '../../platform/errors.ts'
import {
  ReaderProcess,
  type Bound,
  type ReaderOutcome,
  type ProcessOptions
} from './reader-process.ts'
import { RoundRobin } from '../../platform/limits/round-robin.ts'

/**
 * Processor time of one visit in the common lane, in ms: a set of small contacts takes 20, the
 * first of a process 200.
 */
const COMMON_MS = 500
/** And for each MB of original: a 25 MB mail takes under a second. */
const COMMON_MS_PER_MB = 100
/** Processor time in the slow lane, in ms; a message that needs this long is made to. */
const SLOW_MS = 20_000
/**
 * Elapsed time over processor time: a crowded machine is no fault of the message, a promise that
 * never ends is.
 */
const WALL_FACTOR = 4
/** Heap of one reader in MB: the largest accepted mail (40 MB) decoded a few times over. */
const HEAP_LIMIT_MB = 512
/** Memory of one reader in MB, with what lies outside the heap: a 40 MB mail takes 500. */
const MEMORY_LIMIT_MB = 1_536
/** A reader with nothing to do gives its memory back after this long, in ms. */
const IDLE_MS = 20_000
/**
 * Readers in a row that did not start before their work is given back: memory or process table are
 * full, or the program is broken.
 */
const MAX_UNSTARTED = 3
/** The slow lane gives way to everything else (nice). */
const SLOW_NICENESS = 10

export interface PoolOptions {
  /** Readers of the common lane. */
  readonly readers?: number
  readonly commonMs?: number
  readonly slowMs?: number
  readonly heapLimitMb?: number
  readonly memoryLimitMb?: number
  /** Where compiled code is kept; none is kept without. */
  readonly cacheDir?: string
}

/**
 * What a reader answers. Its parsers have seen a stranger's bytes, so that its word is checked
 * before it is stored.
 */
const replySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('translations'),
    translations: z.array(
      z.object({
        envelope: draftSchema,
        contents: z.array(z.instanceof(Uint8Array)),
        kind: z.enum(['message', 'auto-reply', 'bounce']),
        tokens: z.array(z.string()),
        reason: z.string(),
        unsure: z.string().optional(),
        scans: z.boolean().optional()
      })
    )
  }),
  z.object({
    kind: z.literal('refused'),
    code: z.enum(Object.keys(catalogue) as ErrorCode[]),
    detail: z.string().optional()
  })
])

export type TranslateReply =
  | { kind: 'translations'; translations: Translation[] }
  | { kind: 'refused'; code: ErrorCode; detail: string | undefined }

/** A visit to a reader. */
interface Visit {
  readonly load: () => Promise<readonly StoredRaw[]>
  readonly resolve: (replies: readonly unknown[]) => void
  readonly reject: (error: unknown) => void
}

/** What the pool has running now, for who watches it. */
export interface PoolState {
  readonly common: { readonly running: number; readonly waiting: number; readonly late: number }
  readonly slow: { readonly running: number; readonly waiting: number }
}

export class TranslatePool {
  readonly #common: Lane
  readonly #slow: Lane

  /**
   * `module` is the readers' file: it exports by default a function from StoredRaw to
   * TranslateReply.
   */
  constructor(module: URL, options: PoolOptions = {}) {
    const process = {
      module,
      heapLimitMb: options.heapLimitMb ?? HEAP_LIMIT_MB,
      cacheDir: options.cacheDir
    }
    const commonMs = options.commonMs ?? COMMON_MS
    const bytes = (options.memoryLimitMb ?? MEMORY_LIMIT_MB) * 1024 ** 2
    const bounded = (cpuMs: number): Bound => ({ cpuMs, wallMs: cpuMs * WALL_FACTOR, bytes })
    this.#common = new Lane(
      options.readers ?? Math.max(1, os.availableParallelism() - 1),
      process,
      (raws) => bounded(commonMs + COMMON_MS_PER_MB * megabytes(raws))
    )
    this.#slow = new Lane(1, { ...process, niceness: SLOW_NICENESS }, () =>
      bounded(options.slowMs ?? SLOW_MS)
    )
  }

  /**
   * Translates what `load` gives, which is called when a reader is free, so that no more originals
   * are in memory than are read. `origin` is where it comes from, by which work takes turns.
   * @throws EvenhandError READ_SLOW when it takes longer than the common lane gives, READ_CRASHED,
   * READ_UNPARSEABLE, READERS_DOWN, READERS_STOPPED, what
   * the channel refused with, or what `load` throws
   */
  async translate(load: () => Promise<StoredRaw>, origin = ''): Promise<Translation[]> {
    return unwrap((await this.#common.visit(origin, async () => [await load()]))[0])
  }

  /**
   * The lane for what was too slow or ended its reader: one at a time, with all the time there is,
   * giving way to the others.
   * @throws EvenhandError READ_TIMEOUT, and as `translate`
   */
  async translateSlowly(load: () => Promise<StoredRaw>): Promise<Translation[]> {
    try {
      return unwrap((await this.#slow.visit('', async () => [await load()]))[0])
    } catch (error) {
      throw error instanceof EvenhandError && error.code === 'READ_SLOW'
        ? new EvenhandError('READ_TIMEOUT')
        : error
    }
  }

  /**
   * Translates a set of small contacts in one visit to a reader; handing each over alone costs more
   * than reading it. When the visit fails, each is read alone, so that what hangs or crashes takes
   * no other with it. A set from one place takes turns as what comes from there does. `load` is
   * called when a reader is free. One promise for each, in order.
   */
  translateSet<R>(
    rows: readonly R[],
    load: (rows: readonly R[]) => Promise<readonly StoredRaw[]>,
    originOf: (row: R) => string = () => ''
  ): Promise<Translation[]>[] {
    const alone = (row: R) => this.translate(async () => (await load([row]))[0]!, originOf(row))
    if (rows.length === 1) return [alone(rows[0]!)]
    const origins = new Set(rows.map(originOf))
    const visit = this.#common
      .visit(origins.size === 1 ? [...origins][0]! : '', () => load(rows))
      .catch((error: unknown) => {
        if (error instanceof EvenhandError && perhapsOfOne.has(error.code)) return undefined
        throw error
      })
    return rows.map(async (row, index) => {
      const replies = await visit
      return replies ? unwrap(replies[index]) : alone(row)
    })
  }

  get state(): PoolState {
    return { common: this.#common.state, slow: this.#slow.state }
  }

  /** Ids of the processes that read. */
  get pids(): number[] {
    return [...this.#common.pids, ...this.#slow.pids]
  }

  /** Ends every reader; what is under way is given back as READERS_STOPPED. */
  async close(): Promise<void> {
    await Promise.all([this.#common.close(), this.#slow.close()])
  }
}

/** What may be one contact's doing, so that the others of its set are read without it. */
const perhapsOfOne = new Set<ErrorCode>(['READ_SLOW', 'READ_CRASHED', 'READ_LIMIT'])

/** Readers that take visits in turns. */
class Lane {
  readonly #size: number
  readonly #process: ProcessOptions
  readonly #limit: (raws: readonly StoredRaw[]) => Bound
  readonly #waiting = new RoundRobin<Visit>()
  readonly #idle: { reader: ReaderProcess; timer: NodeJS.Timeout }[] = []
  readonly #busy = new Set<ReaderProcess>()
  #running = 0
  #late = 0
  #unstarted = 0
  #closed = false

  constructor(size: number, process: ProcessOptions, limit: (raws: readonly StoredRaw[]) => Bound) {
    this.#size = size
    this.#process = process
    this.#limit = limit
  }

  get state() {
    return { running: this.#running, waiting: this.#waiting.length, late: this.#late }
  }
  get pids(): number[] {
    return [...this.#busy, ...this.#idle.map(({ reader }) => reader)].flatMap(
      ({ pid }) => pid ?? []
    )
  }

  visit(origin: string, load: Visit['load']): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(origin, { load, resolve, reject })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { timer } of this.#idle) clearTimeout(timer)
    await Promise.all(
      [...this.#busy, ...this.#idle.map(({ reader }) => reader)].map((reader) => reader.end())
    )
    for (let visit = this.#waiting.next(); visit; visit = this.#waiting.next())
      visit.reject(new EvenhandError('READERS_STOPPED'))
  }

  #next(): void {
    if (this.#running >= this.#size) return
    const visit = this.#waiting.next()
    if (!visit) return
    this.#running += 1
    void this.#serve(visit).finally(() => {
      this.#running -= 1
      this.#next()
    })
    this.#next()
  }

  async #serve(visit: Visit): Promise<void> {
    try {
      const raws = await visit.load()
      const outcome = await this.#read(raws)
      if (outcome.kind === 'replies') visit.resolve(outcome.replies)
      else visit.reject(this.#closed ? new EvenhandError('READERS_STOPPED') : errorOf(outcome.kind))
    } catch (error) {
      visit.reject(error)
    }
  }

  async #read(raws: readonly StoredRaw[]): Promise<ReaderOutcome> {
    const bound = this.#limit(raws)
    for (;;) {
      if (this.#closed) return { kind: 'unstarted' }
      const reader = this.#take()
      this.#busy.add(reader)
      const outcome = await reader.run(raws, bound)
      this.#busy.delete(reader)
      if (reader.alive) this.#rest(reader)
      if (outcome.kind === 'late') this.#late += 1
      // A reader that died while it had nothing to do, or never started, says nothing about the set
      // it was to be given.
      this.#unstarted = outcome.kind === 'unstarted' ? this.#unstarted + 1 : 0
      if (outcome.kind !== 'unstarted' || this.#unstarted >= MAX_UNSTARTED) return outcome
    }
  }

  #take(): ReaderProcess {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      clearTimeout(idle.timer)
      if (idle.reader.alive) return idle.reader
    }
    return new ReaderProcess(this.#process)
  }

  #rest(reader: ReaderProcess): void {
    if (this.#closed) return void reader.end()
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((idle) => idle.reader === reader),
        1
      )
      void reader.end()
    }, IDLE_MS).unref()
    this.#idle.push({ reader, timer })
  }
}

function errorOf(kind: keyof typeof codes): EvenhandError {
  return new EvenhandError(
    codes[kind],
    kind === 'large' ? 'reading it needs more memory than one reader may have' : undefined
  )
}

const codes = {
  died: 'READ_CRASHED',
  late: 'READ_SLOW',
  large: 'READ_LIMIT',
  unstarted: 'READERS_DOWN'
} as const satisfies Record<string, ErrorCode>

function megabytes(raws: readonly StoredRaw[]): number {
  return raws.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1024 ** 2
}

function unwrap(answer: unknown): Translation[] {
  const reply = checked(answer)
  if (reply.kind === 'refused') throw new EvenhandError(reply.code, reply.detail)
  return reply.translations
}

function checked(reply: unknown): TranslateReply {
  const { success, data } = replySchema.safeParse(reply)
  if (!success)
    throw new EvenhandError(
      'READ_UNPARSEABLE',
      'the reader answered with something that is no envelope'
    )
  return data as TranslateReply
}
