/**
 * Campaigns in PostgreSQL. Each contact belongs to at most one, keeps its own case, and can be
 * taken out again.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/**
 * Contacts of a campaign and of those merged into it, in order of joining. @param limit one page
 */
export async function membersOf(
  db: Db,
  campaignId: string,
  limit: number,
  after = 0
): Promise<string[]> {
  const { rows } = await sql<{ contact_id: string }>`
    with recursive parts as (select ${campaignId}::uuid as id union select c.id from campaigns c
      join parts on c.merged_into = parts.id)
    select contact_id from campaign_members join parts on campaign_id = parts.id
      where left_at is null
    order by joined_at, contact_id limit ${limit} offset ${after}`.execute(db)
  return rows.map((row) => row.contact_id)
}

/** Number of contacts in a campaign. */
export async function countMembers(db: Db, campaignId: string): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    with recursive parts as (select ${campaignId}::uuid as id union select c.id from campaigns c
      join parts on c.merged_into = parts.id)
    select count(*) from campaign_members join parts on campaign_id = parts.id
      where left_at is null`.execute(db)
  return Number(rows[0]?.count ?? 0)
}

/** A person takes a contact out; no machine puts it back. @returns false if it was in none */
export async function leaveCampaign(
  db: Db,
  contactId: string,
  by: string,
  why: string
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update campaign_members set left_at = clock_timestamp(), left_by = ${by}, left_why = ${why}
      where contact_id = ${contactId} and left_at is null`.execute(db)
  return numAffectedRows === 1n
}

/**
 * A person undoes a merge. Both campaigns are as before, and no machine merges them again.
 * @returns false if it was not merged
 */
export async function splitCampaign(
  db: Db,
  mergedId: string,
  by: string,
  why: string
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update campaigns set merged_into = null, merged_why = null, merged_at = null, split_by = ${by},
      split_why = ${why}, split_at = clock_timestamp()
    where id = ${mergedId} and merged_into is not null`.execute(db)
  return numAffectedRows === 1n
}
