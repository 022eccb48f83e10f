/** Records what says the same as what: joined where settling joined them, suggested for a person's look elsewhere. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { Verdict } from './decide.ts'
import type { Match, Matters } from './matters.ts'

interface Link {
  readonly match: Match
  readonly state: 'joined' | 'suggested'
}

/** A redelivery is no news, and what joined a thread is read there. */
export async function writeCaseLinks(trx: Db, verdicts: readonly Verdict[], { matches, words }: Matters): Promise<void> {
  const links = verdicts.flatMap((verdict): Link[] => {
    const found = matches.get(verdict.contact.id) ?? []
    const joined = verdict.kind === 'duplicate' ? verdict.match : verdict.kind === 'case' ? verdict.absorbs?.match : undefined
    if (joined) return [{ match: joined, state: 'joined' }]
    return verdict.kind === 'case' ? found.map((match) => ({ match, state: 'suggested' })) : []
  })
  if (links.length > 0) await insertLinks(trx, links, words)
}

// The later arrival is linked to the earlier one, whichever of them was settled first. A pair that a person decided stays so.
async function insertLinks(trx: Db, links: readonly Link[], words: Matters['words']): Promise<void> {
  const column = <T>(pick: (link: Link) => T) => links.map(pick)
  await sql`
    insert into case_links (contact_id, earlier_contact_id, state, reason, evidence, made_by)
    select case when one.before then given.other_id else given.contact_id end, case when one.before then given.contact_id else given.other_id end, given.state, given.reason, given.evidence, 'system:settle'
    from unnest(${column(({ match }) => match.contactId)}::uuid[], ${column(({ match }) => match.otherId)}::uuid[], ${column(({ state }) => state)}::text[],
      ${column(({ match }) => match.reason)}::text[], ${column(({ match }) => JSON.stringify({ ...match.figures, sharedWords: words.get(match) ?? [] }))}::jsonb[]) as given (contact_id, other_id, state, reason, evidence)
    cross join lateral (
      select (own.arrived_at, own.ordinal) < (other.arrived_at, other.ordinal) as before from contacts own, contacts other where own.id = given.contact_id and other.id = given.other_id
    ) as one
    on conflict (contact_id, earlier_contact_id) do nothing`.execute(trx)
}
