/** Mailboxes that are pulled: whether each can be opened now, and how the worker fared with it. */
import { tryMailbox } from '../../channels/email/try-mailbox.ts'
import type { Agency } from '../../config/agency.ts'
import { mailboxLocation, type PulledMailbox } from '../../config/mailboxes.ts'
import type { Settings } from '../../config/settings.ts'
import {
  mailboxStates,
  openMailboxRecords,
  type MailboxState
} from '../../core/intake/mailbox-records.ts'
import type { Db } from '../../platform/db/database.ts'
import { counted, describeAge, fail, ok, reasonOf, warn, type Check } from './check.ts'

/** A mailbox is looked at every minute; after so long nobody does. */
const NOT_LOOKED_AT_MS = 10 * 60_000

export async function checkMailboxes(
  db: Db,
  settings: Settings,
  agency: Agency | undefined
): Promise<Check[]> {
  const mailboxes = agency?.mailboxes ?? []
  const states = await mailboxStates(db, mailboxes.map(mailboxLocation))
  return Promise.all(
    mailboxes.map((mailbox) => check(db, settings, mailbox, states.get(mailboxLocation(mailbox))))
  )
}

async function check(
  db: Db,
  settings: Settings,
  mailbox: PulledMailbox,
  state: MailboxState | undefined
): Promise<Check> {
  const name = `mailbox ${mailbox.id}`
  const history = describeHistory(state)
  try {
    const { there, untaken } = await tryMailbox(mailbox, settings, openMailboxRecords(db))
    const finding = `${counted(there, 'mail')} there, ${untaken} not taken; ${history}`
    if (isLate(state))
      return warn(name, `nobody pulls it: ${finding}`, 'Is a process with the role worker running?')
    if (state && state.passedOver > 0)
      return warn(
        name,
        `${counted(state.passedOver, 'mail')} could not be taken: ${finding}`,
        'They are tried again every hour. Look at them in the mailbox; what needs no case can be taken out of it.'
      )
    return ok(name, finding)
  } catch (error) {
    return fail(name, `${reasonOf(error)} (${history})`, 'Its mail waits there and is not lost.')
  }
}

function isLate(state: MailboxState | undefined): boolean {
  return !state?.lookedAt || Date.now() - state.lookedAt.getTime() > NOT_LOOKED_AT_MS
}

/** When a mail was last taken, and what last went wrong. */
function describeHistory(state: MailboxState | undefined): string {
  if (!state) return 'never looked at'
  const taken = state.takenAt ? `last mail taken ${ago(state.takenAt)}` : 'no mail taken yet'
  return state.failedAt
    ? `${taken}; last error ${ago(state.failedAt)}: ${state.failure}`
    : `${taken}; no error`
}

function ago(at: Date): string {
  return `${describeAge(Date.now() - at.getTime())} ago`
}
