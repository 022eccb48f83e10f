/** Campaigns in PostgreSQL: each contact belongs to one at most, keeps its own case, and can be taken out again. */
import { sql, type Kysely } from 'kysely'
import type { Comparable } from '../duplicates/comparable.ts'
import type { SameParty } from '../duplicates/judge.ts'
import { sameLetter } from './overlap.ts'

/** An earlier contact near this one, as `findNeighbours` gives it. */
export interface NearContact {
  readonly contactId: string
  readonly sameParty: SameParty
  readonly text: Comparable
}

const MADE_BY = 'campaigns'

/**
 * Puts a contact with those of other people that carry the same letter. Where they are in no campaign yet, one is made; where they are in
 * several, this letter shows that those are one, and the later made are merged into the earliest. Repeating is a no-op.
 * @returns the campaign, or undefined where nobody else sent this letter
 */
export async function joinCampaign(db: Kysely<unknown>, contactId: string, text: Comparable, near: readonly NearContact[]): Promise<string | undefined> {
  const alike = near.filter((other) => other.sameParty !== 'same' && other.contactId !== contactId && sameLetter(text, other.text)).map((other) => other.contactId)
  if (alike.length === 0) return campaignOf(db, contactId)
  const [earliest, ...later] = await campaignsOf(db, [contactId, ...alike])
  const campaign = earliest ?? await makeCampaign(db)
  await sql`
    update campaigns set merged_into = ${campaign}, merged_why = 'a letter holds the wording of both', merged_at = clock_timestamp()
    where id = any(${later}::uuid[]) and split_at is null`.execute(db)
  await sql`
    insert into campaign_members (contact_id, campaign_id, joined_by, joined_why)
    select contact_id, ${campaign}, ${MADE_BY}, 'the same letter from different people' from unnest(${[contactId, ...alike]}::uuid[]) as contact_id
    order by contact_id on conflict (contact_id) do nothing`.execute(db)
  return campaignOf(db, contactId)
}

/** The campaign a contact is in now, after merges; undefined where none or taken out. */
export async function campaignOf(db: Kysely<unknown>, contactId: string): Promise<string | undefined> {
  return (await campaignsOf(db, [contactId]))[0]
}

/** Contacts of a campaign and of those merged into it, in order of joining. @param limit a page's worth */
export async function membersOf(db: Kysely<unknown>, campaignId: string, limit: number, after = 0): Promise<string[]> {
  const { rows } = await sql<{ contact_id: string }>`
    with recursive parts as (select ${campaignId}::uuid as id union select c.id from campaigns c join parts on c.merged_into = parts.id)
    select contact_id from campaign_members join parts on campaign_id = parts.id where left_at is null
    order by joined_at, contact_id limit ${limit} offset ${after}`.execute(db)
  return rows.map((row) => row.contact_id)
}

/** How many contacts a campaign counts. */
export async function countMembers(db: Kysely<unknown>, campaignId: string): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    with recursive parts as (select ${campaignId}::uuid as id union select c.id from campaigns c join parts on c.merged_into = parts.id)
    select count(*) from campaign_members join parts on campaign_id = parts.id where left_at is null`.execute(db)
  return Number(rows[0]?.count ?? 0)
}

/** A person takes a contact out; it is not put back by machine. @returns false where it was in none */
export async function leaveCampaign(db: Kysely<unknown>, contactId: string, by: string, why: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update campaign_members set left_at = clock_timestamp(), left_by = ${by}, left_why = ${why} where contact_id = ${contactId} and left_at is null`.execute(db)
  return numAffectedRows === 1n
}

/** A person undoes a merge: both campaigns stand as before, and no machine merges this one again. @returns false where it was not merged */
export async function splitCampaign(db: Kysely<unknown>, mergedId: string, by: string, why: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update campaigns set merged_into = null, merged_why = null, merged_at = null, split_by = ${by}, split_why = ${why}, split_at = clock_timestamp()
    where id = ${mergedId} and merged_into is not null`.execute(db)
  return numAffectedRows === 1n
}

async function makeCampaign(db: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ id: string }>`insert into campaigns default values returning id`.execute(db)
  return (rows[0] as { id: string }).id
}

// The campaigns that contacts are in now, earliest made first: merges are followed to their end.
async function campaignsOf(db: Kysely<unknown>, contactIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive ways as (
      select c.id, c.merged_into, c.made_at from campaign_members m join campaigns c on c.id = m.campaign_id
      where m.contact_id = any(${contactIds}::uuid[]) and m.left_at is null
      union select c.id, c.merged_into, c.made_at from campaigns c join ways on c.id = ways.merged_into)
    select id from ways where merged_into is null order by made_at, id`.execute(db)
  return rows.map((row) => row.id)
}
