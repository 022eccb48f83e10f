import { fork, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { EvenhandError } from '../../platform/errors.ts'
import type { Job, JobResult } from './reader/job.ts'
import { limits } from './limits.ts'

const program = fileURLToPath(new URL('./reader/process.ts', import.meta.url))
/**
 * How often a reader's memory is looked at; a decoder fills about 1 GB a second, so 100 ms is 100
 * MB of overshoot.
 */
const watchMs = 100

// One core per reader, which libvips and OpenMP would not keep to; glibc gives pictures' memory
// back at once instead of keeping it.
const readerEnvironment = {
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  OMP_THREAD_LIMIT: '1',
  VIPS_CONCURRENCY: '1',
  UV_THREADPOOL_SIZE: '2',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '262144',
  MALLOC_TRIM_THRESHOLD_: '262144'
}

/** Why a job did not end: a sentence for staff, without content. */
export class Withheld extends Error {}

interface Reader {
  readonly child: ChildProcess
  current?: Work
  /** The document it read last: its parsed structure is still in memory. */
  lastPath?: string
  idleTimer?: NodeJS.Timeout
  /** Resident memory when last looked at. */
  bytes: number
}

interface Work {
  readonly job: Job
  readonly seconds: number
  readonly resolve: (value: JobResult) => void
  readonly reject: (error: Error) => void
  timer?: NodeJS.Timeout
  watch?: NodeJS.Timeout
  reason?: string
  /** Its reader died once without our doing; twice is taken for the document's fault. */
  again?: boolean
}

/**
 * Reader processes, at most one per core. Native decoders run in them, so a crash, a bomb or an
 * endless loop ends one reader and one page, never this process. Threads would not do: a
 * segmentation fault in libvips takes all of them down.
 */
export class ReaderPool {
  readonly #size: number
  readonly #readers = new Set<Reader>()
  readonly #queue: Work[] = []
  #peakBytes = 0
  #cpuSeconds = 0
  #closed = false

  constructor(size = availableParallelism()) {
    this.#size = size
  }

  get size(): number {
    return this.#size
  }
  /** The most memory all readers together were seen to use, in bytes (Linux only, else 0). */
  get peakBytes(): number {
    return this.#peakBytes
  }

  /** Processor time of all finished jobs, without the readers' start. */
  get cpuSeconds(): number {
    return this.#cpuSeconds
  }

  /**
   * Runs one job. @throws Withheld when the reader refused it, died of it, or took longer or more
   * memory than allowed.
   */
  run<J extends Job>(job: J, seconds: number): Promise<JobResult<J['kind']>> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, seconds, resolve: resolve as (value: JobResult) => void, reject })
      this.#next()
    })
  }

  /** Ends every reader; jobs under way are given back as READERS_STOPPED. */
  async close(): Promise<void> {
    this.#closed = true
    const ends = [...this.#readers].map(
      (reader) => new Promise((resolve) => reader.child.once('exit', resolve))
    )
    for (const { child } of this.#readers) {
      child.ref()
      child.kill('SIGKILL')
    }
    await Promise.all(ends)
  }

  #next(): void {
    if (this.#closed)
      for (const { reject } of this.#queue.splice(0)) reject(new EvenhandError('READERS_STOPPED'))
    const work = this.#queue[0]
    if (!work) return
    const idle = [...this.#readers].filter((reader) => !reader.current)
    const reader =
      idle.find((reader) => reader.lastPath === work.job.path) ??
      idle[0] ??
      (this.#readers.size < this.#size ? this.#start() : undefined)
    if (!reader) return
    this.#queue.shift()
    this.#give(reader, work)
    this.#next()
  }

  #start(): Reader {
    const child = fork(program, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--max-old-space-size=256', '--no-warnings', '--expose-gc'],
      env: {
        ...readerEnvironment,
        PATH: process.env['PATH'],
        TESSDATA_PREFIX: process.env['TESSDATA_PREFIX']
      }
    })
    const reader: Reader = { child, bytes: 0 }
    this.#readers.add(reader)
    child.on('message', (message) => this.#answer(reader, message as Answer))
    child.on('error', () => child.kill('SIGKILL'))
    child.on('exit', (code, signal) => this.#gone(reader, signal ?? `exit ${code}`))
    // An idle reader does not keep the process that owns the pool alive.
    child.unref()
    child.channel?.unref()
    return reader
  }

  #give(reader: Reader, work: Work): void {
    clearTimeout(reader.idleTimer)
    reader.child.ref()
    reader.child.channel?.ref()
    reader.current = work
    reader.lastPath = work.job.path
    work.timer = setTimeout(
      () => end(reader, `took longer than ${work.seconds} s`),
      work.seconds * 1000
    )
    work.watch = setInterval(() => void this.#weigh(reader), watchMs)
    reader.child.send(work.job, (error) => {
      if (error) reader.child.kill('SIGKILL')
    })
  }

  #answer(reader: Reader, message: Answer): void {
    const work = reader.current
    if (!work) return
    endWork(reader)
    if (message.ok) work.resolve(message.value)
    // No room for its working files: no fault of the document.
    else
      work.reject(message.full ? new EvenhandError('STORAGE_FULL') : new Withheld(message.reason))
    this.#note(reader, message.rss)
    this.#cpuSeconds += message.cpuSeconds
    if (message.rss > limits.readerRestBytes) this.#retire(reader)
    else this.#rest(reader)
    this.#next()
  }

  /** Ends a reader without work; it is given none while it goes. */
  #retire(reader: Reader): void {
    this.#readers.delete(reader)
    reader.child.kill('SIGKILL')
  }

  #rest(reader: Reader): void {
    reader.child.unref()
    reader.child.channel?.unref()
    reader.idleTimer = setTimeout(() => this.#retire(reader), limits.idleSeconds * 1000).unref()
  }

  #gone(reader: Reader, how: string): void {
    this.#readers.delete(reader)
    clearTimeout(reader.idleTimer)
    const work = reader.current
    endWork(reader)
    if (work && !work.reason && !work.again && !this.#closed)
      this.#queue.unshift({ ...work, again: true })
    else
      work?.reject(
        this.#closed
          ? new EvenhandError('READERS_STOPPED')
          : new Withheld(work.reason ?? `ended the reader (${how})`)
      )
    this.#next()
  }

  #note(reader: Reader, bytes: number): void {
    reader.bytes = bytes
    this.#peakBytes = Math.max(
      this.#peakBytes,
      [...this.#readers].reduce((sum, { bytes }) => sum + bytes, 0)
    )
  }

  async #weigh(reader: Reader): Promise<void> {
    const bytes = await residentBytes(reader.child.pid)
    this.#note(reader, bytes)
    if (bytes > limits.readerBytes)
      end(reader, `needed more than ${Math.round(limits.readerBytes / 1024 ** 2)} MiB of memory`)
  }
}

type Answer = Cost & ({ ok: true; value: JobResult } | { ok: false; reason: string; full: boolean })
interface Cost {
  readonly rss: number
  readonly cpuSeconds: number
}

function end(reader: Reader, reason: string): void {
  if (reader.current) reader.current.reason ??= reason
  reader.child.kill('SIGKILL')
}

function endWork(reader: Reader): void {
  clearTimeout(reader.current?.timer)
  clearInterval(reader.current?.watch)
  delete reader.current
}

/** Resident memory by Linux's /proc; 0 elsewhere, where only V8's and wasm's own limits hold. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '0 0')
  return Number(status.split(' ')[1]) * 4096
}
