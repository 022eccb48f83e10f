/**
 * Watches the event loop: how long waiting tasks were delayed, and which work was going on when the
 * delay was long. Everything a process answers runs on one main thread, so no task may hold it for
 * long.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Delay in ms that counts as a stall: people notice it. */
export const STALL_MS = 200
/**
 * How often the watch checks, in ms. It does not see shorter delays, but the quantiles include
 * them.
 */
const LOOK_EVERY_MS = 20
/** Length of a window in ms. The figures cover the last one to two windows. */
const WINDOW_MS = 60_000
/** Most names of work reported with a stall. */
const NAMED = 10

export interface Stall {
  /** Length of the stall in ms. */
  readonly ms: number
  /** Time in ms that our main thread was computing. In the rest it waited for the machine. */
  readonly computingMs: number
  /** Names of work that was going on, or ended, during the stall. */
  readonly during: readonly string[]
}

export interface Clock {
  /** Elapsed time in ms. */
  now(): number
  /** Time computed by this thread, in ms. */
  computed(): number
}

const realClock: Clock = {
  now: () => performance.now(),
  computed: () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
}

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>

export class LoopWatch {
  readonly #clock: Clock
  readonly #onStall: (stall: Stall) => void
  readonly #running = new Map<string, number>()
  readonly #ended = new Set<string>()
  #stalls = { computing: 0, waiting: 0 }
  #looked: number
  #computed: number
  #timer: NodeJS.Timeout | undefined
  #windows: IntervalHistogram[] = []

  constructor(onStall: (stall: Stall) => void, clock = realClock) {
    this.#onStall = onStall
    this.#clock = clock
    this.#looked = clock.now()
    this.#computed = clock.computed()
  }

  /**
   * Stalls so far, in two groups: the main thread computed for more than half of the time, or it
   * waited for the machine.
   */
  get stalls(): { readonly computing: number; readonly waiting: number } {
    return this.#stalls
  }

  start(): this {
    this.#startWindow()
    let started = this.#clock.now()
    this.#timer = setInterval(() => {
      this.look()
      if (this.#clock.now() - started < WINDOW_MS) return
      started = this.#clock.now()
      this.#startWindow()
    }, LOOK_EVERY_MS)
    this.#timer.unref()
    return this
  }

  stop(): void {
    clearInterval(this.#timer)
    for (const window of this.#windows) window.disable()
  }

  /** Gives a piece of work a name while it runs. The name holds nothing that a resident sent. */
  async during<T>(name: string, work: () => Promise<T>): Promise<T> {
    const end = this.begin(name)
    try {
      return await work()
    } finally {
      end()
    }
  }

  /** As `during`, for work that ends elsewhere. Returns the function to call at its end. */
  begin(name: string): () => void {
    this.#running.set(name, (this.#running.get(name) ?? 0) + 1)
    return () => {
      const left = (this.#running.get(name) ?? 1) - 1
      if (left > 0) this.#running.set(name, left)
      else this.#running.delete(name)
      this.#ended.add(name)
    }
  }

  /** Checks once whether this call comes much later than planned. */
  look(): void {
    const [now, computed] = [this.#clock.now(), this.#clock.computed()]
    const [ms, computingMs] = [now - this.#looked - LOOK_EVERY_MS, computed - this.#computed]
    const during =
      ms >= STALL_MS ? [...new Set([...this.#ended, ...this.#running.keys()])].slice(0, NAMED) : []
    this.#looked = now
    this.#computed = computed
    this.#ended.clear()
    if (ms < STALL_MS) return
    this.#stalls[computingMs * 2 > ms ? 'computing' : 'waiting'] += 1
    this.#onStall({ ms: Math.round(ms), computingMs: Math.round(computingMs), during })
  }

  /** The longest delay and the 99 % quantile of the last one to two minutes, in ms. */
  delays(): { readonly maxMs: number; readonly p99Ms: number } {
    const windows = this.#windows.filter(({ count }) => count > 0)
    const most = (pick: (window: IntervalHistogram) => number) =>
      Math.max(0, ...windows.map((window) => pick(window) / 1e6 - RESOLUTION_MS))
    return { maxMs: most(({ max }) => max), p99Ms: most((window) => window.percentile(99)) }
  }

  #startWindow(): void {
    const window = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    window.enable()
    this.#windows.push(window)
    if (this.#windows.length > 2) this.#windows.shift()!.disable()
  }
}

/**
 * The histogram measures the time between two checks of its own, so this much of each value is no
 * delay. In ms.
 */
const RESOLUTION_MS = 10
