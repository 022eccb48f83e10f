/** How we sign in to a mailbox: with a password, or with a token that is asked for (XOAUTH2). */
import {
  secretName,
  secretNames,
  type ImapMailbox,
  type PulledMailbox
} from '../../config/mailboxes.ts'
import type { Settings } from '../../config/settings.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { askForToken } from './access-token.ts'

type SignIn = { user: string; pass: string } | { user: string; accessToken: string }
type Secrets = Settings['mailboxSecrets']

/** @throws EvenhandError MAILBOX_SECRET, MAILBOX_TOKEN, MAILBOX_THROTTLED */
export async function signInOf(mailbox: ImapMailbox, secrets: Secrets): Promise<SignIn> {
  const { id, user, oauth } = mailbox
  requireSecrets(mailbox, secrets)
  if (!oauth) return { user, pass: secrets[secretName(id, 'PASSWORD')]! }
  return { user, accessToken: (await askForToken(id, oauth, secrets)).token }
}

/** @throws EvenhandError MAILBOX_SECRET for the first that is not set */
export function requireSecrets(mailbox: PulledMailbox, secrets: Secrets): void {
  const missing = secretNames(mailbox).find((name) => secrets[name] === undefined)
  if (missing) throw new EvenhandError('MAILBOX_SECRET', missing)
}
