/** Opens a mailbox by the protocol that it has. */
import type { PulledMailbox } from '../../config/mailboxes.ts'
import type { Settings } from '../../config/settings.ts'
import { openImapMailbox } from './imap-mailbox.ts'
import type { OpenMailbox } from './mailbox.ts'

/** @throws EvenhandError MAILBOX_* */
export function openMailbox(
  mailbox: PulledMailbox,
  settings: Pick<Settings, 'mailboxSecrets' | 'SMTP_MAX_BYTES'>
): Promise<OpenMailbox> {
  return openImapMailbox(mailbox, settings)
}
