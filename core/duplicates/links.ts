/** Links between contacts of one matter: rows that are decided, never deleted, so that each can be undone with who, why and when. */
import { sql, type Kysely } from 'kysely'
import type { Verdict } from './judge.ts'

export type LinkState = 'suggested' | 'joined' | 'declined' | 'undone'

export interface CaseLink {
  readonly id: string
  readonly contactId: string
  readonly earlierContactId: string
  readonly state: LinkState
  readonly reason: string
  readonly evidence: unknown
  readonly madeBy: string
  readonly madeAt: Date
  readonly decidedBy: string | null
  readonly decidedWhy: string | null
  readonly decidedAt: Date | null
}

/** Records a verdict: `sure` joins, `likely` suggests. A pair that a person has decided stays as decided; repeating is a no-op. */
export async function linkContacts(
  db: Kysely<unknown>, contactId: string, earlierContactId: string, verdict: Exclude<Verdict, { kind: 'none' }>, madeBy: string
): Promise<void> {
  await sql`
    insert into case_links (contact_id, earlier_contact_id, state, reason, evidence, made_by)
    values (${contactId}, ${earlierContactId}, ${verdict.kind === 'sure' ? 'joined' : 'suggested'}, ${verdict.reason}, ${JSON.stringify(verdict.evidence)}, ${madeBy})
    on conflict (contact_id, earlier_contact_id) do nothing`.execute(db)
}

const decisions = { join: ['suggested', 'joined'], decline: ['suggested', 'declined'], undo: ['joined', 'undone'] } as const

/** A person decides a link. @returns false where it is not in the state the decision starts from, and nothing is changed. */
export async function decideLink(db: Kysely<unknown>, linkId: string, decision: keyof typeof decisions, by: string, why: string): Promise<boolean> {
  const [from, to] = decisions[decision]
  const { numAffectedRows } = await sql`
    update case_links set state = ${to}, decided_by = ${by}, decided_why = ${why}, decided_at = clock_timestamp()
    where id = ${linkId} and state = ${from}`.execute(db)
  return numAffectedRows === 1n
}

/** All links of a contact, as the later or the earlier one, oldest first. */
export async function linksOf(db: Kysely<unknown>, contactId: string): Promise<CaseLink[]> {
  const { rows } = await sql<CaseLink>`
    select id, contact_id as "contactId", earlier_contact_id as "earlierContactId", state, reason, evidence, made_by as "madeBy", made_at as "madeAt",
      decided_by as "decidedBy", decided_why as "decidedWhy", decided_at as "decidedAt"
    from case_links where contact_id = ${contactId} or earlier_contact_id = ${contactId} order by made_at, id`.execute(db)
  return rows
}
