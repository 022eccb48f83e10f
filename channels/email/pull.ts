/** Takes what is new in an open mailbox, oldest first. */
import type { PulledMailbox } from '../../config/mailboxes.ts'
import type { Intake } from '../../core/intake/channel.ts'
import { TRIES, type MailboxRecords, type TakenMessage } from '../../core/intake/mailbox-records.ts'
import { asEvenhandError, type ErrorCode } from '../../platform/errors.ts'
import { pullLimits } from './limits.ts'
import type { OpenMailbox } from './mailbox.ts'
import { pulledMail } from './pulled-mail.ts'

export interface PullTools {
  readonly mailbox: PulledMailbox
  readonly intake: Pick<Intake, 'accept' | 'agency' | 'settings' | 'alert' | 'log'>
  readonly records: MailboxRecords
  /** Whether to end after the message in hand. */
  stopping(): boolean
  /** Is told that messages were taken. */
  took(): void
}

/**
 * Takes every message that was not taken yet and returns how many there were. Each is accepted
 * before the next is fetched, so that places are given in the order in which they came.
 * @throws EvenhandError INTAKE_*, MAILBOX_*: what is left is taken another time
 */
export async function pull(open: OpenMailbox, tools: PullTools): Promise<number> {
  const { records } = tools
  const messages = await open.listUntaken(() => tools.stopping())
  const { untaken, taken } = await records.sort(open.numbering, messages)
  await moveTaken(open, tools, taken)
  let count = 0
  for (let from = 0; from < untaken.length && !tools.stopping(); from += pullLimits.batch) {
    const batch = untaken.slice(from, from + pullLimits.batch)
    count += await takeBatch(open, tools, batch, untaken.length - from)
  }
  if (!tools.stopping()) await records.looked(open.numbering, messages)
  return count
}

/** Writes down what was taken, also where an error ends the batch. */
async function takeBatch(
  open: OpenMailbox,
  tools: PullTools,
  messages: readonly string[],
  waiting: number
): Promise<number> {
  const taken: TakenMessage[] = []
  try {
    for (const message of messages) {
      if (tools.stopping()) break
      const contactId = await takeUntilSure(open, tools, message)
      if (contactId) taken.push({ message, contactId })
    }
  } finally {
    if (taken.length > 0) {
      await tools.records.taken(open.numbering, taken, waiting - taken.length)
      tools.took()
    }
  }
  await moveTaken(
    open,
    tools,
    taken.map(({ message }) => message)
  )
  return taken.length
}

/** What says nothing of the message that was asked for. */
const ofTheWhole: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'INTAKE_BUSY',
  'MAILBOX_THROTTLED',
  'MAILBOX_TOKEN',
  'MAILBOX_SIGN_IN',
  'MAILBOX_PERMISSION'
])

/**
 * The contact made of a message, undefined if somebody has taken it away meanwhile. One that cannot
 * be fetched or accepted several times is passed over for a while: it must not hold up the mailbox.
 */
async function takeUntilSure(
  open: OpenMailbox,
  tools: PullTools,
  message: string
): Promise<string | undefined> {
  for (;;) {
    try {
      return await takeOne(open, tools, message)
    } catch (error) {
      const { code, detail } = asEvenhandError(error)
      if (ofTheWhole.has(code)) throw error
      const tries = await tools.records.failed(open.numbering, message, detail ?? code)
      if (tries === TRIES)
        tools.intake.alert(
          'mailbox-message',
          `A message of the mailbox ${tools.mailbox.id} could not be taken ${TRIES} times; the others go on.`
        )
      if (!open.usable()) throw error
      if (tries >= TRIES) return undefined
      // The database or the disk may need a moment, which the next session gives it.
      if (code === 'INTAKE_STORE_DOWN') throw error
    }
  }
}

async function takeOne(
  open: OpenMailbox,
  { mailbox, intake }: PullTools,
  message: string
): Promise<string | undefined> {
  const { settings } = intake
  // One byte more than is taken shows that there is more.
  const fetched = await open.fetch(message, settings.SMTP_MAX_BYTES + 1)
  if (!fetched) return undefined
  const raw = pulledMail(
    { ...fetched, mailbox, numbering: open.numbering, message },
    { agency: intake.agency(), settings }
  )
  return (await intake.accept(raw)).contactId
}

/** Where moving fails, what was taken stays there. */
async function moveTaken(
  open: OpenMailbox,
  { mailbox, intake }: PullTools,
  messages: readonly string[]
): Promise<void> {
  try {
    await open.moveTaken(messages)
  } catch (error) {
    if (!open.usable()) throw error
    intake.alert('mailbox-move', `Taken mail of the mailbox ${mailbox.id} could not be moved.`)
  }
}
