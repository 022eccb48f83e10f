/** Pulls all mailboxes of mailboxes.yaml, and follows changes of it. */
import { isDeepStrictEqual } from 'node:util'
import pLimit from 'p-limit'
import type { PulledMailbox } from '../../config/mailboxes.ts'
import type { ChannelService, IntakeWith } from '../../core/intake/channel.ts'
import { pullLimits } from './limits.ts'
import { MailboxPuller } from './mailbox-puller.ts'

interface Running {
  readonly mailbox: PulledMailbox
  readonly puller: MailboxPuller
}

/** Runs in every process that has the role `worker`; of several, one pulls a mailbox at a time. */
export function mailboxService(intake: IntakeWith<'mailboxRecords'>): ChannelService {
  return {
    role: 'worker',
    name: 'mailboxes',
    async start() {
      const pullers = new Pullers(intake)
      await pullers.follow()
      const timer = setInterval(() => void pullers.follow(), pullLimits.followMs)
      return {
        stop: async () => {
          clearInterval(timer)
          await pullers.stop()
        }
      }
    }
  }
}

class Pullers {
  readonly #intake: IntakeWith<'mailboxRecords'>
  readonly #limit = pLimit(pullLimits.atOnce)
  #running: readonly Running[] = []
  #following: Promise<void> | undefined

  constructor(intake: IntakeWith<'mailboxRecords'>) {
    this.#intake = intake
  }

  /** Stops what is no longer configured so, and starts what is new. */
  follow(): Promise<void> {
    this.#following ??= this.#follow(this.#intake.agency().mailboxes ?? []).finally(() => {
      this.#following = undefined
    })
    return this.#following
  }

  async stop(): Promise<void> {
    await this.#following
    await this.#follow([])
  }

  async #follow(wanted: readonly PulledMailbox[]): Promise<void> {
    const stays = (one: Running) => wanted.some((want) => isDeepStrictEqual(want, one.mailbox))
    const staying = this.#running.filter(stays)
    await Promise.all(this.#running.filter((one) => !stays(one)).map(({ puller }) => puller.stop()))
    const added = wanted.filter(
      (want) => !staying.some(({ mailbox }) => isDeepStrictEqual(want, mailbox))
    )
    this.#running = [...staying, ...added.map((mailbox) => this.#begin(mailbox))]
  }

  #begin(mailbox: PulledMailbox): Running {
    const puller = new MailboxPuller(mailbox, {
      intake: this.#intake,
      records: this.#intake.mailboxRecords(),
      limit: (work) => this.#limit(work)
    })
    puller.start()
    return { mailbox, puller }
  }
}
