/**
 * Records which contacts say the same: as joined if settling joined them, otherwise as a suggestion
 * for staff.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { contactEvents } from '../ledger/append.ts'
import type { Verdict } from './decide.ts'
import type { Match, DuplicateMatches } from './duplicate-lookup.ts'

interface Link {
  readonly match: Match
  readonly state: 'joined' | 'suggested'
}

/** Redeliveries get no link, and contacts that joined a thread are seen in the thread. */
export async function writeCaseLinks(
  trx: Db,
  verdicts: readonly Verdict[],
  { matches, words }: DuplicateMatches
): Promise<void> {
  const links = verdicts.flatMap((verdict): Link[] => {
    const found = matches.get(verdict.contact.id) ?? []
    const joined =
      verdict.kind === 'duplicate'
        ? verdict.match
        : verdict.kind === 'case'
          ? verdict.absorbs?.match
          : undefined
    if (joined) return [{ match: joined, state: 'joined' }]
    return verdict.kind === 'case' ? found.map((match) => ({ match, state: 'suggested' })) : []
  })
  if (links.length > 0) await insertLinks(trx, links, words)
}

// Links the later arrival to the earlier one, whichever was settled first. A pair that a person has
// decided stays unchanged.
async function insertLinks(
  trx: Db,
  links: readonly Link[],
  words: DuplicateMatches['words']
): Promise<void> {
  const column = <T>(pick: (link: Link) => T) => links.map(pick)
  await sql`
    with made as (
      insert into case_links (contact_id, earlier_contact_id, state, reason, evidence, made_by)
      select case when one.before then given.other_id else given.contact_id end, case
        when one.before then given.contact_id
        else given.other_id end, given.state, given.reason, given.evidence, 'system:settle'
      from unnest(${column(({ match }) => match.contactId)}::uuid[],
        ${column(({ match }) => match.otherId)}::uuid[], ${column(({ state }) => state)}::text[],
        ${column(({ match }) => match.reason)}::text[],
          ${column(({ match }) => JSON.stringify({ ...match.figures, sharedWords: [], differences: [], ...words.get(match) }))}::jsonb[]) as given (contact_id, other_id, state, reason, evidence)
      cross join lateral (
        select (own.arrived_at, own.ordinal) < (other.arrived_at, other.ordinal) as before
          from contacts own, contacts other where own.id = given.contact_id
          and other.id = given.other_id
      ) as one
      on conflict (contact_id, earlier_contact_id) do nothing
      returning id, contact_id, earlier_contact_id, state, reason, evidence, made_by
    )
    ${contactEvents(sql`select 'link.made', contact_id, made_by, jsonb_build_object('link',
        made.id, 'earlier', earlier_contact_id, 'state', made.state, 'mark', said_mark(receipt,
        jsonb_build_array(made.reason, made.evidence)))
    from made join contacts on contacts.id = made.contact_id`)}`.execute(trx)
}
