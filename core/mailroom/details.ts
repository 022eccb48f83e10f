/** What is seen on the paper, and what came with it: kept and shown, never used for order. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { storableText } from '../envelope.ts'
import { EvenhandError } from '../errors.ts'
import { isId, newId } from '../ids.ts'
import { appendEvents } from '../ledger.ts'
import { mailroomLimits } from './limits.ts'
import { sortBatch, type SortRules } from './load.ts'
import type { LetterDetails } from './types.ts'

const isoDate = /^\d{4}-\d{2}-\d{2}$/

/** @throws BATCH_UNKNOWN, BAD_REQUEST for a date that is none */
export async function describeLetter(db: Db, rules: SortRules, letterId: string, details: LetterDetails, actor: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const letter = await lockLetter(trx, letterId)
    const values = {
      ...text('sender_name', details, 'senderName'), ...text('sender_address', details, 'senderAddress'), ...text('tracking_number', details, 'trackingNumber'), ...text('location', details, 'location'),
      ...date('postmark', details, 'postmark'), ...date('legal_receipt', details, 'legalReceipt'),
      ...('disposition' in details ? { disposition: details.disposition ?? null } : {}), ...await envelope(trx, rules, letter.batch_id, details)
    }
    if (Object.keys(values).length === 0) return
    await trx.updateTable('letters').set(values).where('id', '=', letterId).execute()
    if (letter.contact_id) await tellContact(trx, letterId)
    // Which fields, not what they say: the ledger holds no names.
    await appendEvents(trx, [{ kind: 'letter.described', actor, ...(letter.contact_id ? { contactId: letter.contact_id } : {}), data: { letter: letterId, fields: Object.keys(details) } }])
  })
}

async function lockLetter(trx: Db, letterId: string): Promise<{ batch_id: string; contact_id: string | null }> {
  const letter = isId(letterId) ? await trx.selectFrom('letters').select(['batch_id', 'contact_id']).where('id', '=', letterId).forUpdate().executeTakeFirst() : undefined
  if (!letter) throw new EvenhandError('BATCH_UNKNOWN')
  return letter
}

function text<C extends string>(column: C, details: LetterDetails, field: 'senderName' | 'senderAddress' | 'trackingNumber' | 'location'): { [K in C]?: string | null } {
  if (!(field in details)) return {}
  const value = storableText((details[field] ?? '').trim().slice(0, mailroomLimits.label))
  return { [column]: value || null } as { [K in C]?: string | null }
}

function date<C extends string>(column: C, details: LetterDetails, field: 'postmark' | 'legalReceipt'): { [K in C]?: string | null } {
  if (!(field in details)) return {}
  const value = details[field]
  if (value !== undefined && (!isoDate.test(value) || Number.isNaN(Date.parse(value)) || new Date(value).toISOString().slice(0, 10) !== value)) throw new EvenhandError('BAD_REQUEST', 'a date is written YYYY-MM-DD')
  return { [column]: value ?? null } as { [K in C]?: string | null }
}

async function envelope(trx: Db, rules: SortRules, batchId: string, { envelopeAt, ...rest }: LetterDetails) {
  if (envelopeAt === undefined) return 'envelopeAt' in rest ? { envelope_scan: null, envelope_page: null } : {}
  const batch = await trx.selectFrom('batches').selectAll().where('id', '=', batchId).executeTakeFirstOrThrow()
  const sheet = (await sortBatch(trx, batch, rules)).sheets[envelopeAt - 1]
  if (!sheet) throw new EvenhandError('BATCH_UNKNOWN')
  return { envelope_scan: sheet.row.scan_id, envelope_page: sheet.row.page }
}

/** A released letter's contact shows what was seen; who is asked to match people reads it there. */
async function tellContact(trx: Db, letterId: string): Promise<void> {
  await sql`
    update contacts set evidence = contacts.evidence || jsonb_strip_nulls(jsonb_build_object('senderName', letters.sender_name, 'senderAddress', letters.sender_address,
      'postmark', letters.postmark::text, 'legalReceipt', letters.legal_receipt::text, 'trackingNumber', letters.tracking_number, 'location', letters.location)),
      envelope = case when envelope is null then null else jsonb_set(envelope, '{sender}', envelope -> 'sender' || jsonb_strip_nulls(jsonb_build_object('name', letters.sender_name,
        'addresses', case when letters.sender_address is not null then jsonb_build_array(letters.sender_address) end))) end, updated_at = now()
    from letters where letters.id = ${letterId}::uuid and contacts.id = letters.contact_id`.execute(trx)
}

/** @throws BATCH_UNKNOWN, BAD_REQUEST for one that is not named or for too many */
export async function logEnclosure(db: Db, letterId: string, what: string, actor: string): Promise<string> {
  const named = storableText(what.trim().slice(0, mailroomLimits.label))
  if (named === '') throw new EvenhandError('BAD_REQUEST', 'say what it is')
  return db.transaction().execute(async (trx) => {
    await lockLetter(trx, letterId)
    const { count } = await trx.selectFrom('enclosures').select(({ fn }) => fn.countAll<string>().as('count')).where('letter_id', '=', letterId).executeTakeFirstOrThrow()
    if (Number(count) >= mailroomLimits.enclosures) throw new EvenhandError('BAD_REQUEST', `a letter has at most ${mailroomLimits.enclosures} enclosures`)
    const { id } = await trx.insertInto('enclosures').values({ id: newId(), letter_id: letterId, what: named, logged_by: actor }).returning('id').executeTakeFirstOrThrow()
    await appendEvents(trx, [{ kind: 'enclosure.logged', actor, data: { letter: letterId, enclosure: id } }])
    return id
  })
}

/** Two people see what is worth something. @throws BATCH_UNKNOWN, NOT_ALLOWED where the same person logged it */
export async function confirmEnclosure(db: Db, enclosureId: string, actor: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const found = isId(enclosureId) ? await trx.selectFrom('enclosures').selectAll().where('id', '=', enclosureId).forUpdate().executeTakeFirst() : undefined
    if (!found) throw new EvenhandError('BATCH_UNKNOWN')
    if (found.logged_by === actor) throw new EvenhandError('NOT_ALLOWED', 'somebody else must confirm what you logged')
    if (found.confirmed_by) return
    await trx.updateTable('enclosures').set({ confirmed_by: actor, confirmed_at: sql<Date>`now()` }).where('id', '=', enclosureId).execute()
    await appendEvents(trx, [{ kind: 'enclosure.confirmed', actor, data: { letter: found.letter_id, enclosure: enclosureId } }])
  })
}
