/** A mailbox that is open by IMAP. */
import type { FetchMessageObject } from 'imapflow'
import type { ImapMailbox } from '../../config/mailboxes.ts'
import type { Settings } from '../../config/settings.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { listMessages, mailboxError, openImap, type ImapFolder } from './imap-connection.ts'
import { pullLimits } from './limits.ts'
import type { FetchedMessage, OpenMailbox } from './mailbox.ts'

/**
 * Connects, signs in and opens the folder.
 * @throws EvenhandError MAILBOX_*
 */
export async function openImapMailbox(
  mailbox: ImapMailbox,
  settings: Pick<Settings, 'mailboxSecrets' | 'SMTP_MAX_BYTES'>
): Promise<OpenMailbox> {
  const folder = await openImap(mailbox, settings)
  const { client, numbering } = folder
  // Numbers of the server, in the order in which mail came.
  const list = async () => (await listMessages(folder, mailbox)).map(String)
  return {
    numbering,
    lookAgainMs: pullLimits.lookAgainMs,
    usable: () => client.usable,
    listen(heard) {
      client.on('exists', heard)
      client.on('close', heard)
    },
    list,
    listUntaken: list,
    fetch: (message, maxBytes) => fetchMessage(folder, message, maxBytes),
    moveTaken: (messages) => moveTaken(folder, mailbox, messages),
    close: () => client.close()
  }
}

async function fetchMessage(
  { client, numbering }: ImapFolder,
  uid: string,
  maxLength: number
): Promise<FetchedMessage | undefined> {
  try {
    const message = await client.fetchOne(
      uid,
      { uid: true, size: true, internalDate: true, source: { start: 0, maxLength } },
      { uid: true }
    )
    if (message && message.source) return describe(message, message.source, numbering.uidValidity)
    const there = await client.search({ uid }, { uid: true })
    if (there && there.length === 0) return undefined
  } catch (error) {
    throw mailboxError(error)
  }
  throw new EvenhandError('MAILBOX_DOWN', 'the server gives nothing of the message')
}

function describe(
  { uid, size, internalDate }: FetchMessageObject,
  bytes: Uint8Array,
  uidValidity: bigint
): FetchedMessage {
  return {
    bytes,
    size: Math.max(size ?? 0, bytes.length),
    receivedAt: dateOf(internalDate),
    evidence: { uidValidity: String(uidValidity), uid }
  }
}

function dateOf(value: Date | string | undefined): Date | undefined {
  const date = value === undefined ? undefined : new Date(value)
  return date && Number.isFinite(date.getTime()) ? date : undefined
}

async function moveTaken(
  { client }: ImapFolder,
  { takenTo }: ImapMailbox,
  uids: readonly string[]
): Promise<void> {
  if (takenTo === undefined || uids.length === 0) return
  try {
    await client.messageMove(uids.join(','), takenTo, { uid: true })
  } catch (error) {
    throw mailboxError(error)
  }
}
