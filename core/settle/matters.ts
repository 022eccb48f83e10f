/**
 * Settle's deduplicate step for a set: which earlier contact each is the same matter as, surely or likely, and which campaign it is
 * part of. Of people it is told "same party or not" and nothing else, and hands on contact ids.
 */
import { sql } from 'kysely'
import { joinCampaigns } from '../campaigns/join-set.ts'
import { anyTables, type Db } from '../db/database.ts'
import { judge, type Evidence, type SameParty, type Verdict } from '../duplicates/judge.ts'
import { findNear } from '../duplicates/near.ts'
import { isPlace } from '../duplicates/place.ts'
import { holdTexts, rememberMatters, type NewMatter } from '../duplicates/store.ts'
import type { WrittenContact, WrittenTexts } from '../duplicates/texts.ts'
import { openParties, type Parties } from '../people/same-party.ts'
import type { Means } from '../people/recognise.ts'
import { receiptsIn } from '../receipts.ts'
import type { Ready } from './lookups.ts'

/** Two contacts that are one matter, and why. */
export interface Match {
  readonly contactId: string
  readonly otherId: string
  readonly kind: 'sure' | 'likely'
  readonly reason: string
  /** How alike, how far apart in time and place. The words they share stay out: names are among them. */
  readonly figures: Partial<Omit<Evidence, 'sharedWords'>>
}

export interface Matters {
  /** By contact: its matches, surest and then earliest first. */
  readonly matches: ReadonlyMap<string, readonly Match[]>
  /** Words that both texts of a match have, for people to see. */
  readonly words: ReadonlyMap<Match, readonly string[]>
}

export interface MatterMeans extends Means {
  readonly windowHours: number
  readonly texts: WrittenTexts
}

/** Suggestions a contact brings: a person looks at a few, not at a campaign. */
const SUGGESTED = 3

/** Looks, judges, groups and remembers. `contacts` in the order of their arrival. */
export async function findMatters(trx: Db, contacts: readonly Ready[], means: MatterMeans): Promise<Matters> {
  if (contacts.length === 0) return { matches: new Map(), words: new Map() }
  const db = anyTables(trx)
  const written = await means.texts.read(db, contacts.map(({ id }) => id))
  const matters = contacts.flatMap((contact): NewMatter[] => written.has(contact.id) ? [matterOf(contact, written.get(contact.id)!)] : [])
  await holdTexts(db, matters.map(({ text }) => text))
  const parties = await openParties(trx, matters.map(({ contactId }) => contactId), means)
  const near = await findNear(db, matters, parties.own, means.windowHours)
  const others = [...new Set([...near.values()].flat().map(({ contactId }) => contactId))]
  const texts = new Map([...written, ...await means.texts.read(db, others.filter((id) => !written.has(id)))])
  await parties.meet(others)
  const met = new Map(matters.map((matter) => [matter.contactId, meetAll(matter, near.get(matter.contactId)!, texts, parties, means.windowHours)]))
  const campaigns = await joinCampaigns(db, matters.map(({ contactId, text }) => ({ contactId, text, near: met.get(contactId)! })))
  await rememberMatters(db, matters)
  const named = await findNamed(trx, contacts)
  const words = new Map<Match, readonly string[]>()
  return { matches: new Map([...met].map(([id, neighbours]) => [id, withNamed(matchesOf(id, neighbours, campaigns.has(id), words), named.get(id) ?? [])])), words }
}

function matterOf({ id, arrivedAt }: Ready, { text, place, category }: WrittenContact): NewMatter {
  return { contactId: id, arrivedAt, text, ...(isPlace(place) ? { place } : {}), ...(category ? { category } : {}) }
}

function withNamed(matches: readonly Match[], named: readonly Match[]): Match[] {
  return [...matches, ...named.filter(({ otherId }) => !matches.some((match) => match.otherId === otherId))]
}

/** Contacts whose receipt the text names: a suggestion and no more, as a text may quote somebody else's, or be misread. */
async function findNamed(trx: Db, contacts: readonly Ready[]): Promise<Map<string, Match[]>> {
  const named = contacts.flatMap(({ id, routing: { subject, text } }) => receiptsIn(`${subject}\n${text}`).map((receipt) => ({ id, receipt })))
  if (named.length === 0) return new Map()
  const rows = await trx.selectFrom('contacts').select(['id', 'receipt']).where('receipt', 'in', named.map(({ receipt }) => receipt)).execute()
  const byReceipt = new Map(rows.map((row) => [row.receipt, row.id]))
  const matches = named.flatMap(({ id, receipt }): Match[] => {
    const otherId = byReceipt.get(receipt)
    return otherId && otherId !== id ? [{ contactId: id, otherId, kind: 'likely', reason: 'its text names the receipt of that contact', figures: {} }] : []
  })
  return Map.groupBy(matches, ({ contactId }) => contactId)
}

interface Neighbour {
  readonly contactId: string
  readonly arrivedAt: Date
  readonly sameParty: SameParty
  readonly text: WrittenContact['text']
  readonly verdict: Verdict
}

function meetAll(matter: NewMatter, near: readonly Omit<NewMatter, 'text'>[], texts: ReadonlyMap<string, WrittenContact>, parties: Parties, windowHours: number): Neighbour[] {
  return near.flatMap((other): Neighbour[] => {
    const theirs = texts.get(other.contactId)
    if (!theirs) return []
    const sameParty = parties.of(matter.contactId, texts.get(matter.contactId)?.sender, theirs)
    const verdict = judge({ ...other, text: theirs.text, at: other.arrivedAt.getTime() }, { ...matter, at: matter.arrivedAt.getTime() }, sameParty, windowHours)
    return [{ contactId: other.contactId, arrivedAt: other.arrivedAt, sameParty, text: theirs.text, verdict }]
  })
}

// In a campaign a stranger's letter is like everybody's: that suggests nothing.
function matchesOf(contactId: string, neighbours: readonly Neighbour[], inCampaign: boolean, words: Map<Match, readonly string[]>): Match[] {
  const matches = neighbours.flatMap(({ contactId: otherId, arrivedAt, sameParty, verdict }) => {
    if (verdict.kind === 'none' || (inCampaign && sameParty === 'unknown')) return []
    const { sharedWords, ...figures } = verdict.evidence
    const match: Match = { contactId, otherId, kind: verdict.kind, reason: verdict.reason, figures }
    words.set(match, sharedWords)
    return [{ match, at: arrivedAt.getTime() }]
  })
  const ordered = matches.sort((a, b) => (a.match.kind === b.match.kind ? a.at - b.at : a.match.kind === 'sure' ? -1 : 1))
  return ordered.slice(0, SUGGESTED).map(({ match }) => match)
}

export interface Standing {
  readonly contactId: string
  /** Every department whose line the case ever stood in. */
  readonly department: string
  readonly caseId: string
  readonly state: string
  /** Whose line it stands in now. */
  readonly at: string
  /** Arrival of the case, to the microsecond as PostgreSQL has it. */
  readonly arrivedAtText: string
  readonly ordinal: number
}

/** The cases that stand for contacts now, one row for each department they ever stood in. */
export async function findStanding(trx: Db, contactIds: readonly string[]): Promise<Standing[]> {
  if (contactIds.length === 0) return []
  const { rows } = await sql<Standing & { ordinal: string }>`
    select link.contact_id as "contactId", stood.department, cases.id as "caseId", cases.state, cases.department as at, cases.ordinal,
      to_char(cases.arrived_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "arrivedAtText"
    from case_contacts link
    join cases on cases.id = standing_case(link.case_id)
    cross join lateral (select distinct department from events where events.case_id in (link.case_id, cases.id) and department is not null) as stood
    where link.contact_id = any(${contactIds}::uuid[]) and link.via is null`.execute(trx)
  return rows.map((row) => ({ ...row, ordinal: Number(row.ordinal) }))
}
