/**
 * Finds cases by what was said, by whom, what staff wrote, and how they ended. A search never takes
 * a case, and shows nothing of a department that the person does not serve.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { aboutOf, senderOf } from '../contacts/shown.ts'
import type { ChannelKind } from '../envelope.ts'
import type { CaseState } from '../line/tables.ts'
import { indexDue, countDue } from './index-due.ts'
import { configurationOf } from './languages.ts'
import { parseQuery, type ParsedQuery } from './query.ts'

export interface SearchFilter {
  /** Only cases of these; every department where it is not given. */
  readonly departments?: readonly string[] | undefined
  readonly state?: CaseState | undefined
  readonly channel?: ChannelKind | undefined
  /** Arrivals from this moment on, and before that one. */
  readonly from?: Date | undefined
  readonly before?: Date | undefined
}

export interface SearchHit {
  readonly caseId: string
  readonly receipt: string
  readonly department: string
  readonly state: CaseState
  readonly channel: ChannelKind
  readonly arrivedAt: Date
  readonly subject: string | undefined
  readonly sender: string | undefined
  /** The beginning of what was said. */
  readonly firstWords: string
  readonly outcome: string | undefined
  /** Found by a like spelling of a name, an address or a subject, not by the words themselves. */
  readonly similar: boolean
}

export interface SearchResult {
  /** The latest arrivals first, those of a like spelling last. */
  readonly hits: readonly SearchHit[]
  /** There are more: narrow the search, or go on before the last one's arrival. */
  readonly more: boolean
  /** Contacts too new to be in the index yet, counted up to 10,000. */
  readonly unindexed: number
  /** Nothing was typed that can be looked for. */
  readonly nothingAsked?: true
}

/** Cases on a page of results. */
const ON_PAGE = 25
/** Entries looked at for them: a case can have several contacts, and a contact several entries. */
const ENTRIES = 200
/** Contacts that a search indexes itself, so that it is current; 300 take about half a second. */
const INDEXED_FIRST = 300
const COUNTED = 10_000

/** @param languages of the agency: words are found by the stems of each */
export async function searchCases(
  db: Db,
  typed: string,
  { languages, ...filter }: SearchFilter & { readonly languages: readonly string[] }
): Promise<SearchResult> {
  const query = parseQuery(typed)
  if (!query) return { hits: [], more: false, unindexed: 0, nothingAsked: true }
  await indexDue(db, INDEXED_FIRST)
  const match = matchOf(query, languages)
  const found = latest([
    ...(await findEntries(db, match, filter, ENTRIES)),
    ...(await findAnswered(db, match, filter))
  ])
  const exact = casesOf(found, false)
  const similar =
    query.likeWanted && exact.length === 0
      ? casesOf(await findSimilar(db, query.words, filter), true)
      : []
  const ids = [...exact, ...similar.filter((one) => !exact.some((other) => other.id === one.id))]
  const shown = ids.slice(0, ON_PAGE)
  return {
    hits: await describe(db, shown),
    more: ids.length > ON_PAGE || found.length === ENTRIES,
    unindexed: await countDue(db, COUNTED)
  }
}

interface Entry {
  readonly case_id: string
  readonly at: Date
}

function latest(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => b.at.getTime() - a.at.getTime()).slice(0, ENTRIES)
}

function casesOf(entries: readonly Entry[], similar: boolean) {
  return [...new Set(entries.map((entry) => entry.case_id))].map((id) => ({ id, similar }))
}

interface Match {
  readonly where: RawBuilder<unknown>
  readonly order: RawBuilder<unknown>
}

function matchOf({ receipt, words }: ParsedQuery, languages: readonly string[]): Match {
  const order = sql`entry.at desc`
  if (receipt !== undefined)
    return {
      where: sql`entry.contact_id in (select id from contacts where receipt = ${receipt}
        union select contact_id from cases where receipt = ${receipt}) and entry.part = 0`,
      order
    }
  const stems = new Set(['simple', ...languages.map(configurationOf)])
  const queries = [...stems].map(
    (name) => sql`websearch_to_tsquery(${sql.lit(name)}::regconfig, search_plain(${words}))`
  )
  return { where: sql`entry.words @@ (${sql.join(queries, sql` || `)})`, order }
}

/**
 * Share of the typed word's trigrams that a like one has (`pg_trgm`): two letters changed about in a
 * name of six leave 0.57.
 */
const LIKENESS = 0.5

/**
 * Looking for like spellings of a word that half of all contacts have a part of would read them all:
 * it is given up after so long, in ms.
 */
const LIKE_MS = 2_000
/** PostgreSQL's `query_canceled`, here by its time-out. */
const CANCELLED = '57014'

async function findSimilar(db: Db, words: string, filter: SearchFilter): Promise<Entry[]> {
  try {
    return await db.transaction().execute(async (trx) => {
      await sql`select set_config('pg_trgm.word_similarity_threshold', ${String(LIKENESS)}, true),
        set_config('statement_timeout', ${String(LIKE_MS)}, true)`.execute(trx)
      return findEntries(trx, likeness(words), filter, ON_PAGE)
    })
  } catch (error) {
    if ((error as { code?: string }).code === CANCELLED) return []
    throw error
  }
}

function likeness(words: string): Match {
  return {
    where: sql`search_plain(${words}) <% entry.head and entry.head <> ''`,
    order: sql`search_plain(${words}) <<-> entry.head, entry.at desc`
  }
}

async function findEntries(
  db: Db,
  { where, order }: Match,
  filter: SearchFilter,
  limit: number
): Promise<Entry[]> {
  const conditions = [
    where,
    // What was written on one case is no word of another department's case of the same contact.
    sql`(entry.case_id is null or entry.case_id = cases.id
      or cases.id = standing_case(entry.case_id))`,
    ...conditionsOf(filter, sql`entry.at`)
  ]
  const { rows } = await sql<Entry>`
    select case_contacts.case_id, entry.at from search_entries as entry
      join case_contacts on case_contacts.contact_id = entry.contact_id
      join cases on cases.id = case_contacts.case_id
    where ${sql.join(conditions, sql` and `)}
    order by ${order} limit ${limit}`.execute(db)
  return rows
}

/** Cases of those who got an answer that went to everybody in a campaign. */
async function findAnswered(db: Db, { where }: Match, filter: SearchFilter): Promise<Entry[]> {
  const at = sql`contacts.arrived_at`
  const conditions = [sql`entry.source = 'answer'`, where, ...conditionsOf(filter, at)]
  const { rows } = await sql<Entry>`
    select case_contacts.case_id, ${at} as at from search_entries as entry
      join outbound on outbound.kind = 'answer:' || entry.source_id
        and outbound.kind like 'answer:%'
      join contacts on contacts.id = outbound.contact_id
      join case_contacts on case_contacts.contact_id = contacts.id
      join cases on cases.id = case_contacts.case_id
    where ${sql.join(conditions, sql` and `)}
    order by ${at} desc limit ${ENTRIES}`.execute(db)
  return rows
}

/** @param at when what was found arrived */
function conditionsOf(
  { departments, state, channel, from, before }: SearchFilter,
  at: RawBuilder<unknown>
): RawBuilder<unknown>[] {
  return [
    sql`cases.state <> 'joined'`,
    ...(departments ? [sql`cases.department = any(${departments}::text[])`] : []),
    ...(state ? [sql`cases.state = ${state}`] : []),
    ...(channel ? [sql`cases.channel = ${channel}`] : []),
    ...(from ? [sql`${at} >= ${from}`] : []),
    ...(before ? [sql`${at} < ${before}`] : [])
  ]
}

/** Characters of the beginning that are shown. */
const FIRST_WORDS = 200

async function describe(
  db: Db,
  found: readonly { readonly id: string; readonly similar: boolean }[]
): Promise<SearchHit[]> {
  if (found.length === 0) return []
  const { rows } = await sql<Omit<SearchHit, 'similar'>>`
    select cases.id as "caseId", cases.receipt, department, cases.state, cases.channel,
      contacts.arrived_at as "arrivedAt",
      coalesce(${aboutOf}, envelope ->> 'subject') as subject,
      ${senderOf} as sender,
      left(regexp_replace(left(coalesce(envelope ->> 'newText', envelope ->> 'text'),
        ${2 * FIRST_WORDS}), '\\s+', ' ', 'g'), ${FIRST_WORDS}) as "firstWords", cases.outcome
    from cases join contacts on contacts.id = cases.contact_id
    where cases.id = any(${found.map(({ id }) => id)}::uuid[])`.execute(db)
  const byId = new Map(rows.map((row) => [row.caseId, row]))
  return found.flatMap(({ id, similar }) => {
    const row = byId.get(id)
    return row
      ? [
          {
            ...row,
            subject: row.subject ?? undefined,
            sender: row.sender ?? undefined,
            outcome: row.outcome ?? undefined,
            similar
          }
        ]
      : []
  })
}
