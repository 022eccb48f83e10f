/** Work that does not get on: contacts unsettled or in quarantine, receipts not sent, cases nobody can take. */
import { sql } from 'kysely'
import type { Agency } from '../../../config/agency.ts'
import type { Db } from '../../../core/db/database.ts'
import { counted, describeAge, fail, ok, warn, type Check } from './check.ts'

/** Settling takes well under a second; documents and files at providers, which may take hours, are looked at on their own. */
const LATE_MS = 2 * 60_000
const VERY_LATE_MS = 60 * 60_000

export async function checkWork(db: Db, agency: Agency | undefined): Promise<Check[]> {
  const contacts = await countContacts(db)
  return [checkUnsettled(contacts.unsettled), checkQuarantine(contacts.quarantined), await checkDocuments(db), ...await checkFinishing(db), ...await checkFiles(db), ...await checkReceipts(db), ...(agency ? [await checkLines(db, agency)] : [])]
}

interface Count { readonly count: number; readonly oldestMs: number }

async function countContacts(db: Db): Promise<{ unsettled: Count; quarantined: Count }> {
  const { rows } = await sql<{ quarantined: boolean; count: number; oldest: number }>`
    select state = 'quarantined' as quarantined, count(*)::int as count, extract(epoch from clock_timestamp() - min(arrived_at))::float8 * 1000 as oldest
    from contacts where state not in ('settled', 'documents')
      and not exists (select from remote_files where contact_id = contacts.id and remote_files.state = 'waiting' and remote_files.attempts > 0) group by 1`.execute(db)
  const pick = (quarantined: boolean): Count => {
    const row = rows.find((one) => one.quarantined === quarantined)
    return { count: row?.count ?? 0, oldestMs: row?.oldest ?? 0 }
  }
  return { unsettled: pick(false), quarantined: pick(true) }
}

function checkUnsettled({ count, oldestMs }: Count): Check {
  if (count === 0) return ok('unsettled', 'every contact has reached a line or a person')
  const finding = `${count} on the way to a line, the oldest for ${describeAge(oldestMs)}`
  if (oldestMs < LATE_MS) return ok('unsettled', finding)
  const advice = 'Check that a process with the role worker runs and that the queue can be reached; its log says what holds it up. Their places are kept.'
  return oldestMs < VERY_LATE_MS ? warn('unsettled', finding, advice) : fail('unsettled', finding, advice)
}

function checkQuarantine({ count, oldestMs }: Count): Check {
  if (count === 0) return ok('quarantine', 'nothing waits for a person')
  return warn('quarantine', `${count} in quarantine, the oldest for ${describeAge(oldestMs)}`, '`evenhand quarantine` or the desk lists them; release each or deal with it. Their places are kept.')
}

/** A page takes seconds, two minutes at most; with many documents before it one may wait long, but some page is always being stored. */
async function checkDocuments(db: Db): Promise<Check> {
  const { rows: [row] } = await sql<{ count: number; idle: number }>`
    select count(*)::int as count, coalesce(extract(epoch from clock_timestamp() - max(updated_at)), 0)::float8 * 1000 as idle from documents where outcome is null`.execute(db)
  if (row!.count === 0) return ok('documents', 'every document has been read')
  const finding = `${counted(row!.count, 'document')} being read, the last page ${describeAge(row!.idle)} ago`
  if (row!.idle < 5 * LATE_MS) return ok('documents', finding)
  return warn('documents', finding, 'Check that a process with the role worker runs and that the disk has room; its log says what holds it up. Places in line are kept.')
}

/** A day is longer than a full mailroom's scans take; a contact whose documents are all read goes on within a second. */
async function checkFinishing(db: Db): Promise<Check[]> {
  const { rows: [row] } = await sql<{ count: number; oldest: number }>`
    select count(*)::int as count, coalesce(extract(epoch from clock_timestamp() - min(arrived_at)), 0)::float8 * 1000 as oldest from contacts
    where state = 'documents' and (arrived_at < now() - interval '1 day' or (updated_at < now() - ${LATE_MS / 1000} * interval '1 second' and not exists (
      select from contact_documents join documents using (sha256) where contact_id = contacts.id
        and (outcome is null or documents.updated_at > now() - ${LATE_MS / 1000} * interval '1 second'))))`.execute(db)
  if (row!.count === 0) return []
  const advice = 'Check that a process with the role worker runs; its log says what holds them up. Their places are kept.'
  return [warn('documents', `${counted(row!.count, 'contact')} held up after or by the reading of documents, the oldest for ${describeAge(row!.oldest)}`, advice)]
}

/** Nine tries take three quarters of an hour; media is there seconds to minutes after its message. */
const FILE_TRIES = 9

async function checkFiles(db: Db): Promise<Check[]> {
  const { rows: [row] } = await sql<{ files: number; contacts: number; oldest: number; reason: string | null }>`
    select count(*)::int as files, count(distinct contact_id)::int as contacts, (array_agg(reason order by remote_files.updated_at desc))[1] as reason,
      coalesce(extract(epoch from clock_timestamp() - min(arrived_at)), 0)::float8 * 1000 as oldest
    from remote_files join contacts on contacts.id = contact_id where remote_files.state = 'waiting' and remote_files.attempts >= ${FILE_TRIES}`.execute(db)
  if (row!.files === 0) return []
  const finding = `${counted(row!.files, 'file')} of ${counted(row!.contacts, 'contact')} not to be had from the provider, the oldest for ${describeAge(row!.oldest)}: ${row!.reason}`
  return [warn('files', finding, 'Check the provider\'s credentials and that this machine may reach it. Tried hourly for three days, then a contact goes on without; its place is kept.')]
}

async function checkReceipts(db: Db): Promise<Check[]> {
  const { rows } = await sql<{ failed: number; late: number }>`
    select count(*) filter (where state = 'failed')::int as failed,
      count(*) filter (where state = 'waiting' and (attempts > 0 or due_at < now() - interval '5 minutes'))::int as late
    from outbound where state in ('failed', 'waiting')`.execute(db)
  const { failed, late } = rows[0]!
  const advice = 'Check MAIL_URL and the outgoing mail server\'s own log.'
  return [
    ...(late > 0 ? [warn('receipts', `${counted(late, 'receipt')} not sent yet; to be tried again`, advice)] : []),
    ...(failed > 0 ? [warn('receipts', `${counted(failed, 'receipt')} given up after 8 tries`, `${advice} Those residents have no receipt by mail.`)] : []),
    ...(late + failed === 0 ? [ok('receipts', 'all sent')] : [])
  ]
}

/** A department taken out of departments.yaml while cases stood in its line leaves them where nobody looks. */
async function checkLines(db: Db, agency: Agency): Promise<Check> {
  const known = agency.departments.departments.map(({ id }) => id)
  const rows = await db.selectFrom('cases').select(({ fn }) => ['department', fn.countAll<string>().as('count')])
    .where('state', 'in', ['waiting', 'taken']).where('department', 'not in', known).groupBy('department').orderBy('department').execute()
  if (rows.length === 0) return ok('lines', `${known.length} departments, no case outside them`)
  const stranded = rows.map(({ department, count }) => `${count} in "${department}"`).join(', ')
  return fail('lines', `cases stand in lines that departments.yaml does not name: ${stranded}`, 'Put the department back until its line is empty; its agents can transfer the cases.')
}
