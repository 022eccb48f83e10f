import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** The campaign a contact is in now, after merges; undefined where none or taken out. */
export async function campaignOf(db: Db, contactId: string): Promise<string | undefined> {
  return (await campaignsOf(db, [contactId]))[0]
}

// The campaigns that contacts are in now, earliest made first: merges are followed to their end.
async function campaignsOf(db: Db, contactIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive ways as (
      select c.id, c.merged_into, c.made_at from campaign_members m
        join campaigns c on c.id = m.campaign_id
      where m.contact_id = any(${contactIds}::uuid[]) and m.left_at is null
      union select c.id, c.merged_into, c.made_at from campaigns c
        join ways on c.id = ways.merged_into)
    select id from ways where merged_into is null order by made_at, id`.execute(db)
  return rows.map((row) => row.id)
}
