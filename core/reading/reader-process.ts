/**
 * One reader process, as the pool sees it. It is given one set at a time and answers, or it is
 * gone.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { StoredRaw } from '../intake/channel.ts'

const file = fileURLToPath(new URL('./process.ts', import.meta.url))

/**
 * Longest start, in ms. Loading a channel's parsers takes half a second of computing, but far
 * longer on a busy machine.
 */
const START_LIMIT_MS = 60_000
/** Linux counts processor time in hundredths of a second (USER_HZ), whatever its own clock. */
const TICK_MS = 10

export interface ProcessOptions {
  /** The module that exports the function to run. */
  readonly module: URL
  readonly heapLimitMb: number
  /** Folder where V8's compiled code is kept between processes; it halves the time of a start. */
  readonly cacheDir?: string | undefined
  /** Niceness: 0 yields to no other process, 19 to all (nice(1)). */
  readonly niceness?: number
}

/** Result of a set: its replies, or why there are none. */
export type ReaderOutcome =
  | { readonly kind: 'replies'; readonly replies: readonly unknown[] }
  | { readonly kind: 'died' | 'late' | 'large' | 'unstarted' }

export interface Bound {
  /** Processor time in ms; elapsed time if the system does not report it. */
  readonly cpuMs: number
  /** Elapsed time in ms, for a process that waits without computing or gets no processor. */
  readonly wallMs: number
  /** Resident memory in bytes. V8's own limit does not count what lies outside its heap. */
  readonly bytes: number
}

export class ReaderProcess {
  readonly #child: ChildProcess
  readonly #gone: Promise<void>
  readonly #started: Promise<boolean>
  #hear: (replies: readonly unknown[]) => void = () => undefined
  #alive = true

  constructor({ module, heapLimitMb, cacheDir, niceness = 0 }: ProcessOptions) {
    this.#child = fork(file, [module.href], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      ...program(niceness, ['--no-warnings', `--max-old-space-size=${heapLimitMb}`]),
      // Untrusted bytes are parsed there, so its environment holds none of our secrets.
      env: {
        PATH: process.env['PATH'],
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        ...(cacheDir ? { NODE_COMPILE_CACHE: cacheDir } : {})
      }
    })
    this.#gone = new Promise((resolve) => {
      this.#child.once('exit', () => {
        this.#alive = false
        resolve()
      })
      // If the process could not be started there is no exit event.
      this.#child.on('error', () => {
        this.kill()
        if (this.#child.pid === undefined) {
          this.#alive = false
          resolve()
        }
      })
    })
    this.#started = this.#awaitStart()
    // An idle reader must not keep its parent process alive.
    this.#rest()
  }

  get alive(): boolean {
    return this.#alive
  }
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Runs one set; never rejects. If the outcome is not replies, the process is gone. */
  async run(raws: readonly StoredRaw[], bound: Bound): Promise<ReaderOutcome> {
    this.#child.ref()
    this.#child.channel?.ref()
    try {
      if (!(await this.#started)) return { kind: 'unstarted' }
      const outcome = await this.#runStarted(raws, bound)
      if (outcome.kind !== 'replies') await this.end()
      return outcome
    } finally {
      this.#rest()
    }
  }

  async #runStarted(raws: readonly StoredRaw[], bound: Bound): Promise<ReaderOutcome> {
    const answered = new Promise<ReaderOutcome>((resolve) => {
      this.#hear = (replies) => resolve({ kind: 'replies', replies })
    })
    const watch = new Watch(this.#child.pid!, bound)
    this.#child.send([...raws], (error) => {
      if (error) this.kill()
    })
    try {
      return await Promise.race([
        answered,
        watch.passed,
        this.#gone.then((): ReaderOutcome => ({ kind: 'died' }))
      ])
    } finally {
      watch.stop()
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Ends it and waits until it is gone. */
  async end(): Promise<void> {
    this.#child.ref()
    this.kill()
    await this.#gone
  }

  #rest(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }

  async #awaitStart(): Promise<boolean> {
    const ready = new Promise<boolean>((resolve) => {
      this.#child.on('message', (message: { ready?: true; replies?: readonly unknown[] }) => {
        if (message.ready) resolve(true)
        else this.#hear(message.replies ?? [])
      })
    })
    const timer = setTimeout(() => this.kill(), START_LIMIT_MS).unref()
    const started = await Promise.race([ready, this.#gone.then(() => false)])
    clearTimeout(timer)
    return started
  }
}

/** A parser fills about 1 GB a second, so 100 ms is 100 MB of overshoot. */
const WATCH_MS = 100

/** Resolves when a process has used up its time or its memory. */
class Watch {
  readonly passed: Promise<ReaderOutcome>
  readonly #pid: number
  readonly #before: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(pid: number, { cpuMs, wallMs, bytes }: Bound) {
    this.#pid = pid
    this.#before = processorMs(pid)
    const started = performance.now()
    this.passed = new Promise((resolve) => {
      const look = () => {
        const elapsed = performance.now() - started
        const left = Math.min(cpuMs - this.#used(elapsed), wallMs - elapsed)
        if (left <= 0) return resolve({ kind: 'late' })
        if (residentBytes(pid) > bytes) return resolve({ kind: 'large' })
        this.#timer = setTimeout(look, Math.min(left + TICK_MS, WATCH_MS))
      }
      this.#timer = setTimeout(look, Math.min(cpuMs, wallMs, WATCH_MS))
    })
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #used(elapsed: number): number {
    const now = processorMs(this.#pid)
    return this.#before === undefined || now === undefined ? elapsed : now - this.#before
  }
}

/**
 * Processor time that a process has used, in ms; undefined outside Linux. From proc(5): utime and
 * stime, which follow the name, which may hold spaces.
 */
function processorMs(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  } catch {
    return undefined
  }
}

/**
 * Resident memory in bytes (proc(5): statm, in pages of 4 KB). 0 outside Linux, where only V8's own
 * limit applies.
 */
function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096
  } catch {
    return 0
  }
}

const nice = ['/usr/bin/nice', '/bin/nice'].find((path) => existsSync(path))

/** Node itself, or Node started by nice(1), if the system has it. */
function program(niceness: number, flags: string[]): { execPath: string; execArgv: string[] } {
  if (niceness === 0 || !nice) return { execPath: process.execPath, execArgv: flags }
  return { execPath: nice, execArgv: ['-n', String(niceness), process.execPath, ...flags] }
}
