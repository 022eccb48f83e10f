import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/** Answers to campaigns. */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  // One text for everybody in a campaign; what is owed to each is a row of "outbound" of its own,
  // of the kind "answer:<id>".
  `create table answers (
    id uuid primary key,
    campaign_id uuid not null references campaigns,
    text text not null,
    written_by text not null,
    written_at timestamptz not null default now()
  )`,
  'create index answers_campaign on answers (campaign_id)'
]
