/** One connection by IMAP: its folder open, and nothing in it changed by looking. */
import { ImapFlow, type ImapFlowError } from 'imapflow'
import { mailboxLocation, portOf, type ImapMailbox } from '../../config/mailboxes.ts'
import type { Settings } from '../../config/settings.ts'
import type { Numbering } from '../../core/intake/mailbox-records.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { pullLimits } from './limits.ts'
import { signInOf } from './mailbox-sign-in.ts'
import { whyUnreached } from './unreached.ts'

export interface ImapFolder {
  readonly client: ImapFlow
  readonly numbering: Numbering
}

/**
 * Connects, signs in and opens the folder: read-only, unless taken mail is moved.
 * @throws EvenhandError MAILBOX_*
 */
export async function openImap(
  mailbox: ImapMailbox,
  settings: Pick<Settings, 'mailboxSecrets' | 'SMTP_MAX_BYTES'>
): Promise<ImapFolder> {
  const auth = await signInOf(mailbox, settings.mailboxSecrets)
  const client = new ImapFlow({
    host: mailbox.host,
    port: portOf(mailbox),
    secure: mailbox.encryption === 'tls',
    doSTARTTLS: mailbox.encryption === 'starttls',
    auth,
    logger: false,
    tls: { minVersion: 'TLSv1.2' },
    clientInfo: { name: 'Evenhand' },
    disableCompression: true,
    connectionTimeout: pullLimits.connectMs,
    greetingTimeout: pullLimits.connectMs,
    socketTimeout: pullLimits.silenceMs,
    autoIdleDelay: pullLimits.idleAfterMs,
    maxIdleTime: pullLimits.idleMs,
    maxLineLength: pullLimits.lineBytes,
    maxLiteralSize: settings.SMTP_MAX_BYTES + pullLimits.startBytes,
    maxResponseSize: settings.SMTP_MAX_BYTES + 2 * pullLimits.startBytes
  })
  // An error also ends the command that waits; that it is listened to keeps the process alive.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return { client, numbering: await openFolder(client, mailbox) }
  } catch (error) {
    client.close()
    throw mailboxError(error, `${mailbox.host}:${portOf(mailbox)}`)
  }
}

async function openFolder(client: ImapFlow, mailbox: ImapMailbox): Promise<Numbering> {
  const { folder, takenTo } = mailbox
  try {
    if (takenTo !== undefined) await client.mailboxCreate(takenTo)
    const { uidValidity } = await client.mailboxOpen(folder, { readOnly: takenTo === undefined })
    return { place: mailboxLocation(mailbox), uidValidity }
  } catch (error) {
    if (!client.usable) throw error
    throw new EvenhandError('MAILBOX_FOLDER', saidBy(error), { cause: error })
  }
}

/** UIDs of the messages that are to be taken or were, oldest first. */
export async function listMessages(
  { client }: Pick<ImapFolder, 'client'>,
  { since }: Pick<ImapMailbox, 'since'>
): Promise<number[]> {
  const found = await client
    .search({ since: new Date(since) }, { uid: true })
    .catch((error: unknown) => {
      throw mailboxError(error)
    })
  if (!found) throw new EvenhandError('MAILBOX_DOWN', 'the folder cannot be searched')
  return found.sort((a, b) => a - b)
}

/** The library's error as one of the catalogue. @param server that did not let us in */
export function mailboxError(error: unknown, server?: string): EvenhandError {
  if (error instanceof EvenhandError) return error
  const { authenticationFailed, code } = error as ImapFlowError
  const why = server ? whyUnreached(code) : undefined
  return new EvenhandError(
    authenticationFailed ? 'MAILBOX_SIGN_IN' : 'MAILBOX_DOWN',
    why ? `${server}: ${why}` : saidBy(error),
    { cause: error }
  )
}

/** What the server said, or the error's code: short enough for a page. */
function saidBy(error: unknown): string {
  const { responseText, code, message } = error as ImapFlowError
  return (responseText || code || message).slice(0, pullLimits.saidLength)
}
