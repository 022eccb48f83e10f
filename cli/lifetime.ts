/** A running start: its parts, the ways in which it ends, and what it ends with. */
import type { Log } from '../platform/logger.ts'
import { countAlert } from '../platform/alerts.ts'

/** What was started, in the order of starting; stopped in the other order. */
export interface Part {
  readonly name: string
  readonly where?: string
  stop(): Promise<unknown> | void
}

/**
 * After this long, in ms, an orderly stop gives up and the process ends; nothing accepted depends
 * on it.
 */
const STOP_LIMIT_MS = 25_000
/**
 * The terminal, npm and the wrapper each pass one Ctrl+C on: what comes within this time of the
 * first is the same. In ms. On a busy machine npm takes seconds; taken for a second one, its signal
 * ends the process before PostgreSQL is stopped.
 */
const SAME_WITHIN_MS = 10_000

export class Lifetime {
  readonly parts: Part[] = []
  readonly #log: Log
  readonly #begun: Promise<void>
  #begin: () => void = () => undefined
  #stoppedAt: number | undefined

  /**
   * From now on signals, the wrapper's end and errors that nobody caught end the process in order.
   */
  constructor(log: Log) {
    this.#log = log
    this.#begun = new Promise((resolve) => {
      this.#begin = resolve
    })
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => this.#end(signal, 0))
    // scripts/evenhand.mjs holds the other end of this channel: when it was killed, nobody is left
    // to stop us.
    process.on('disconnect', () => this.#end('the end of the process that started it', 0))
    process.channel?.unref()
    process.on('uncaughtException', (error) => this.#fail(error))
    process.on('unhandledRejection', (error) => {
      log.error({ err: error }, 'a promise failed that nobody waited for')
      countAlert('unhandled-rejection')
    })
  }

  get stopping(): boolean {
    return this.#stoppedAt !== undefined
  }

  add(name: string, part: Omit<Part, 'name'>): void {
    this.parts.push({ name, ...part })
  }

  /** To be said when nothing more is added: a stop that came meanwhile goes on now. */
  started(): void {
    this.#begin()
  }

  /** Stops every part; one that cannot be stopped keeps none of the others. */
  async stopAll(): Promise<void> {
    for (let part = this.parts.pop(); part; part = this.parts.pop()) {
      try {
        await part.stop()
      } catch (error) {
        this.#log.error({ err: error, part: part.name }, 'could not be stopped')
      }
    }
  }

  /**
   * What state a half-done piece of work left behind is not known: the process ends, and a service
   * manager starts it again.
   */
  #fail(error: unknown): void {
    this.#log.fatal(
      { err: error },
      'an error that nobody caught; the process ends and is to be started again'
    )
    this.#end('an error', 1)
  }

  #end(why: string, code: number): void {
    const now = performance.now()
    if (this.#stoppedAt !== undefined) {
      if (now - this.#stoppedAt > SAME_WITHIN_MS) process.exit(1)
      return
    }
    this.#stoppedAt = now
    this.#log.info({ signal: why }, 'stopping')
    setTimeout(() => {
      this.#log.error('the stop took too long')
      process.exit(1)
    }, STOP_LIMIT_MS).unref()
    void this.#begun.then(async () => {
      await this.stopAll()
      this.#log.info('stopped')
      process.exit(code)
    })
  }
}
