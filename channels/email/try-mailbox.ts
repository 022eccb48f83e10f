/** Whether a mailbox can be pulled, for people who set one up. */
import type { PulledMailbox } from '../../config/mailboxes.ts'
import type { Settings } from '../../config/settings.ts'
import type { MailboxRecords } from '../../core/intake/mailbox-records.ts'
import { HeldToken } from './access-token.ts'
import { openMailbox } from './open-mailbox.ts'

export interface Tried {
  /** Messages from the day on from which they are taken. */
  readonly there: number
  /** Of these, ones that were not taken yet. */
  readonly untaken: number
}

/**
 * Opens the mailbox as pulling does, counts, and changes nothing.
 * @throws EvenhandError MAILBOX_*
 */
export async function tryMailbox(
  mailbox: PulledMailbox,
  settings: Pick<Settings, 'mailboxSecrets' | 'SMTP_MAX_BYTES'>,
  records: MailboxRecords
): Promise<Tried> {
  const open = await openMailbox(untouched(mailbox), { settings, records, token: new HeldToken() })
  try {
    const messages = await open.list()
    const { taken } = await records.sort(open.numbering, messages)
    return { there: messages.length, untaken: messages.length - taken.length }
  } finally {
    open.close()
  }
}

/** Without what opening would change. */
function untouched(mailbox: PulledMailbox): PulledMailbox {
  if (mailbox.kind === 'graph') return mailbox
  const { takenTo: _, ...rest } = mailbox
  return rest
}
