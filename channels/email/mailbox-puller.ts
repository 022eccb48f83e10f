/** Keeps one mailbox pulled: connects, takes what is there, waits for more, connects again. */
import { mailboxLocation, type PulledMailbox } from '../../config/mailboxes.ts'
import { asEvenhandError } from '../../platform/errors.ts'
import { HeldToken } from './access-token.ts'
import { pullLimits } from './limits.ts'
import { AskedToWait, type OpenMailbox } from './mailbox.ts'
import { openMailbox } from './open-mailbox.ts'
import { pull, type PullTools } from './pull.ts'
import { waitForNextSession } from './session-waits.ts'

/** Asked to wait so often in a row, a mailbox is not being pulled. */
const REPORT_WAITING_FROM = 3

export interface PullerTools extends Pick<PullTools, 'intake' | 'records'> {
  /** Bounds how many mailboxes are drained at once. */
  limit<Result>(work: () => Promise<Result>): Promise<Result>
}

export class MailboxPuller {
  readonly #mailbox: PulledMailbox
  readonly #tools: PullerTools
  readonly #place: string
  readonly #token = new HeldToken()
  #stopped = false
  #wake = Promise.withResolvers<void>()
  #running: Promise<void> | undefined
  /** Sessions in a row that ended before anything was taken or all was looked through. */
  #failures = 0

  constructor(mailbox: PulledMailbox, tools: PullerTools) {
    this.#mailbox = mailbox
    this.#tools = tools
    this.#place = mailboxLocation(mailbox)
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
    while (!this.#stopped) {
      const cause = await this.#session().catch((error: unknown) => error)
      if (this.#stopped) return
      this.#failures += 1
      if (cause !== undefined) await this.#report(cause)
      // The end of the connection woke us already; this wait is for the server to come back.
      this.#wake = Promise.withResolvers<void>()
      await this.#rest(waitForNextSession(cause, this.#failures) * 1000)
    }
  }

  async #session(): Promise<void> {
    const { intake, records } = this.#tools
    const open = await openMailbox(this.#mailbox, {
      settings: intake.settings,
      records,
      token: this.#token
    })
    open.listen(() => this.#wake.resolve())
    try {
      if ((await records.begin(open.numbering)) !== undefined)
        intake.alert('mailbox-numbers', `The mailbox ${this.#mailbox.id} was numbered anew.`)
      while (!this.#stopped && open.usable()) {
        // What comes while it is looked through wakes us for another look.
        this.#wake = Promise.withResolvers<void>()
        const pulled = await this.#pull(open)
        if (this.#stopped) return
        if (pulled !== undefined) this.#failures = 0
        await this.#rest(pulled === undefined ? pullLimits.othersMs : open.lookAgainMs)
      }
    } finally {
      open.close()
    }
  }

  #pull(open: OpenMailbox): Promise<number | undefined> {
    const { intake, records, limit } = this.#tools
    const tools = {
      mailbox: this.#mailbox,
      intake,
      records,
      stopping: () => this.#stopped,
      took: () => {
        this.#failures = 0
      }
    }
    return limit(() => records.exclusively(this.#place, () => pull(open, tools)))
  }

  async #rest(ms: number): Promise<void> {
    const timer = setTimeout(() => this.#wake.resolve(), ms)
    await this.#wake.promise
    clearTimeout(timer)
  }

  async #report(cause: unknown): Promise<void> {
    const { intake, records } = this.#tools
    // To be asked to wait is no failure, unless it goes on.
    if (cause instanceof AskedToWait && this.#failures < REPORT_WAITING_FROM) return
    const failure = asEvenhandError(cause)
    intake.log.warn({ err: failure, code: failure.code }, 'a mailbox cannot be pulled')
    intake.alert('mailbox', `The mailbox ${this.#mailbox.id} cannot be pulled: ${failure.code}.`)
    // Without the database nothing can be noted; the next session says it again.
    await records.broken(this.#place, failure.message).catch(() => undefined)
  }
}
