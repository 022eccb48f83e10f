/** Keeps one mailbox pulled: connects, takes what is there, waits for more, connects again. */
import { placeOf, type PulledMailbox } from '../../config/mailboxes.ts'
import { asEvenhandError } from '../../platform/errors.ts'
import { waitAfter, type RetryPolicy } from '../../platform/limits/retry-policy.ts'
import { openMailbox, type OpenMailbox } from './imap-connection.ts'
import { pullLimits } from './limits.ts'
import { pull, type PullTools } from './pull.ts'

/** A server that is down comes back within minutes; asking it more often helps nobody. */
const policy: RetryPolicy = {
  attempts: Infinity,
  firstWait: 2,
  factor: 2,
  longestWait: 300
}

export interface PullerTools extends Pick<PullTools, 'intake' | 'records'> {
  /** Bounds how many mailboxes are drained at once. */
  limit<Result>(work: () => Promise<Result>): Promise<Result>
}

export class MailboxPuller {
  readonly #mailbox: PulledMailbox
  readonly #tools: PullerTools
  readonly #place: string
  #stopped = false
  #wake = Promise.withResolvers<void>()
  #running: Promise<void> | undefined

  constructor(mailbox: PulledMailbox, tools: PullerTools) {
    this.#mailbox = mailbox
    this.#tools = tools
    this.#place = placeOf(mailbox)
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Ends after the message in hand. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#wake.resolve()
    await this.#running
  }

  async #run(): Promise<void> {
    let failures = 0
    const well = () => {
      failures = 0
    }
    while (!this.#stopped) {
      await this.#session(well).catch((cause: unknown) => this.#report(cause))
      if (this.#stopped) return
      failures += 1
      // The end of the connection woke us already; this wait is for the server to come back.
      this.#wake = Promise.withResolvers<void>()
      await this.#rest(waitAfter(policy, failures) * 1000)
    }
  }

  async #session(well: () => void): Promise<void> {
    const { intake, records } = this.#tools
    const open = await openMailbox(this.#mailbox, intake.settings)
    open.client.on('exists', () => this.#wake.resolve())
    open.client.on('close', () => this.#wake.resolve())
    try {
      if ((await records.begin(open.numbering)) !== undefined)
        intake.alert('mailbox-numbers', `The mailbox ${this.#mailbox.id} was numbered anew.`)
      while (!this.#stopped && open.client.usable) {
        // What comes while it is looked through wakes us for another look.
        this.#wake = Promise.withResolvers<void>()
        const pulled = await this.#pull(open)
        if (this.#stopped) return
        if (pulled !== undefined) well()
        await this.#rest(pulled === undefined ? pullLimits.othersMs : pullLimits.lookAgainMs)
      }
    } finally {
      open.client.close()
    }
  }

  #pull(open: OpenMailbox): Promise<number | undefined> {
    const { intake, records, limit } = this.#tools
    const tools = { mailbox: this.#mailbox, intake, records, stopping: () => this.#stopped }
    return limit(() => records.exclusively(this.#place, () => pull(open, tools)))
  }

  async #rest(ms: number): Promise<void> {
    const timer = setTimeout(() => this.#wake.resolve(), ms)
    await this.#wake.promise
    clearTimeout(timer)
  }

  async #report(cause: unknown): Promise<void> {
    const { intake, records } = this.#tools
    const failure = asEvenhandError(cause)
    intake.log.warn({ err: failure, code: failure.code }, 'a mailbox cannot be pulled')
    intake.alert('mailbox', `The mailbox ${this.#mailbox.id} cannot be pulled: ${failure.code}.`)
    // Without the database nothing can be noted; the next session says it again.
    await records.broken(this.#place, failure.message).catch(() => undefined)
  }
}
