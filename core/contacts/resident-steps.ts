/**
 * What happened to one message, as far as its sender is told: in its own case, and in a case that it
 * joined from that moment on. What was before is the history of somebody else's message.
 */
import { sql } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Localised } from '../../config/localised.ts'
import { unpacked } from '../../platform/db/unpacked.ts'
import type { Db } from '../../platform/db/database.ts'
import { answerIdIn } from '../line/answered.ts'
import { ownSince } from './leading-case.ts'

export type StepKind =
  | 'received'
  | 'sorted'
  | 'joined'
  | 'moved'
  | 'added'
  | 'taken'
  | 'answered'
  | 'handed-off'
  | 'closed'
  | 'reopened'

export interface Step {
  readonly kind: StepKind
  readonly at: Date
  /** By language, for what concerns a department. */
  readonly departmentName?: Localised
  /** How an answer went (mail, text, letter, call); one to many went the way of each receipt. */
  readonly way?: string
}

/** Events shown of one message; further ones are of no news to its sender. */
const MOST_STEPS = 40

const kinds: Readonly<Record<string, StepKind>> = {
  'case.entered': 'sorted',
  'case.transferred': 'moved',
  'contact.joined': 'added',
  'case.taken': 'taken',
  'case.handed-off': 'handed-off',
  'case.closed': 'closed',
  'case.reopened': 'reopened'
}

/** In the order in which it happened, without the arrival. */
export async function stepsOf(
  db: Db,
  agency: Agency,
  contactId: string,
  caseId: string | null
): Promise<Step[]> {
  const happened = caseId ? await happenedTo(db, agency, contactId, caseId) : []
  return [...happened, ...(await answersTo(db, contactId))].toSorted(
    (a, b) => a.at.getTime() - b.at.getTime()
  )
}

async function happenedTo(
  db: Db,
  agency: Agency,
  contactId: string,
  caseId: string
): Promise<Step[]> {
  const { rows } = await sql<{ kind: string; at: Date; department: string | null; own: boolean }>`
    select kind, at, department, events.id = since as own
    from case_contacts link cross join lateral (select ${ownSince} as since) as begun
      join events on events.case_id = link.case_id and events.id >= since
    where link.contact_id = ${contactId} and standing_case(link.case_id) = ${caseId}
      and kind = any(${Object.keys(kinds)}::text[])
      and not (kind = 'contact.joined' and exists (select from contacts machine
        where machine.id = events.contact_id and machine.kind <> 'message'))
    order by events.id limit ${MOST_STEPS}`.execute(db)
  const { departments } = agency.departments
  return rows.map(({ kind, at, department, own }) => {
    const name = departments.find(({ id }) => id === department)?.name
    return { kind: own ? 'joined' : kinds[kind]!, at, ...(name ? { departmentName: name } : {}) }
  })
}

/** Answers that its sender was sent: those to it, and those of its case to an address it gave. */
async function answersTo(db: Db, contactId: string): Promise<Step[]> {
  const { rows } = await sql<{ at: Date; way: string | null }>`
    select answer.sent_at as at, answers.way
    from contacts cross join ${unpacked(sql`contacts.envelope`, 'letter')}
      join outbound answer on answer.contact_id in (select other.contact_id from case_contacts own
        join case_contacts other on other.case_id = own.case_id
        where own.contact_id = contacts.id union select contacts.id)
      join answers on answers.id = ${answerIdIn(sql`answer.kind`)}
    where contacts.id = ${contactId} and answer.state = 'sent' and answer.sent_at is not null
      and (answer.contact_id = contacts.id or lower(answers.address) in (
        select lower(jsonb_array_elements_text(letter #> '{sender,emails}'))))
    order by answer.sent_at limit ${MOST_STEPS}`.execute(db)
  return rows.map(({ at, way }) => ({ kind: 'answered', at, ...(way ? { way } : {}) }))
}
