/**
 * Keeps the search index: what became due by triggers is indexed by the sweep and, so that a search
 * is always current, by a search itself before it looks.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { unpacked } from '../../platform/db/unpacked.ts'
import { aboutOf } from '../contacts/shown.ts'
import { stemmed } from './languages.ts'

/**
 * Characters per entry: PostgreSQL keeps at most 1 MB of words in one, and a page of dense text has
 * 4,000.
 */
const PART = 100_000
/** Entries of one contact: five million characters, some 1,200 pages. The rest is not found. */
const MOST_PARTS = 50
/** Characters of an entry's head. */
const HEAD = 400

/** Indexes at most `most` of what is due, the latest first. Returns how many. */
export async function indexDue(db: Db, most: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ source: string; id: string }>`
      delete from search_due using (select source, source_id from search_due
        order by asked_at desc limit ${most} for update skip locked) as due
      where search_due.source = due.source and search_due.source_id = due.source_id
      returning search_due.source, search_due.source_id as id`.execute(trx)
    const of = (source: string) => rows.filter((row) => row.source === source).map(({ id }) => id)
    await indexContacts(trx, of('contact'))
    for (const source of ['outcome', 'reply', 'note', 'answer'] as const)
      await indexWritten(trx, source, of(source))
    return rows.length
  })
}

/** How many wait to be indexed, counted up to `most`. */
export async function countDue(db: Db, most: number): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`select count(*)::int as n from (select from search_due limit ${most}) as due`.execute(db)
  return rows[0]!.n
}

/**
 * The text as `simple` words, so that it is found as it is written, and as stems of its language, so
 * that "potholes" finds "pothole". Words of mail addresses are found one by one, too.
 */
const wordsOf = sql`to_tsvector('simple', plain) || to_tsvector(configuration, plain) ||
  to_tsvector(
  'simple', translate(head, '@._-', '    '))`

const configurationOf = (tag: RawBuilder<unknown>) =>
  sql`coalesce((select name from (values ${sql.join(
    stemmed.map(([tag, name]) => sql`(${tag}, ${name}::regconfig)`)
  )}) as known (tag, name) where tag = split_part(${tag}, '-', 1)), 'simple')`

/** A number is found with its area code and without. */
const phones = sql`(select string_agg('tel' || right(digits, 10) || ' tel' || right(digits, 7), ' ')
  from jsonb_array_elements_text(letter -> 'sender' -> 'phones') as value
  cross join lateral (select regexp_replace(value, '[^0-9]', '', 'g') as digits) as number)`

const valuesOf = (json: ReturnType<typeof sql>) =>
  sql`(select string_agg(value, ' ') from jsonb_array_elements_text(${json}) as value)`

async function indexContacts(trx: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`delete from search_entries where source = 'contact'
    and source_id = any(${ids}::uuid[])`.execute(trx)
  await sql`
    insert into search_entries (source, source_id, part, contact_id, at, head, words)
    select 'contact', id, part, id, arrived_at, case when part = 0 then head else '' end,
      case when part = 0 then ${wordsOf}
        else to_tsvector('simple', plain) || to_tsvector(configuration, plain) end
    from (
      select id, arrived_at, left(search_plain(head), ${HEAD}) as head, configuration, body
      from contacts cross join ${unpacked(sql`envelope`, 'letter')}
      cross join lateral (select ${configurationOf(sql`letter ->> 'language'`)} as configuration,
        concat_ws(' ', receipt, letter ->> 'subject', letter -> 'sender' ->> 'name',
          ${valuesOf(sql`letter -> 'sender' -> 'emails'`)}, ${phones},
          ${valuesOf(sql`letter -> 'sender' -> 'addresses'`)}) as head,
        concat_ws(' ', letter ->> 'text',
          (select string_agg(answer.value, ' ') from jsonb_each_text(letter -> 'answers') as
            answer),
          (select string_agg(concat_ws(' ', party ->> 'name', party ->> 'emails',
            party ->> 'addresses'), ' ') from jsonb_array_elements(letter -> 'parties') as party),
          (select string_agg(concat_ws(' ', paper ->> 'name', paper ->> 'text'), ' ')
            from jsonb_array_elements(letter -> 'documents') as paper)) as body offset 0) as said
      where id = any(${ids}::uuid[]) and envelope is not null offset 0
    ) as given
    cross join lateral (select part, search_plain(case when part = 0 then head || ' ' else '' end
      || substr(body, part * ${PART} + 1, ${PART})) as plain
      from generate_series(0, least(length(body) / ${PART}, ${MOST_PARTS - 1})) as part
      offset 0) as parts`.execute(trx)
}

/**
 * What staff write, on a case or to a campaign, with its language where that is known. A case that
 * was split off has its heading with its outcome.
 */
const written = {
  outcome: sql`select id, id as case_id, 'en' as language,
    nullif(concat_ws(' ', ${aboutOf}, outcome), '') as body from cases`,
  reply: sql`select id, case_id, concat_ws(' ', subject, text) as body, language from answers`,
  note: sql`select id, case_id, text as body, 'en' as language from notes`,
  answer: sql`select id, null::uuid as case_id, text as body, 'en' as language from answers
    where case_id is null`
}

async function indexWritten(
  trx: Db,
  source: keyof typeof written,
  ids: readonly string[]
): Promise<void> {
  if (ids.length === 0) return
  await sql`
    insert into search_entries (source, source_id, part, contact_id, case_id, at, head, words)
    select ${source}::text, written.id, 0, contacts.id, cases.id,
      coalesce(contacts.arrived_at, now()), '',
      to_tsvector('simple', plain) || to_tsvector(configuration, plain)
    from (${written[source]}) as written left join cases on cases.id = written.case_id
      left join contacts on contacts.id = cases.contact_id
      cross join lateral (select search_plain(body) as plain,
        ${configurationOf(sql`written.language`)} as configuration offset 0) as said
    where written.id = any(${ids}::uuid[]) and body is not null
    on conflict (source, source_id, part) do update set words = excluded.words`.execute(trx)
}
