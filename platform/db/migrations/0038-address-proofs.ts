import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * Who holds a receipt can show, by a code sent there, that an address is theirs: to be told of news
 * by it, or to read the agency's answers. No code is kept; it is derived from the row's id and the
 * installation's secret.
 */
export async function up(db: Db): Promise<void> {
  await sql`
    create table address_proofs (
      id uuid primary key,
      contact_id uuid not null references contacts (id),
      purpose text not null check (purpose in ('updates', 'answer')),
      way text not null check (way in ('mail', 'text')),
      address text not null,
      address_hash text not null,
      own boolean not null,
      language text not null,
      asked_at timestamptz not null default now(),
      expires_at timestamptz not null,
      tries int not null default 0,
      proved_at timestamptz,
      told_event bigint,
      stopped_at timestamptz,
      check ((told_event is not null) = (purpose = 'updates' and proved_at is not null)),
      check (stopped_at is null or (purpose = 'updates' and proved_at is not null))
    )`.execute(db)
  await sql`create index address_proofs_contact on address_proofs (contact_id)`.execute(db)
  await sql`create index address_proofs_address on address_proofs (address_hash,
    asked_at)`.execute(db)
  await sql`create index address_proofs_asked on address_proofs (asked_at)`.execute(db)
  // One address a receipt and way.
  await sql`create unique index address_proofs_updates on address_proofs (contact_id, way)
    where told_event is not null and stopped_at is null`.execute(db)
}
