/**
 * A mail that a colleague passed on, whose text says who wrote it. A machine guesses; a person says
 * whether it is so. Only then does the author become the sender of the contact; what was said can
 * be taken back.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import type { Db } from '../../platform/db/database.ts'
import { unpacked } from '../../platform/db/unpacked.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { addToTrail } from '../contacts/state.ts'
import type { TrailStep } from '../contacts/tables.ts'
import { senderSchema, type EnvelopeDraft } from '../envelope.ts'
import { appendEvents } from '../ledger/append.ts'
import { askFor } from '../matching/looks-due.ts'

const originatorSchema = z.object({
  name: z.string().optional(),
  email: z.string(),
  /** What a person said of it. */
  said: z.enum(['accepted', 'refused']).optional()
})

/** Who is guessed to have written a contact, and what a person said of it. */
export type Originator = z.output<typeof originatorSchema>
export const originatorDecisions = ['accepted', 'refused', 'taken-back'] as const
export type OriginatorDecision = (typeof originatorDecisions)[number]

/** Who is guessed to have written a contact that a colleague passed on; undefined of any other. */
export function originatorIn(evidence: EnvelopeDraft['evidence']): Originator | undefined {
  return originatorSchema.safeParse(evidence['originator']).data
}

/**
 * Accepted, the author becomes the contact's sender, whom replies then go to, and who that is is
 * looked up anew; refused, nothing changes. Taken back, it is as before: the sender, and the guess,
 * which waits again. Who passed it on stays in the evidence.
 * @throws LINK_UNKNOWN if nothing is suggested any more, or nothing was said that can be taken back
 */
export async function decideOriginator(
  db: Db,
  contactId: string,
  decision: OriginatorDecision,
  actor: string
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('contacts')
      .select('envelope')
      .where('id', '=', contactId)
      .forUpdate()
      .executeTakeFirst()
    const draft = row?.envelope as EnvelopeDraft | null | undefined
    const author = draft && originatorIn(draft.evidence)
    const isBack = decision === 'taken-back'
    if (!draft || !author || isBack !== (author.said !== undefined))
      throw new EvenhandError('LINK_UNKNOWN')
    const mark = await addToTrail(trx, contactId, stepOf(decision, actor), {
      envelope: isBack ? restored(draft, author) : attributed(draft, author, decision)
    })
    await appendEvents(trx, [
      { kind: 'contact.attributed', contactId, actor, data: { decision, said: mark } }
    ])
    if (decision === 'accepted') await askFor(trx, contactId, 'a colleague passed it on')
    if (isBack && author.said === 'accepted')
      await askFor(trx, contactId, 'that a colleague passed it on was taken back')
  })
}

const reasons: Readonly<Record<OriginatorDecision, string>> = {
  accepted: 'a person said that it is from whom its text names, and was passed on by a colleague',
  refused: 'a person said that it is not from whom its text names',
  'taken-back': 'a person took back what was said of who wrote it'
}

function stepOf(decision: OriginatorDecision, actor: string): TrailStep {
  return { step: 'sender', verdict: decision, reason: reasons[decision], evidence: { by: actor } }
}

function attributed(
  draft: EnvelopeDraft,
  { name, email }: Originator,
  said: 'accepted' | 'refused'
): EnvelopeDraft {
  const evidence = { ...draft.evidence, originator: { ...(name ? { name } : {}), email, said } }
  if (said === 'refused') return { ...draft, evidence }
  const sender = { ...(name ? { name } : {}), emails: [email], phones: [], addresses: [] }
  return { ...draft, sender, evidence: { ...evidence, passedOnBy: draft.sender } }
}

function restored(draft: EnvelopeDraft, { said, ...guess }: Originator): EnvelopeDraft {
  const { passedOnBy, ...evidence } = draft.evidence
  const before = { ...draft, evidence: { ...evidence, originator: guess } }
  return said === 'accepted' ? { ...before, sender: senderSchema.parse(passedOnBy) } : before
}

/**
 * What a contact suggests of its writer, and who it is from now; undefined where nothing is, and
 * where it is not of the case that is given.
 */
export async function findOriginator(
  db: Db,
  contactId: string,
  caseId?: string
): Promise<Pick<SuggestedOriginator, 'originator' | 'sender'> | undefined> {
  const row = await db
    .selectFrom('contacts')
    .innerJoin('case_contacts', 'case_contacts.contact_id', 'contacts.id')
    .select('envelope')
    .where('contacts.id', '=', contactId)
    .$if(caseId !== undefined, (query) => query.where('case_contacts.case_id', '=', caseId!))
    .executeTakeFirst()
  const envelope = row?.envelope
  const originator = envelope ? originatorIn(envelope.evidence) : undefined
  return envelope && originator ? { originator, sender: envelope.sender } : undefined
}

/** A contact of an open case, of which somebody has to say who wrote it. */
export interface SuggestedOriginator {
  readonly contactId: string
  readonly receipt: string
  readonly caseId: string
  readonly department: string
  readonly originator: Originator
  readonly sender: EnvelopeDraft['sender']
}

/** Guesses that wait for a person, in cases that have not ended; the earliest arrival first. */
export async function listOriginators(
  db: Db,
  departments: readonly string[],
  limit: number
): Promise<SuggestedOriginator[]> {
  const { rows } = await sql<SuggestedOriginator>`
    select contacts.id as "contactId", contacts.receipt, cases.id as "caseId", department,
      letter #> '{evidence,originator}' as originator, letter -> 'sender' as sender
    from cases join case_contacts on case_contacts.case_id = cases.id
      join contacts on contacts.id = case_contacts.contact_id
      cross join ${unpacked(sql`contacts.envelope`, 'letter')}
    where cases.state in ('waiting', 'taken', 'waiting-for-resident')
      and department = any(${departments}::text[])
      and letter #> '{evidence,originator}' is not null
      and letter #> '{evidence,originator,said}' is null
    order by contacts.arrived_at, contacts.ordinal, cases.id limit ${limit}`.execute(db)
  return rows
}
