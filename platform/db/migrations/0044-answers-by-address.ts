import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Addresses and numbers as they are compared, so that an answer is told to the sender of a message
 * only where it went to an address of theirs.
 */
export async function up(db: Db): Promise<void> {
  // Nine digits, as a number may be written with its country or without.
  await sql`
    create function address_key(address text) returns text language sql immutable as $$
      select case when address like '%@%' then lower(trim(address))
        when address !~ '[[:alpha:]]' and length(regexp_replace(address, '\\D', '', 'g')) >= 7
          then right(regexp_replace(address, '\\D', '', 'g'), 9)
        else lower(regexp_replace(trim(address), '[\\s,]+', ' ', 'g')) end $$`.execute(db)
  await sql`
    create function sender_keys(sender jsonb) returns text[] language sql immutable as $$
      select coalesce(array_agg(address_key(value)), '{}') from (
        select jsonb_array_elements_text(sender -> 'emails')
        union all select jsonb_array_elements_text(sender -> 'phones')
        union all select jsonb_array_elements_text(sender -> 'addresses')) as given (value) $$`.execute(
    db
  )
}
