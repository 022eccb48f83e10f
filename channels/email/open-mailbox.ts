/** Opens a mailbox by the protocol that it has. */
import type { PulledMailbox } from '../../config/mailboxes.ts'
import type { Settings } from '../../config/settings.ts'
import { openGraphMailbox, type GraphTools } from './graph/graph-mailbox.ts'
import { openImapMailbox } from './imap-mailbox.ts'
import type { OpenMailbox } from './mailbox.ts'

export interface OpenTools extends GraphTools {
  readonly settings: Pick<Settings, 'mailboxSecrets' | 'SMTP_MAX_BYTES'>
}

/** @throws EvenhandError MAILBOX_* */
export function openMailbox(mailbox: PulledMailbox, tools: OpenTools): Promise<OpenMailbox> {
  return mailbox.kind === 'graph'
    ? openGraphMailbox(mailbox, tools)
    : openImapMailbox(mailbox, tools.settings)
}
