/**
 * Settle's match step: finds who in the agency's register the senders and parties of a set of
 * contacts are. The results are written as links with their reasons. Duplicate detection learns
 * only "same party or not", and routing and the line learn nothing.
 */
import { sql } from 'kysely'
import { lockNumbers } from '../../platform/db/advisory-locks.ts'
import type { Db } from '../../platform/db/database.ts'
import { unpacked } from '../../platform/db/unpacked.ts'
import type { TrailStep } from '../contacts/tables.ts'
import type { Party, Sender } from '../envelope.ts'
import {
  candidateRows,
  COMPARED,
  decideAmong,
  holdersOf,
  NAME_CONFIDENCE,
  type CandidateRow,
  type MatchVerdict
} from '../matching/candidates.ts'
import type { Model } from '../matching/model.ts'
import { askByKeys } from '../matching/looks-due.ts'
import { indexKeys, protectPerson } from '../matching/protect.ts'
import { keepMentions, sharedKeys, withoutDecided, type SharedBy } from './mentions.ts'
import { noteOf, type Recognition } from './trail-step.ts'
import { carriedBy, countIdentifiers, ENOUGH, nameConfidence, personOf, shownOf } from './sender.ts'
import { drawIds, writeRecognised } from './write.ts'
import type { MatchContext, Mention } from './mention.ts'
import { traitsOf } from '../intake/traits.ts'

export interface Recognised {
  /** Trail lines by contact: ids, levels and bits, nothing that says who the person is. */
  readonly trails: ReadonlyMap<string, TrailStep[]>
  /** How many earlier contacts are to be looked at again, now that more is known. */
  readonly looks: number
}

/**
 * Recognises people and writes the results. Call it in the settling transaction. What a person has
 * decided stays unchanged.
 */
export async function recognisePeople(
  trx: Db,
  contactIds: readonly string[],
  context: MatchContext
): Promise<Recognised> {
  const mentions = await withoutDecided(trx, await loadMentions(trx, contactIds, context))
  await lockPeople(trx, mentions)
  const asked = await openQuestion(trx, mentions)
  const recognitions = decideEach(
    mentions,
    asked,
    await drawIds(trx, mentions.filter(mayBeMade).length),
    context.model
  )
  const news = await writeRecognised(trx, recognitions, context)
  await keepOpen(trx, recognitions, context)
  const trails = new Map<string, TrailStep[]>()
  for (const one of recognitions)
    trails.set(one.mention.contactId, [...(trails.get(one.mention.contactId) ?? []), noteOf(one)])
  return {
    trails,
    looks: await askByKeys(
      trx,
      [...news, ...namedKeys(recognitions)],
      'more is known of somebody on record'
    )
  }
}

type Shared = ReadonlyMap<bigint, SharedBy>

/**
 * What deciding mentions needs: who shares keys with each, and which keys belong to more than one
 * person.
 */
export interface Asked {
  readonly rows: readonly CandidateRow[][]
  readonly shared: Shared
}

export async function openQuestion(trx: Db, mentions: readonly Mention[]): Promise<Asked> {
  const rows = await candidateRows(
    trx,
    mentions.map(({ keys }) => keys)
  )
  return {
    rows,
    shared: await sharedKeys(
      trx,
      mentions.flatMap((one) => (isNumberAlone(one) ? one.keys : []))
    )
  }
}

/** Stores mentions that are not surely known, to be looked at again once more is known. */
export async function keepOpen(
  trx: Db,
  recognitions: readonly Recognition[],
  { protection }: Pick<MatchContext, 'protection'>
): Promise<void> {
  const [open, closed] = [recognitions.filter(isOpen), recognitions.filter((one) => !isOpen(one))]
  await keepMentions(
    trx,
    open.map(({ mention }) => mention),
    closed.map(({ mention }) => mention),
    protection.kind
  )
}

function isOpen({ mention, verdict }: Recognition): boolean {
  return (
    (verdict.kind === 'anonymous' && !mention.own) ||
    verdict.kind === 'possible' ||
    (verdict.kind === 'linked' && verdict.single === true)
  )
}

// If somebody with a name and a number is not surely known, the number counts as shared by several
// people.
function namedKeys(recognitions: readonly Recognition[]): bigint[] {
  return recognitions.flatMap(({ mention, verdict }) =>
    verdict.kind === 'possible' && mention.person.names.length > 0 ? mention.keys : []
  )
}

interface Row {
  id: string
  channel: Mention['channel']
  sender: Sender | null
  parties: Party[] | null
  confidences: number[]
  keyed: boolean
}

/** What reading who a contact names needs. What is the agency's own matters where it is decided. */
type Reading = Pick<MatchContext, 'protection' | 'country'> &
  Partial<Pick<MatchContext, 'isOwnAddress'>>

/** The people that contacts name, their senders first. */
export async function loadMentions(
  trx: Db,
  contactIds: readonly string[],
  context: Reading
): Promise<Mention[]> {
  const { rows } = await sql<Row>`
    select id, channel, letter -> 'sender' as sender, letter -> 'parties' as parties,
      jsonb_path_query_array(letter, '$.documents[*].confidence') as confidences,
      letter -> 'evidence' ? 'senderKeyedBy' or trail @> '[{"step": "transcribe"}]' as keyed
    from contacts cross join ${unpacked(sql`contacts.envelope`, 'letter')}
    where id = any(${contactIds}::uuid[]) order by ordinal`.execute(trx)
  return rows.flatMap((row) => [
    ...(row.sender ? [mention(row, 'sender', row.sender, context)] : []),
    ...(row.parties ?? [])
      .slice(0, PARTIES)
      .map((party) => mention(row, party.role, party, context))
  ])
}

/**
 * Parties of one contact that are looked up: enough for a representative with a family. A list of
 * hundreds is a register, not a letter.
 */
const PARTIES = 10

function mention(row: Row, role: Mention['role'], named: Sender, context: Reading): Mention {
  return {
    contactId: row.id,
    role,
    ...describe(named, context),
    nameConfidence: nameConfidence(row.channel, row),
    carried: carriedBy(row.channel, role),
    channel: row.channel,
    own: named.emails.some((email) => context.isOwnAddress?.(email) ?? false)
  }
}

/** A person as given, in the form that the register stores. */
export function describe(
  named: Sender,
  { protection, country }: Pick<MatchContext, 'protection' | 'country'>
): Pick<Mention, 'person' | 'shown' | 'keys' | 'identifiers'> {
  const person = personOf(named, country)
  return {
    person: protectPerson(person, protection),
    shown: shownOf(named),
    keys: indexKeys(person, protection),
    identifiers: countIdentifiers(person)
  }
}

/**
 * Locks people until the transaction ends, so that other transactions that settle the same person
 * wait. Otherwise two first contacts at once would make two constituents, or one would be left open
 * although the other has just made the person known. Any two people that a machine could link share
 * a key. Locks are taken in one order, so that two sets cannot wait for each other.
 */
export async function lockPeople(trx: Db, mentions: readonly Mention[]): Promise<void> {
  await lockNumbers(
    trx,
    'person',
    mentions.flatMap((one) => one.keys.map(String))
  )
}

export function mayBeMade({ identifiers, nameConfidence }: Mention): boolean {
  return identifiers >= ENOUGH && nameConfidence >= NAME_CONFIDENCE
}

// In order of arrival, so that a person's second contact finds the constituent that the first has
// just made.
function decideEach(
  mentions: readonly Mention[],
  { rows: found, shared }: Asked,
  ids: string[],
  model: Model
): Recognition[] {
  const made = new Map<bigint, CandidateRow[]>()
  return mentions.map((one, index) => {
    const rows = [...found[index]!, ...new Set(one.keys.flatMap((key) => made.get(key) ?? []))]
    const verdict = verdictOn(one, rows, shared, model)
    if (verdict.kind !== 'new') return { mention: one, verdict }
    const row = { id: ids.shift()!, comparable: one.person }
    for (const key of one.keys) made.set(key, [...(made.get(key) ?? []), { ...row, root: row.id }])
    return { mention: one, verdict, madeId: row.id }
  })
}

/** The verdict on a mention, from the given rows. */
export function verdictOn(
  one: Mention,
  rows: readonly CandidateRow[],
  shared: Shared,
  model: Model
): MatchVerdict {
  if (one.own) return { kind: 'anonymous', reason: 'it gives an address of the agency itself' }
  if (one.keys.length === 0) return { kind: 'anonymous', reason: 'nothing says who it is' }
  if (isNumberAlone(one)) return verdictOnNumber(one, rows, shared, model)
  const verdict = decideAmong(model, one.person, rows, one.carried)
  if (verdict.kind !== 'new') return verdict
  if (one.nameConfidence < NAME_CONFIDENCE)
    return { kind: 'anonymous', reason: 'the name was read too unsurely to make a new person' }
  if (one.identifiers < ENOUGH)
    return {
      kind: 'anonymous',
      reason: 'a single identifier, which others may share, makes no new person'
    }
  return verdict
}

/**
 * A text says nothing about its sender except the number. A mobile number mostly belongs to one
 * person, so if one person on record has it the text is linked to them; the next look takes the
 * link back if it finds a second person. A landline that a call came from belongs to a household.
 */
function verdictOnNumber(
  one: Mention,
  rows: readonly CandidateRow[],
  shared: Shared,
  model: Model
): MatchVerdict {
  const others = one.keys.map((key) => shared.get(key)).find(Boolean)
  if (others === 'many')
    return { kind: 'anonymous', reason: 'very many contacts come from this number' }
  const holders = holdersOf(model, one.person, rows, one.carried)
  const [holder] = holders
  // If as many rows were found as are compared at most, there may be more people with the number.
  if (holder && holders.length === 1 && !others && !holder.organisation && rows.length < COMPARED)
    return { kind: 'linked', candidate: holder, others: [], single: true }
  if (holder)
    return {
      kind: 'possible',
      candidates: holders.map((one) => ({ ...one, held: 'a number that others may share' }))
    }
  const verdict = decideAmong(model, one.person, rows, one.carried)
  return verdict.kind === 'new'
    ? {
        kind: 'anonymous',
        reason: 'a single identifier, which others may share, makes no new person'
      }
    : verdict
}

function isNumberAlone({ channel, role, person, identifiers }: Mention): boolean {
  return (
    traitsOf(channel).conversation === true &&
    role === 'sender' &&
    identifiers === 1 &&
    person.phones.length === 1 &&
    person.names.length === 0
  )
}
