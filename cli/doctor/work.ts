/**
 * Work that does not get on: contacts unsettled or in quarantine, receipts not sent, cases nobody
 * can take.
 */
import type { Agency } from '../../config/agency.ts'
import { countAwaitedFiles, countUnfinished, type Count } from '../../core/contacts/health.ts'
import { countHeldUp, countUnread } from '../../core/documents/health.ts'
import { countOutside } from '../../core/line/view.ts'
import { countUnsent } from '../../core/outbox/health.ts'
import type { Db } from '../../platform/db/database.ts'
import { findBehind } from '../../platform/db/sequences.ts'
import { counted, describeAge, fail, ok, warn, type Check } from './check.ts'

/**
 * Settling takes well under a second; documents and files at providers, which may take hours, are
 * looked at on their own.
 */
const LATE_MS = 2 * 60_000
const VERY_LATE_MS = 60 * 60_000

export async function checkWork(db: Db, agency: Agency | undefined): Promise<Check[]> {
  const contacts = await countUnfinished(db)
  return [
    checkUnsettled(contacts.unsettled),
    checkQuarantine(contacts.quarantined),
    await checkDocuments(db),
    await checkSequences(db),
    ...(await checkFinishing(db)),
    ...(await checkFiles(db)),
    ...(await checkReceipts(db)),
    ...(agency ? [await checkLines(db, agency)] : [])
  ]
}

function checkUnsettled({ count, oldestMs }: Count): Check {
  if (count === 0) return ok('unsettled', 'every contact has reached a line or a person')
  const finding = `${count} on the way to a line, the oldest for ${describeAge(oldestMs)}`
  if (oldestMs < LATE_MS) return ok('unsettled', finding)
  const advice =
    'Check that a process with the role worker runs and that the queue can be reached; its log says what holds it up. Their places are kept.'
  return oldestMs < VERY_LATE_MS
    ? warn('unsettled', finding, advice)
    : fail('unsettled', finding, advice)
}

function checkQuarantine({ count, oldestMs }: Count): Check {
  if (count === 0) return ok('quarantine', 'nothing waits for a person')
  return warn(
    'quarantine',
    `${count} in quarantine, the oldest for ${describeAge(oldestMs)}`,
    '`evenhand quarantine` or the desk lists them; release each or deal with it. Their places are kept.'
  )
}

/**
 * A page takes seconds, two minutes at most; with many documents before it one may wait long, but
 * some page is always being stored.
 */
async function checkDocuments(db: Db): Promise<Check> {
  const { count, idle } = await countUnread(db)
  if (count === 0) return ok('documents', 'every document has been read')
  const finding = `${counted(count, 'document')} being read, the last page ${describeAge(idle)} ago`
  if (idle < 5 * LATE_MS) return ok('documents', finding)
  return warn(
    'documents',
    finding,
    'Check that a process with the role worker runs and that the disk has room; its log says what holds it up. Places in line are kept.'
  )
}

/**
 * Behind its table, a sequence gives numbers that are taken: the contact, or the event, is refused
 * each time it is tried.
 */
async function checkSequences(db: Db): Promise<Check> {
  const behind = await findBehind(db)
  if (behind.length === 0) return ok('sequences', 'the next number of each is free')
  const finding = `behind their tables: ${behind.map(({ sequence, highest }) => `${sequence} (${highest} is in use)`).join(', ')}; what they number is refused`
  return fail(
    'sequences',
    finding,
    'Start Evenhand again: the start sets them to the highest number in use, and never back. It happens when a database was restored without its sequences.'
  )
}

/**
 * A day is longer than a full mailroom's scans take; a contact whose documents are all read goes on
 * within a second.
 */
async function checkFinishing(db: Db): Promise<Check[]> {
  const { count, oldest } = await countHeldUp(db, LATE_MS / 1000)
  if (count === 0) return []
  const advice =
    'Check that a process with the role worker runs; its log says what holds them up. Their places are kept.'
  return [
    warn(
      'documents',
      `${counted(count, 'contact')} held up after or by the reading of documents, the oldest for ${describeAge(oldest)}`,
      advice
    )
  ]
}

/**
 * Nine tries take three quarters of an hour; media is there seconds to minutes after its message.
 */
const FILE_TRIES = 9

async function checkFiles(db: Db): Promise<Check[]> {
  const { files, contacts, oldest, reason } = await countAwaitedFiles(db, FILE_TRIES)
  if (files === 0) return []
  const finding = `${counted(files, 'file')} of ${counted(contacts, 'contact')} not to be had from the provider, the oldest for ${describeAge(oldest)}: ${reason}`
  return [
    warn(
      'files',
      finding,
      "Check the provider's credentials and that this machine may reach it. Tried hourly for three days, then a contact goes on without; its place is kept."
    )
  ]
}

async function checkReceipts(db: Db): Promise<Check[]> {
  const { failed, late, filed } = await countUnsent(db)
  const advice = "Check MAIL_URL and the outgoing mail server's own log."
  return [
    ...(late > 0
      ? [warn('receipts', `${counted(late, 'receipt')} not sent yet; to be tried again`, advice)]
      : []),
    ...(failed > 0
      ? [
          warn(
            'receipts',
            `${counted(failed, 'receipt')} given up after 8 tries`,
            `${advice} Those residents have no receipt by mail.`
          )
        ]
      : []),
    ...(filed > 0
      ? [
          warn(
            'filed',
            `${counted(filed, 'message')} to residents written to DATA_DIR/outbox and not sent`,
            'Set MAIL_URL, and TWILIO_… for texts. What was written before is sent by nobody: see that those residents hear from you.'
          )
        ]
      : []),
    ...(late + failed + filed === 0 ? [ok('receipts', 'all sent')] : [])
  ]
}

/**
 * A department taken out of departments.yaml while cases stood in its line leaves them where nobody
 * looks.
 */
async function checkLines(db: Db, agency: Agency): Promise<Check> {
  const known = agency.departments.departments.map(({ id }) => id)
  const outside = await countOutside(db, known)
  if (outside.length === 0) return ok('lines', `${known.length} departments, no case outside them`)
  const stranded = outside.map(({ department, count }) => `${count} in "${department}"`).join(', ')
  return fail(
    'lines',
    `cases stand in lines that departments.yaml does not name: ${stranded}`,
    'Put the department back until its line is empty; its agents can transfer the cases.'
  )
}
