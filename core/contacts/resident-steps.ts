/**
 * What happened to one message, as far as its sender is told: in its own case, and in a case that it
 * joined from that moment on. What was before is the history of somebody else's message.
 */
import { findDepartment } from '../../config/departments.ts'
import { sql } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import type { Localised } from '../../config/localised.ts'
import type { Db } from '../../platform/db/database.ts'
import { ownSince } from './leading-case.ts'
import type { AnswerFate, ResidentAnswer } from './resident-answers.ts'

export type StepKind =
  | 'received'
  | 'sorted'
  | 'joined'
  | 'moved'
  | 'added'
  | 'taken'
  | 'answered'
  | 'filed'
  | 'returned'
  | 'elsewhere'
  | 'told'
  | 'handed-off'
  | 'closed'
  | 'reopened'

export interface Step {
  readonly kind: StepKind
  readonly at: Date
  /** By language, for what concerns a department. */
  readonly departmentName?: Localised
  /**
   * How an answer went (mail, text, letter, call); one to many went the way of each receipt. Of one
   * that did not arrive, how the sender was told all the same (called, sent-again).
   */
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

/**
 * In the order in which it happened, without the arrival.
 * @param answers of this case, for the sender of this message
 */
export async function stepsOf(
  db: Db,
  agency: Agency,
  contactId: string,
  caseId: string | undefined,
  answers: readonly ResidentAnswer[]
): Promise<Step[]> {
  const happened = caseId ? await happenedTo(db, agency, contactId, caseId) : []
  return [...happened, ...answers.flatMap(stepsOfAnswer)].toSorted(
    (a, b) => a.at.getTime() - b.at.getTime()
  )
}

const ways: ReadonlySet<AnswerFate> = new Set(['sent', 'returned'])

function stepsOfAnswer({ fate, at, way, told, toldAt }: ResidentAnswer): Step[] {
  // What is still to come has no time.
  if (fate === 'coming') return []
  const kind = fate === 'sent' ? 'answered' : fate
  return [
    // How it went is told where it went to them, or was to go.
    ...(at ? [{ kind, at, ...(way && ways.has(fate) ? { way } : {}) } as const] : []),
    ...(told && toldAt ? [{ kind: 'told', at: toldAt, way: told } as const] : [])
  ]
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
  return rows.map(({ kind, at, department, own }) => {
    const name = findDepartment(agency.departments, department)?.name
    return { kind: own ? 'joined' : kinds[kind]!, at, ...(name ? { departmentName: name } : {}) }
  })
}
