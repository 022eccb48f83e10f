import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/** Signs that people write for a feeling or a thing. */
const signs = '[\\u2300-\\u23ff\\u2600-\\u27bf\\u2b00-\\u2bff\\U0001f000-\\U0001faff]'
/** The same with how they are to be drawn, and what joins them. */
const drawn = signs.replace(']', '\\ufe0e\\ufe0f\\u200d]')
/** Without accents and capitals. */
const plain = sql.raw("regexp_replace(normalize(lower(value), NFD), '[\u0300-\u036f]', '', 'g')")

/**
 * Answers to campaigns are searched, too: one entry each, without a contact of its own. A sign
 * such as an emoji is a word by its code, in what is indexed and in what is looked for; whether
 * PostgreSQL takes it for one depends on the machine's locale, and on how it is to be drawn.
 */
export async function up(db: Db): Promise<void> {
  await sql`alter table search_entries drop constraint search_entries_source_check,
    add constraint search_entries_source_check
      check (source in ('contact', 'outcome', 'reply', 'note', 'answer')),
    alter column contact_id drop not null`.execute(db)
  await sql`create index search_entries_answers on search_entries (source_id)
    where source = 'answer'`.execute(db)
  await sql`create index outbound_answers on outbound (kind) where kind like 'answer:%'`.execute(db)
  await sql`create trigger campaign_answers_search_due after insert on answers
    for each row when (new.case_id is null)
    execute function note_search_due('answer')`.execute(db)
  await sql`create or replace function search_plain(value text) returns text language sql
    immutable parallel safe as $$
    select case when value ~ ${sql.lit(signs)}
      then regexp_replace(${plain}, ${sql.lit(drawn)}, ' ', 'g') || (
        select string_agg(' sign' || to_hex(ascii(sign[1])), '')
        from regexp_matches(value, ${sql.lit(signs)}, 'g') as sign)
      else ${plain} end $$`.execute(db)
  await sql`insert into search_due (source, source_id)
    select 'answer', id from answers where case_id is null union all
    select 'reply', id from answers
      where case_id is not null and concat_ws(' ', subject, text) ~ ${signs} union all
    select 'note', id from notes where text ~ ${signs} union all
    select 'outcome', id from cases where outcome ~ ${signs} union all
    select 'contact', id from contacts where envelope::text ~ ${signs}
    on conflict (source, source_id) do nothing`.execute(db)
}
