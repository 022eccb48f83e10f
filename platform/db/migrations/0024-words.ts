import { sql } from 'kysely'
import type { Db } from '../tables.ts'

const statements = [
  'alter table batches rename column remarks to hold_reasons',
  'alter table duplicate_matters rename to duplicate_contacts',
  'alter sequence duplicate_matters_no_seq rename to duplicate_contacts_no_seq',
  'alter index duplicate_matters_arrived rename to duplicate_contacts_arrived',
  'alter trigger duplicate_matters_drop_keys on duplicate_contacts rename to duplicate_contacts_drop_keys',
  // Constraints keep the names they were made with: the key's, and those of columns that are never
  // null, which not every version of PostgreSQL has.
  `do $$ declare old name; begin
    for old in select conname from pg_constraint where conrelid = 'duplicate_contacts'::regclass
      and conname like 'duplicate\\_matters\\_%' loop
      execute format('alter table duplicate_contacts rename constraint %I to %I', old,
        replace(old, 'duplicate_matters', 'duplicate_contacts'));
    end loop; end $$`
]

/**
 * Names that say what is there: reasons that hold a tray, contacts that later ones are compared
 * with.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
