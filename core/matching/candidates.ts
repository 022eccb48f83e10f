import { sql } from 'kysely'
import { compareContact, nothingCarried, sharesPhone, type CarriedValues } from './contact-fit.ts'
import { fitGivenNames } from './given-fit.ts'
import { scoreOf, waterfall, type WaterfallBar, type Model } from './model.ts'
import type { Person } from './person.ts'
import { indexKeys, protectPerson, type Protection } from './protect.ts'
import { judgeContact, OTHER_GIVEN } from './verdict.ts'
import type { Db } from '../../platform/db/database.ts'

/**
 * A key shared by more constituents than this is read no further; it would tell them apart too
 * little.
 */
export const KEY_LIMIT = 64
/**
 * Constituents compared per contact: those that share the rarest keys. Flat, however large the
 * register.
 */
export const COMPARED = 24

export interface PersonCandidate {
  /** Who it is now: the constituent that a merged one points to. */
  readonly constituentId: string
  /** Whose values agreed; another than `constituentId` after a merge. */
  readonly comparedWith: string
  readonly bits: number
  readonly held?: string
  readonly waterfall: readonly WaterfallBar[]
}

export type MatchVerdict =
  /** `single`: by one identifier that nobody else on record has. */
  | {
      readonly kind: 'linked'
      readonly candidate: PersonCandidate
      readonly others: readonly PersonCandidate[]
      readonly single?: true
    }
  | { readonly kind: 'possible'; readonly candidates: readonly PersonCandidate[] }
  | { readonly kind: 'new' }
  | { readonly kind: 'anonymous'; readonly reason: string }

/** Finds constituents by what they share; over a table it never changes. */
export interface CandidateIndex {
  findCandidates(person: Person, options?: FindOptions): Promise<MatchVerdict>
}

export interface FindOptions {
  /** How surely the name was read, 0 to 1; 1 where nothing had to be read. */
  readonly nameConfidence?: number
  /** What its channel carried; everything was typed where it is not given. */
  readonly carried?: CarriedValues
}

/**
 * Names read with less confidence never make a new person: OCR would fill the register with its
 * errors.
 */
export const NAME_CONFIDENCE = 0.85

/** A constituent that shares keys with the person asked about. */
export interface CandidateRow {
  readonly id: string
  /** Who it is now: the constituent that a merged one points to. */
  readonly root: string
  readonly comparable: Person
  /** The contact it, or this part of it, was made from; null for a register's. */
  readonly madeFrom?: string | null
}

/**
 * The index over the register's tables. One statement and at most `COMPARED` comparisons per
 * contact.
 */
export function candidateIndex(
  db: Db,
  model: Model,
  protection: Protection = { kind: 'plain' }
): CandidateIndex {
  return {
    async findCandidates(person, options = {}) {
      const keys = indexKeys(person, protection)
      if (keys.length === 0) return { kind: 'anonymous', reason: 'nothing says who it is' }
      const [rows] = await candidateRows(db, [keys])
      const verdict = decideAmong(model, protectPerson(person, protection), rows!, options.carried)
      if (verdict.kind === 'new' && (options.nameConfidence ?? 1) < NAME_CONFIDENCE)
        return { kind: 'anonymous', reason: 'the name was read too unsurely to make a new person' }
      return verdict
    }
  }
}

/**
 * For each set of keys the constituents that share them, at most `COMPARED` each; one statement for
 * all sets. Rare keys weigh more: ln(2 · limit / holders), so a key that overflows its limit still
 * counts a little.
 */
export async function candidateRows(
  db: Db,
  keysOfEach: readonly (readonly bigint[])[]
): Promise<CandidateRow[][]> {
  const wanted = keysOfEach.flatMap((keys, asked) =>
    keys.map((key) => [asked, String(key)] as const)
  )
  const found = keysOfEach.map((): CandidateRow[] => [])
  if (wanted.length === 0) return found
  const { rows } = await sql<CandidateRow & { asked: number }>`
    with hits as (
      select wanted.asked, held.constituent_id,
        ln(${KEY_LIMIT * 2}::float8 / count(*) over (partition by wanted.asked,
        wanted.key)) as weight
      from unnest(${wanted.map(([asked]) => asked)}::int[],
        ${wanted.map(([, key]) => key)}::bigint[]) as wanted (asked, key)
      cross join lateral (select constituent_id from constituent_keys where key = wanted.key
        limit ${KEY_LIMIT}) held
    ), best as materialized (
      select asked, constituent_id, row_number() over (partition by asked
        order by sum(weight) desc, constituent_id) as rank from hits group by asked, constituent_id
    )
    select best.asked, c.id, coalesce(c.merged_into, c.id) as root, c.comparable,
      c.made_from as "madeFrom" from best
    cross join lateral (select id, merged_into, comparable, made_from from constituents
      where id = best.constituent_id) c
    where best.rank <= ${COMPARED} order by best.asked, best.rank
  `.execute(db)
  for (const { asked, ...row } of rows) found[asked]!.push(row)
  return found
}

interface Scored {
  readonly row: CandidateRow
  readonly candidate: PersonCandidate
  readonly kind: 'linked' | 'possible'
}

/** The verdict on a person (protected as the rows are) among those that share keys. */
export function decideAmong(
  model: Model,
  person: Person,
  rows: readonly CandidateRow[],
  carried = nothingCarried
): MatchVerdict {
  const scored = rows
    .map((row) => scoreRow(model, person, row, carried))
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.candidate.bits - a.candidate.bits || Number(a.row.id) - Number(b.row.id))
  const byRoot = [...new Map(scored.toReversed().map((entry) => [entry.row.root, entry])).values()]
    .toReversed()
    .map((entry) => heldByNames(entry, person, rows))
  const candidates = byRoot.map(({ candidate }) => candidate)
  const [first] = candidates
  if (!first) return { kind: 'new' }
  const linked = byRoot.filter(({ kind }) => kind === 'linked')
  // Two that fit are a choice, and choices belong to people.
  if (linked.length === 1 && linked[0]!.candidate === first)
    return { kind: 'linked', candidate: first, others: candidates.slice(1) }
  return { kind: 'possible', candidates }
}

// A part without a name (a mailbox, a number) speaks for nobody whose name is not among those of
// the other parts.
function heldByNames(entry: Scored, person: Person, rows: readonly CandidateRow[]): Scored {
  const names = rows
    .filter(({ root }) => root === entry.row.root)
    .flatMap(({ comparable }) => comparable.names)
  if (
    entry.kind !== 'linked' ||
    entry.row.comparable.names.length > 0 ||
    fitGivenNames(person.names, names) !== 'other'
  )
    return entry
  return { ...entry, kind: 'possible', candidate: { ...entry.candidate, held: OTHER_GIVEN } }
}

function scoreRow(
  model: Model,
  person: Person,
  row: CandidateRow,
  carried: CarriedValues
): Scored | undefined {
  const comparison = compareContact(model, person, row.comparable, carried)
  const bits = scoreOf(model, comparison)
  const verdict = judgeContact(bits, comparison)
  if (verdict.kind === 'different') return undefined
  const held = verdict.kind === 'possible' ? { held: verdict.held } : {}
  const candidate: PersonCandidate = {
    constituentId: String(row.root),
    comparedWith: String(row.id),
    bits,
    ...held,
    waterfall: waterfall(model, comparison)
  }
  return { row, candidate, kind: verdict.kind }
}

/** Those on record who have the very number that a contact came from, each once. */
export function holdersOf(
  model: Model,
  person: Person,
  rows: readonly CandidateRow[],
  carried: CarriedValues
): (PersonCandidate & { readonly organisation: boolean })[] {
  const holders = new Map(
    rows
      .filter((row) => sharesPhone(person, row.comparable))
      .toReversed()
      .map((row) => [String(row.root), row])
  )
  return [...holders.values()].toReversed().map((row) => {
    const fit = compareContact(model, person, row.comparable, carried)
    return {
      constituentId: String(row.root),
      comparedWith: String(row.id),
      bits: scoreOf(model, fit),
      waterfall: waterfall(model, fit),
      organisation: row.comparable.organisations.length > 0
    }
  })
}
