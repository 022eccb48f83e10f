/** What staff see on the paper, and enclosures. It is stored and shown, never used for order. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Sender } from '../envelope.ts'
import { storableText } from '../../platform/text/storable.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId, newId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { askFor } from '../matching/looks-due.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { mailroomLimits } from './limits.ts'
import { layOutBatch, type SortRules } from './lay-out-batch.ts'
import type { LetterDetails } from './types.ts'

const isoDate = /^\d{4}-\d{2}-\d{2}$/

/**
 * Records what staff see on the paper. If the sender changes, matching who it is starts again.
 * @throws BATCH_UNKNOWN, BAD_REQUEST for an invalid date
 */
export async function describeLetter(
  db: Db,
  rules: SortRules,
  letterId: string,
  details: LetterDetails,
  actor: string
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const letter = await lockLetter(trx, letterId)
    const values = {
      ...senderOf(details),
      ...text('tracking_number', details, 'trackingNumber'),
      ...text('location', details, 'location'),
      ...date('postmark', details, 'postmark'),
      ...date('legal_receipt', details, 'legalReceipt'),
      ...('disposition' in details ? { disposition: details.disposition ?? null } : {}),
      ...(await envelope(trx, rules, letter.batch_id, details))
    }
    if (Object.keys(values).length === 0) return
    await trx.updateTable('letters').set(values).where('id', '=', letterId).execute()
    const said = letter.contact_id ? await tellContact(trx, letterId, letter, actor) : undefined
    // The event names only the changed fields, not their values: the ledger holds no names.
    await appendEvents(trx, [
      {
        kind: 'letter.described',
        actor,
        ...(letter.contact_id ? { contactId: letter.contact_id } : {}),
        data: { letter: letterId, fields: Object.keys(details), ...(said ? { said } : {}) }
      }
    ])
  })
}

const senderColumns = ['sender_name', 'sender_address', 'sender_email', 'sender_phone'] as const
type Keyed = Record<(typeof senderColumns)[number], string | null>

async function lockLetter(
  trx: Db,
  letterId: string
): Promise<Keyed & { batch_id: string; contact_id: string | null }> {
  const letter = isId(letterId)
    ? await trx
        .selectFrom('letters')
        .select(['batch_id', 'contact_id', ...senderColumns])
        .where('id', '=', letterId)
        .forUpdate()
        .executeTakeFirst()
    : undefined
  if (!letter) throw new EvenhandError('BATCH_UNKNOWN')
  return letter
}

function senderOf(details: LetterDetails): Partial<Keyed> {
  return {
    ...text('sender_name', details, 'senderName'),
    ...text('sender_address', details, 'senderAddress'),
    ...text('sender_email', details, 'senderEmail'),
    ...text('sender_phone', details, 'senderPhone')
  }
}

function text<C extends string>(
  column: C,
  details: LetterDetails,
  field:
    'senderName' | 'senderAddress' | 'senderEmail' | 'senderPhone' | 'trackingNumber' | 'location'
): { [K in C]?: string | null } {
  if (!(field in details)) return {}
  const value = storableText((details[field] ?? '').trim().slice(0, mailroomLimits.label))
  return { [column]: isBlank(value) ? null : value } as { [K in C]?: string | null }
}

function date<C extends string>(
  column: C,
  details: LetterDetails,
  field: 'postmark' | 'legalReceipt'
): { [K in C]?: string | null } {
  if (!(field in details)) return {}
  const value = details[field]
  if (
    value !== undefined &&
    (!isoDate.test(value) ||
      Number.isNaN(Date.parse(value)) ||
      new Date(value).toISOString().slice(0, 10) !== value)
  )
    throw new EvenhandError('BAD_REQUEST', 'a date is written YYYY-MM-DD')
  return { [column]: value ?? null } as { [K in C]?: string | null }
}

async function envelope(
  trx: Db,
  rules: SortRules,
  batchId: string,
  { envelopeAt, ...rest }: LetterDetails
) {
  if (envelopeAt === undefined)
    return 'envelopeAt' in rest ? { envelope_scan: null, envelope_page: null } : {}
  const batch = await trx
    .selectFrom('batches')
    .selectAll()
    .where('id', '=', batchId)
    .executeTakeFirstOrThrow()
  const sheet = (await layOutBatch(trx, batch, rules)).sheets[envelopeAt - 1]
  if (!sheet) throw new EvenhandError('BATCH_UNKNOWN')
  return { envelope_scan: sheet.row.scan_id, envelope_page: sheet.row.page }
}

/**
 * Copies what was seen to the contact of a released letter. The sender is changed only if it was
 * entered anew, because a transcriber may have named another. Returns the mark of what the contact
 * now says, if that has changed.
 */
async function tellContact(
  trx: Db,
  letterId: string,
  before: Keyed,
  actor: string
): Promise<string | undefined> {
  await sql`
    update contacts set evidence = contacts.evidence ||
      jsonb_strip_nulls(jsonb_build_object('senderName', letters.sender_name, 'senderAddress',
      letters.sender_address,
      'senderEmail', letters.sender_email, 'senderPhone', letters.sender_phone,
      'postmark', letters.postmark::text, 'legalReceipt', letters.legal_receipt::text,
        'trackingNumber', letters.tracking_number, 'location', letters.location)),
        updated_at = now()
    from letters where letters.id = ${letterId}::uuid and contacts.id = letters.contact_id`.execute(
    trx
  )
  const letter = await trx
    .selectFrom('letters')
    .select(['contact_id', ...senderColumns])
    .where('id', '=', letterId)
    .executeTakeFirstOrThrow()
  const anew = senderColumns.filter((column) => letter[column] !== before[column])
  const contact =
    anew.length > 0
      ? await trx
          .selectFrom('contacts')
          .select(['id', 'envelope'])
          .where('id', '=', letter.contact_id!)
          .forUpdate()
          .executeTakeFirst()
      : undefined
  if (!contact?.envelope) return undefined
  const envelope = {
    ...contact.envelope,
    sender: keyedOver(contact.envelope.sender, letter, anew),
    evidence: { ...contact.envelope.evidence, senderKeyedBy: actor }
  }
  const { said } = await trx
    .updateTable('contacts')
    .set({ envelope: JSON.stringify(envelope) })
    .where('id', '=', contact.id)
    .returning(sql<string>`said_mark(receipt, envelope)`.as('said'))
    .executeTakeFirstOrThrow()
  await askFor(trx, contact.id, 'the sender was keyed in')
  return said
}

function keyedOver(
  { name: known, ...sender }: Sender,
  letter: Keyed,
  anew: readonly (keyof Keyed)[]
): Sender {
  const list = (column: keyof Keyed, was: readonly string[]) =>
    anew.includes(column) ? [letter[column] ?? []].flat() : was
  const name = anew.includes('sender_name') ? (letter.sender_name ?? undefined) : known
  return {
    ...(name ? { name } : {}),
    emails: list('sender_email', sender.emails),
    phones: list('sender_phone', sender.phones),
    addresses: list('sender_address', sender.addresses)
  }
}

/** @throws BATCH_UNKNOWN, BAD_REQUEST if it has no name or there are too many */
export async function logEnclosure(
  db: Db,
  letterId: string,
  what: string,
  actor: string
): Promise<string> {
  const named = storableText(what.trim().slice(0, mailroomLimits.label))
  if (isBlank(named)) throw new EvenhandError('BAD_REQUEST', 'say what it is')
  return db.transaction().execute(async (trx) => {
    await lockLetter(trx, letterId)
    const { count } = await trx
      .selectFrom('enclosures')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('letter_id', '=', letterId)
      .executeTakeFirstOrThrow()
    if (Number(count) >= mailroomLimits.enclosures)
      throw new EvenhandError(
        'BAD_REQUEST',
        `a letter has at most ${mailroomLimits.enclosures} enclosures`
      )
    const { id } = await trx
      .insertInto('enclosures')
      .values({ id: newId(), letter_id: letterId, what: named, logged_by: actor })
      .returning('id')
      .executeTakeFirstOrThrow()
    await appendEvents(trx, [
      { kind: 'enclosure.logged', actor, data: { letter: letterId, enclosure: id } }
    ])
    return id
  })
}

/**
 * Enclosures of value are checked by two people. @throws BATCH_UNKNOWN, NOT_ALLOWED if the same
 * person logged it
 */
export async function confirmEnclosure(db: Db, enclosureId: string, actor: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const found = isId(enclosureId)
      ? await trx
          .selectFrom('enclosures')
          .selectAll()
          .where('id', '=', enclosureId)
          .forUpdate()
          .executeTakeFirst()
      : undefined
    if (!found) throw new EvenhandError('BATCH_UNKNOWN')
    if (found.logged_by === actor)
      throw new EvenhandError('NOT_ALLOWED', 'somebody else must confirm what you logged')
    if (found.confirmed_by) return
    await trx
      .updateTable('enclosures')
      .set({ confirmed_by: actor, confirmed_at: sql<Date>`now()` })
      .where('id', '=', enclosureId)
      .execute()
    await appendEvents(trx, [
      {
        kind: 'enclosure.confirmed',
        actor,
        data: { letter: found.letter_id, enclosure: enclosureId }
      }
    ])
  })
}
