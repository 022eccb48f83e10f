/**
 * What keeps the ledger from being changed and numbers it: the triggers are there and at work. While
 * they were not, events may have been changed without an error; whether they were, numbers and
 * hashes say.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

const kept: Readonly<Record<string, readonly string[]>> = {
  events: [
    'events_append_only',
    'events_begin_numbering',
    'events_end_numbering',
    'events_no_truncate',
    'events_number'
  ],
  access_log: ['access_log_append_only', 'access_log_no_truncate']
}

/** `A` fires always, `O` except for replication; `D` is off, `R` for replication only. */
const AT_WORK = ['A', 'O']

export async function checkTriggers(db: Db): Promise<string[]> {
  const { rows } = await sql<{ table: string; name: string; enabled: string }>`
    select relname as table, tgname as name, tgenabled as enabled from pg_trigger
      join pg_class on pg_class.oid = tgrelid where relnamespace = 'public'::regnamespace
      and relname = any(${Object.keys(kept)}::text[]) and not tgisinternal`.execute(db)
  return Object.entries(kept).flatMap(([table, names]) =>
    names.flatMap((name) => {
      const found = rows.find((row) => row.table === table && row.name === name)
      if (!found) return [`the trigger ${name} of ${table} is gone`]
      return AT_WORK.includes(found.enabled) ? [] : [`the trigger ${name} of ${table} is off`]
    })
  )
}
