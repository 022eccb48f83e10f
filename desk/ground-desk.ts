import type { CaseView, DeskCore, HeldCase, StoredFile, WebhookDesk } from './core.ts'
import { sql } from 'kysely'
import { toEnvelope, viewEvents } from '../core/contacts.ts'
import type { Db } from '../core/db/database.ts'
import { EvenhandError } from '../core/errors.ts'
import type { Ground } from '../core/ground.ts'
import { countWaiting, placeOf } from '../core/line/view.ts'
import { listQuarantine, release } from '../core/quarantine.ts'
import { dismiss, listFailures, listWebhooks, sendAgain, startLine } from '../core/webhooks/failures.ts'
import { findSlip, listOwedSlips, recordSlip } from '../core/slips.ts'
import { transcriptsOf } from '../core/transcripts.ts'

/** The desk's view of a running ground. */
export function openDesk(ground: Ground): DeskCore {
  const { db, line } = ground
  return {
    ready: async () => { await sql`select 1`.execute(db) },
    countWaiting: (departments) => countWaiting(db, departments),
    takeNext: (department, actor) => takeNext(ground, department, actor),
    giveBack: (caseId, actor, reason) => line.giveBack(caseId, actor, reason),
    pass: (caseId, actor, reason) => line.pass(caseId, actor, reason),
    transfer: (caseId, actor, to, reason) => line.transfer(caseId, actor, to, reason),
    handOff: (caseId, actor, to, reason) => line.handOff(caseId, actor, to, reason),
    close: (caseId, actor, outcome, note) => line.close(caseId, actor, outcome, note),
    reopen: (caseId, actor, reason) => line.reopen(caseId, actor, reason),
    heldBy: (actor) => heldBy(db, actor),
    viewCase: (caseId) => viewCase(db, caseId),
    listQuarantine: () => listQuarantine(db),
    release: async (contactId, actor, reason) => {
      await release(db, contactId, actor, reason)
      ground.queues.hand('settle', [contactId])
    },
    accept: (raw) => ground.intake.accept(raw),
    slip: (receipt) => findSlip(db, ground.agency(), receipt),
    recordSlip: (contactId, actor) => recordSlip(db, contactId, actor),
    listOwedSlips: () => listOwedSlips(db),
    original: (contactId) => readOriginal(ground, contactId),
    document: (contactId, index) => readDocument(ground, contactId, index)
  }
}

/** Departments' own systems of a running ground. */
export function openWebhookDesk(ground: Ground): WebhookDesk {
  return {
    list: () => listWebhooks(ground),
    failures: () => listFailures(ground.db),
    start: (department, actor) => startLine(ground, department, actor),
    sendAgain: (eventId, actor) => sendAgain(ground, eventId, actor),
    dismiss: (eventId, actor) => dismiss(ground.db, eventId, actor)
  }
}

async function takeNext(ground: Ground, department: string, actor: string): Promise<string | undefined> {
  const known = ground.agency().departments.departments.find(({ id }) => id === department)
  if (!known) throw new EvenhandError('DEPARTMENT_UNKNOWN')
  return (await ground.line.takeNext({ department, actor, leaseSeconds: known.leaseHours * 3600 }))?.caseId
}

async function heldBy(db: Db, actor: string): Promise<HeldCase[]> {
  const rows = await db.selectFrom('cases').select(['id', 'receipt', 'department', 'channel', 'arrived_at', 'lease_until'])
    .where('state', '=', 'taken').where('taken_by', '=', actor).orderBy('arrived_at').orderBy('ordinal').limit(200).execute()
  return rows.map((row) => ({
    caseId: row.id, receipt: row.receipt, department: row.department, channel: row.channel, arrivedAt: row.arrived_at, leaseUntil: row.lease_until!
  }))
}

/** A case that gathered more contacts than this is a campaign in the wrong place; the first ones tell. */
const CONTACTS_SHOWN = 100

async function viewCase(db: Db, caseId: string): Promise<CaseView | undefined> {
  const found = await db.selectFrom('cases').selectAll().where('id', '=', caseId).executeTakeFirst()
  if (!found) return undefined
  const contacts = await db.selectFrom('case_contacts').innerJoin('contacts', 'contacts.id', 'case_contacts.contact_id')
    .select(['contacts.id', 'receipt', 'channel', 'arrived_at', 'ordinal', 'envelope', 'trail', 'role', 'reason'])
    .where('case_contacts.case_id', '=', caseId).orderBy('arrived_at').orderBy('ordinal').limit(CONTACTS_SHOWN).execute()
  return {
    caseId, receipt: found.receipt, department: found.department, state: found.state, arrivedAt: found.arrived_at,
    place: found.state === 'waiting' ? await placeOf(db, caseId) : undefined,
    heldBy: found.taken_by ?? undefined, leaseUntil: found.lease_until ?? undefined, outcome: found.outcome ?? undefined,
    contacts: await Promise.all(contacts.map(async (row) => ({
      contactId: row.id, receipt: row.receipt, role: row.role, reason: row.reason, channel: row.channel, arrivedAt: row.arrived_at, trail: row.trail,
      envelope: row.envelope ? toEnvelope(row.envelope, row.arrived_at, row.ordinal) : undefined,
      ...(row.channel === 'phone' ? { transcripts: await transcriptsOf(db, row.id) } : {})
    }))),
    events: await viewEvents(db, undefined, caseId)
  }
}

async function readOriginal({ db, blobs }: Ground, contactId: string): Promise<StoredFile | undefined> {
  const row = await db.selectFrom('contacts').select(['raw_sha256', 'media_type', 'receipt']).where('id', '=', contactId).executeTakeFirst()
  return row && { name: `${row.receipt}.original`, mediaType: row.media_type, bytes: await blobs.get(row.raw_sha256) }
}

async function readDocument({ db, blobs }: Ground, contactId: string, index: number): Promise<StoredFile | undefined> {
  const row = await db.selectFrom('contacts').select('envelope').where('id', '=', contactId).executeTakeFirst()
  const document = row?.envelope?.documents[index]
  if (!document) return undefined
  return { name: document.name, mediaType: document.mediaType, bytes: await blobs.get(document.sha256) }
}
