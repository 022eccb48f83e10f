/** Takes what is new in an open mailbox, oldest first. */
import type { FetchMessageObject } from 'imapflow'
import type { PulledMailbox } from '../../config/mailboxes.ts'
import type { Intake } from '../../core/intake/channel.ts'
import { TRIES, type MailboxRecords } from '../../core/intake/mailbox-records.ts'
import { asEvenhandError, EvenhandError } from '../../platform/errors.ts'
import { listMessages, mailboxError, saidBy, type OpenMailbox } from './imap-connection.ts'
import { pullLimits } from './limits.ts'
import { pulledMail } from './pulled-mail.ts'

export interface PullTools {
  readonly mailbox: PulledMailbox
  readonly intake: Pick<Intake, 'accept' | 'agency' | 'settings' | 'alert' | 'log'>
  readonly records: MailboxRecords
  /** Whether to end after the message in hand. */
  stopping(): boolean
}

interface TakenMessage {
  readonly uid: number
  readonly contactId: string
}

/**
 * Takes every message that was not taken yet and returns how many there were. Each is accepted
 * before the next is fetched, so that places are given in the order in which the server numbered.
 * @throws EvenhandError INTAKE_*, MAILBOX_*: what is left is taken another time
 */
export async function pull(open: OpenMailbox, tools: PullTools): Promise<number> {
  const { mailbox, records } = tools
  const uids = await listMessages(open, mailbox)
  const { untaken, taken } = await records.sort(open.numbering, uids)
  await moveTaken(open, tools, taken)
  let count = 0
  for (let from = 0; from < untaken.length && !tools.stopping(); from += pullLimits.batch) {
    const batch = untaken.slice(from, from + pullLimits.batch)
    count += await takeBatch(open, tools, batch, untaken.length - from)
  }
  if (!tools.stopping()) await records.looked(open.numbering, uids)
  return count
}

/** Writes down what was taken, also where an error ends the batch. */
async function takeBatch(
  open: OpenMailbox,
  tools: PullTools,
  uids: readonly number[],
  waiting: number
): Promise<number> {
  const taken: TakenMessage[] = []
  try {
    for (const uid of uids) {
      if (tools.stopping()) break
      const contactId = await takeUntilSure(open, tools, uid)
      if (contactId) taken.push({ uid, contactId })
    }
  } finally {
    if (taken.length > 0) await tools.records.taken(open.numbering, taken, waiting - taken.length)
  }
  await moveTaken(
    open,
    tools,
    taken.map(({ uid }) => uid)
  )
  return taken.length
}

/**
 * The contact made of a message, undefined if somebody has taken it away meanwhile. One that cannot be fetched or accepted several times is passed
 * over for a while: it must not hold up the mailbox.
 */
async function takeUntilSure(
  open: OpenMailbox,
  tools: PullTools,
  uid: number
): Promise<string | undefined> {
  for (;;) {
    try {
      return await takeOne(open, tools, uid)
    } catch (error) {
      const { code } = asEvenhandError(error)
      if (code === 'INTAKE_BUSY') throw error
      const tries = await tools.records.failed(open.numbering, uid, saidBy(error))
      if (tries === TRIES)
        tools.intake.alert(
          'mailbox-message',
          `A message of the mailbox ${tools.mailbox.id} could not be taken ${TRIES} times; the others go on.`
        )
      if (!open.client.usable) throw mailboxError(error)
      if (tries >= TRIES) return undefined
      // The database or the disk may need a moment, which the next session gives it.
      if (code === 'INTAKE_STORE_DOWN') throw error
    }
  }
}

async function takeOne(
  open: OpenMailbox,
  { mailbox, intake }: PullTools,
  uid: number
): Promise<string | undefined> {
  const { settings } = intake
  // One byte more than is taken shows that there is more.
  const message = await fetchMessage(open, uid, settings.SMTP_MAX_BYTES + 1)
  if (!message) return undefined
  const raw = pulledMail(
    {
      mailbox,
      numbering: open.numbering,
      uid,
      size: Math.max(message.size ?? 0, message.source.length),
      bytes: message.source,
      internalDate: dateOf(message.internalDate)
    },
    { agency: intake.agency(), settings }
  )
  return (await intake.accept(raw)).contactId
}

/** Undefined if the message is no longer there. */
async function fetchMessage(
  { client }: OpenMailbox,
  uid: number,
  maxLength: number
): Promise<(FetchMessageObject & { readonly source: Buffer }) | undefined> {
  const message = await client.fetchOne(
    String(uid),
    { uid: true, size: true, internalDate: true, source: { start: 0, maxLength } },
    { uid: true }
  )
  if (message && message.source) return { ...message, source: message.source }
  const there = await client.search({ uid: String(uid) }, { uid: true })
  if (there && there.length === 0) return undefined
  throw new EvenhandError('MAILBOX_DOWN', 'the server gives nothing of the message')
}

function dateOf(value: Date | string | undefined): Date | undefined {
  const date = value === undefined ? undefined : new Date(value)
  return date && Number.isFinite(date.getTime()) ? date : undefined
}

/** Moves what was taken out of the way, where that is wished; where it fails, it stays there. */
async function moveTaken(
  { client }: OpenMailbox,
  { mailbox, intake }: PullTools,
  uids: readonly number[]
): Promise<void> {
  if (mailbox.takenTo === undefined || uids.length === 0) return
  try {
    await client.messageMove(uids.join(','), mailbox.takenTo, { uid: true })
  } catch (error) {
    if (!client.usable) throw mailboxError(error)
    intake.alert('mailbox-move', `Taken mail of the mailbox ${mailbox.id} could not be moved.`)
  }
}
