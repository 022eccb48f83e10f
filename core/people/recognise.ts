/**
 * Settle's match step: who of the agency's register the senders and parties of a set of contacts are. What is found is written as links
 * with their reasons; of it only "same party or not" goes on to the finding of duplicates, and nothing to routing or the line.
 */
import { sql } from 'kysely'
import { anyTables, type Db } from '../db/database.ts'
import type { TrailStep } from '../db/tables.ts'
import type { EnvelopeDraft, Party, Sender } from '../envelope.ts'
import { candidateRows, decideAmong, NAME_CONFIDENCE, type CandidateRow, type MatchVerdict } from '../matching/candidates.ts'
import type { Model } from '../matching/model.ts'
import type { Person } from '../matching/person.ts'
import { indexKeys, protectPerson, type Protection } from '../matching/protect.ts'
import { noteOf, type Recognition } from './note.ts'
import { countIdentifiers, ENOUGH, nameConfidence, personOf, shownOf, type Shown } from './sender.ts'
import { drawIds, writeRecognised } from './write.ts'

export interface Means {
  readonly model: Model
  readonly protection: Protection
  /** Whose phone numbers and addresses are meant where they do not say. */
  readonly country: string
}

/** One person named by one contact. */
export interface Mention {
  readonly contactId: string
  readonly role: 'sender' | Party['role']
  /** Protected as the register is. */
  readonly person: Person
  readonly shown: Shown
  readonly keys: readonly bigint[]
  readonly identifiers: number
  readonly nameConfidence: number
}

export interface Recognised {
  /** Lines of trail by contact: ids, levels and bits, nothing that says who it is. */
  readonly trails: ReadonlyMap<string, TrailStep[]>
}

/** Recognises and writes; call it in the settling transaction. */
export async function recognise(trx: Db, contactIds: readonly string[], means: Means): Promise<Recognised> {
  const mentions = await loadMentions(trx, contactIds, means)
  await holdPeople(trx, mentions)
  const found = await candidateRows(anyTables(trx), mentions.map(({ keys }) => keys))
  const ids = await drawIds(trx, mentions.filter(mayBeMade).length)
  const recognitions = decideEach(mentions, found, ids, means.model)
  await writeRecognised(trx, recognitions, means)
  const trails = new Map<string, TrailStep[]>()
  for (const one of recognitions) trails.set(one.mention.contactId, [...trails.get(one.mention.contactId) ?? [], noteOf(one)])
  return { trails }
}

interface Row {
  id: string
  channel: EnvelopeDraft['channel']
  sender: Sender | null
  parties: Party[] | null
  confidences: number[]
  keyed: boolean
}

/** The people that contacts name, their senders first. */
export async function loadMentions(trx: Db, contactIds: readonly string[], means: Pick<Means, 'protection' | 'country'>): Promise<Mention[]> {
  const { rows } = await sql<Row>`
    select id, channel, envelope -> 'sender' as sender, envelope -> 'parties' as parties, jsonb_path_query_array(envelope, '$.documents[*].confidence') as confidences,
      envelope -> 'evidence' ? 'senderKeyedBy' or trail @> '[{"step": "transcribe"}]' as keyed
    from contacts where id = any(${contactIds}::uuid[]) order by ordinal`.execute(trx)
  return rows.flatMap((row) => [
    ...row.sender ? [mention(row, 'sender', row.sender, means)] : [],
    ...(row.parties ?? []).slice(0, PARTIES).map((party) => mention(row, party.role, party, means))
  ])
}

/** Parties of one contact that are looked up: a representative with a family; a list of hundreds is a register, not a letter. */
const PARTIES = 10

function mention(row: Row, role: Mention['role'], named: Sender, { protection, country }: Pick<Means, 'protection' | 'country'>): Mention {
  const person = personOf(named, country)
  return {
    contactId: row.id, role, person: protectPerson(person, protection), shown: shownOf(named), keys: indexKeys(person, protection), identifiers: countIdentifiers(person),
    nameConfidence: nameConfidence(row.channel, row.confidences, row.keyed)
  }
}

const LOCK_SPACE = 0x57484f

/**
 * Holds off other transactions that settle the same person, until this one ends, so that two first contacts at once do not make two
 * constituents. Any two that a machine could link share a key; all are taken in one order, so two sets cannot wait for each other.
 */
async function holdPeople(trx: Db, mentions: readonly Mention[]): Promise<void> {
  const keys = mentions.flatMap((one) => mayBeMade(one) ? one.keys.map(String) : [])
  if (keys.length === 0) return
  await sql`
    select pg_advisory_xact_lock(${LOCK_SPACE}::int, lock)
    from (select distinct (key & ${LOCKS - 1})::int as lock from unnest(${keys}::bigint[]) as key order by 1) as locks`.execute(trx)
}

/** Keys share so many locks: a set of hundreds of people stays far below what PostgreSQL can hold (64 × connections). */
const LOCKS = 1024

function mayBeMade({ identifiers, nameConfidence }: Mention): boolean {
  return identifiers >= ENOUGH && nameConfidence >= NAME_CONFIDENCE
}

// In order of arrival, so that the second contact of a person finds the one that the first has just made.
function decideEach(mentions: readonly Mention[], found: readonly CandidateRow[][], ids: string[], model: Model): Recognition[] {
  const made = new Map<bigint, CandidateRow[]>()
  return mentions.map((one, index) => {
    const rows = [...found[index]!, ...new Set(one.keys.flatMap((key) => made.get(key) ?? []))]
    const verdict = verdictOn(one, rows, model)
    if (verdict.kind !== 'new') return { mention: one, verdict }
    const row = { id: ids.shift()!, comparable: one.person }
    for (const key of one.keys) made.set(key, [...made.get(key) ?? [], { ...row, root: row.id }])
    return { mention: one, verdict, madeId: row.id }
  })
}

function verdictOn(one: Mention, rows: readonly CandidateRow[], model: Model): MatchVerdict {
  if (one.keys.length === 0) return { kind: 'anonymous', reason: 'nothing says who it is' }
  const verdict = decideAmong(model, one.person, rows)
  if (verdict.kind !== 'new') return verdict
  if (one.nameConfidence < NAME_CONFIDENCE) return { kind: 'anonymous', reason: 'the name was read too unsurely to make a new person' }
  if (one.identifiers < ENOUGH) return { kind: 'anonymous', reason: 'a single identifier, which others may share, makes no new person' }
  return verdict
}
