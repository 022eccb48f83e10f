/**
 * The duplicate step of settling, for a set of contacts: which earlier contact each is the same
 * matter as, surely or likely, and which campaign it belongs to. About people it learns only "same
 * party or not". It returns contact ids.
 */
import { sql } from 'kysely'
import { Breather } from '../../platform/limits/breather.ts'
import { joinCampaigns } from '../campaigns/join-set.ts'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import {
  judge,
  type DuplicateEvidence,
  type SameParty,
  type DuplicateVerdict
} from '../duplicates/judge.ts'
import { findNear } from '../duplicates/near.ts'
import { withinReach } from '../duplicates/reach.ts'
import { isLocation } from '../duplicates/location.ts'
import { indexContacts, lockTexts, sketchOf, type ComparedContact } from '../duplicates/store.ts'
import type { WrittenContact, WrittenTexts } from '../duplicates/texts.ts'
import { openParties, type Parties } from '../people/same-party.ts'
import type { MatchContext } from '../people/mention.ts'
import { receiptsIn } from '../contacts/receipts.ts'
import type { ReadyContact } from './lookups.ts'

/** Two contacts that are about one matter, and why. */
export interface Match {
  readonly contactId: string
  readonly otherId: string
  readonly kind: 'sure' | 'likely'
  readonly reason: string
  /**
   * Measures: how alike they are, how far apart in time and place. Shared and differing words are
   * left out because they may be names.
   */
  readonly figures: Partial<Omit<DuplicateEvidence, 'sharedWords' | 'differences'>>
}

export interface DuplicateMatches {
  /** By contact: its matches, surest and then earliest first. */
  readonly matches: ReadonlyMap<string, readonly Match[]>
  /** Words that both texts of a match share, and what differs. For staff to see. */
  readonly words: ReadonlyMap<Match, Pick<DuplicateEvidence, 'sharedWords' | 'differences'>>
  /**
   * By contact: contacts of the same party that say nearly the same, and that a machine must not
   * take it for.
   */
  readonly apart: ReadonlyMap<string, readonly string[]>
}

export interface DuplicateLookupContext extends MatchContext {
  readonly windowHours: number
  readonly texts: Pick<WrittenTexts, 'read'>
}

/** Characters compared before other work may run: 30 to 60 ms of computing. */
const LETTERS_AT_ONCE = 300_000

/** Suggestions shown per contact: a person will look at a few, not at a whole campaign. */
const SUGGESTED = 3

/**
 * Looks up, judges, groups into campaigns, and stores what later contacts are compared with.
 * `contacts` are in the order of arrival.
 */
export async function findDuplicates(
  trx: Db,
  contacts: readonly ReadyContact[],
  context: DuplicateLookupContext
): Promise<DuplicateMatches> {
  if (contacts.length === 0) return { matches: new Map(), words: new Map(), apart: new Map() }
  const db = trx
  const written = await context.texts.read(
    db,
    contacts.map(({ id }) => id)
  )
  const compared = contacts.flatMap((contact): ComparedContact[] =>
    written.has(contact.id) ? [comparedOf(contact, written.get(contact.id)!)] : []
  )
  const breather = new Breather(LETTERS_AT_ONCE)
  for (const { text } of compared) {
    // The sketch is cached with the text, so the steps below find it ready.
    sketchOf(text)
    await breather.after(text.letters.length)
  }
  await lockTexts(
    db,
    compared.map(({ text }) => text)
  )
  const parties = await openParties(
    trx,
    compared.map(({ contactId }) => contactId),
    context
  )
  const near = await withinReach(
    db,
    await findNear(db, compared, parties.own, context.windowHours),
    parties.own
  )
  const others = [...new Set([...near.values()].flat().map(({ contactId }) => contactId))]
  const texts = new Map([
    ...written,
    ...(await context.texts.read(
      db,
      others.filter((id) => !written.has(id))
    ))
  ])
  await parties.meet(others)
  const met = new Map<string, Neighbour[]>()
  const meeting = { texts, parties, windowHours: context.windowHours, breather }
  for (const contact of compared)
    met.set(contact.contactId, await meetAll(contact, near.get(contact.contactId)!, meeting))
  const campaigns = await joinCampaigns(
    db,
    compared.map(({ contactId, text }) => ({ contactId, text, near: met.get(contactId)! }))
  )
  await indexContacts(db, compared)
  const named = await findNamed(trx, contacts)
  const words = new Map<Match, Pick<DuplicateEvidence, 'sharedWords' | 'differences'>>()
  return {
    matches: new Map(
      [...met].map(([id, neighbours]) => [
        id,
        withNamed(matchesOf(id, neighbours, campaigns.has(id), words), named.get(id) ?? [])
      ])
    ),
    words,
    apart: new Map(
      [...met].map(([id, neighbours]) => [
        id,
        neighbours
          .filter(({ verdict, sameParty }) => verdict.kind === 'likely' && sameParty === 'same')
          .map((one) => one.contactId)
      ])
    )
  }
}

function comparedOf(
  { id, arrivedAt }: ReadyContact,
  { text, content, location, category }: WrittenContact
): ComparedContact {
  return {
    contactId: id,
    arrivedAt,
    text,
    content,
    ...(isLocation(location) ? { location } : {}),
    ...(category ? { category } : {})
  }
}

function withNamed(matches: readonly Match[], named: readonly Match[]): Match[] {
  return [
    ...matches,
    ...named.filter(({ otherId }) => !matches.some((match) => match.otherId === otherId))
  ]
}

/**
 * Contacts whose receipt the text names. This only suggests: a text may quote somebody else's
 * receipt, or be misread.
 */
async function findNamed(
  trx: Db,
  contacts: readonly ReadyContact[]
): Promise<Map<string, Match[]>> {
  const named = contacts.flatMap(({ id, routing: { subject, text, whole } }) =>
    receiptsIn(`${subject}\n${whole ?? text}`).map((receipt) => ({ id, receipt }))
  )
  if (named.length === 0) return new Map()
  const rows = await trx
    .selectFrom('contacts')
    .select(['id', 'receipt'])
    .where(
      'receipt',
      'in',
      named.map(({ receipt }) => receipt)
    )
    .execute()
  const byReceipt = new Map(rows.map((row) => [row.receipt, row.id]))
  const matches = named.flatMap(({ id, receipt }): Match[] => {
    const otherId = byReceipt.get(receipt)
    return otherId && otherId !== id
      ? [
          {
            contactId: id,
            otherId,
            kind: 'likely',
            reason: 'its text names the receipt of that contact',
            figures: {}
          }
        ]
      : []
  })
  return Map.groupBy(matches, ({ contactId }) => contactId)
}

interface Neighbour {
  readonly contactId: string
  readonly arrivedAt: Date
  readonly sameParty: SameParty
  readonly text: WrittenContact['text']
  readonly verdict: DuplicateVerdict
}

/** What comparing each contact of a set with its neighbours shares. */
interface Meeting {
  readonly texts: ReadonlyMap<string, WrittenContact>
  readonly parties: Parties
  readonly windowHours: number
  readonly breather: Breather
}

async function meetAll(
  contact: ComparedContact,
  near: readonly Omit<ComparedContact, 'text' | 'content'>[],
  { texts, parties, windowHours, breather }: Meeting
): Promise<Neighbour[]> {
  const met: Neighbour[] = []
  for (const other of near) {
    const theirs = texts.get(other.contactId)
    if (!theirs) continue
    const sameParty = parties.of(contact.contactId, texts.get(contact.contactId)?.sender, theirs)
    const verdict = judge(
      { ...other, text: theirs.text, content: theirs.content, at: other.arrivedAt.getTime() },
      { ...contact, at: contact.arrivedAt.getTime() },
      sameParty,
      windowHours
    )
    met.push({
      contactId: other.contactId,
      arrivedAt: other.arrivedAt,
      sameParty,
      text: theirs.text,
      verdict
    })
    await breather.after(contact.text.letters.length + theirs.text.letters.length)
  }
  return met
}

// In a campaign a stranger's letter is like everybody else's, so likeness suggests nothing.
function matchesOf(
  contactId: string,
  neighbours: readonly Neighbour[],
  inCampaign: boolean,
  words: Map<Match, Pick<DuplicateEvidence, 'sharedWords' | 'differences'>>
): Match[] {
  const matches = neighbours.flatMap(({ contactId: otherId, arrivedAt, sameParty, verdict }) => {
    if (verdict.kind === 'none' || (inCampaign && sameParty === 'unknown')) return []
    const { sharedWords, differences, ...figures } = verdict.evidence
    const match: Match = { contactId, otherId, kind: verdict.kind, reason: verdict.reason, figures }
    words.set(match, { sharedWords, differences })
    return [{ match, at: arrivedAt.getTime() }]
  })
  const ordered = matches.sort((a, b) =>
    a.match.kind === b.match.kind ? a.at - b.at : a.match.kind === 'sure' ? -1 : 1
  )
  return ordered.slice(0, SUGGESTED).map(({ match }) => match)
}

export interface CaseStanding {
  readonly contactId: string
  /** A department in whose line the case has ever stood. */
  readonly department: string
  readonly caseId: string
  readonly state: string
  /** The department in whose line it stands now. */
  readonly at: string
  /** Arrival of the case as PostgreSQL prints it, to the microsecond. */
  readonly arrivedAtText: string
  readonly ordinal: number
}

/**
 * The cases that stand for the contacts now: one row per department in whose line each case ever
 * stood.
 */
export async function findCaseStanding(
  trx: Db,
  contactIds: readonly string[]
): Promise<CaseStanding[]> {
  if (contactIds.length === 0) return []
  const { rows } = await sql<CaseStanding & { ordinal: string }>`
    select link.contact_id as "contactId", stood.department, cases.id as "caseId", cases.state,
      cases.department as at, cases.ordinal,
      ${exactTime('cases.arrived_at')} as "arrivedAtText"
    from case_contacts link
    join cases on cases.id = standing_case(link.case_id)
    cross join lateral (select distinct department from events
      where events.case_id in (link.case_id, cases.id) and department is not null) as stood
    where link.contact_id = any(${contactIds}::uuid[]) and link.via is null`.execute(trx)
  return rows.map((row) => ({ ...row, ordinal: Number(row.ordinal) }))
}
