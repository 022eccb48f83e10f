/**
 * Campaigns as staff read them: the shared wording once, and each person's own words. Nothing here
 * changes anything.
 */
import { sql } from 'kysely'
import { FILED } from '../line/answered.ts'
import type { Db } from '../../platform/db/database.ts'
import type { CaseState } from '../line/tables.ts'
import { comparable } from '../duplicates/comparable.ts'
import { ownText } from '../duplicates/texts.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { ownWords, SAMPLE, sharedWording, type Range } from './highlight.ts'
import { countMembers, membersOf } from './store.ts'

export interface CampaignSummary {
  readonly campaignId: string
  readonly members: number
  /** Its cases that wait in a line. */
  readonly waiting: number
  readonly departments: readonly string[]
  readonly firstArrival: Date
  readonly lastArrival: Date
  /** Of its earliest letter; undefined where that has none. */
  readonly subject: string | undefined
  /** How its earliest letter begins. */
  readonly excerpt: string
}

const EXCERPT = 240

/**
 * Campaigns, latest letter first, and how many in all. With `departments`: only those with a case
 * in one of them.
 */
export async function listCampaigns(
  db: Db,
  {
    limit = 50,
    offset = 0,
    departments
  }: { limit?: number; offset?: number; departments?: readonly string[] } = {}
): Promise<{ total: number; campaigns: CampaignSummary[] }> {
  const { rows } = await sql<
    Omit<CampaignSummary, 'subject'> & { subject: string | null; total: string; first: string }
  >`
    with recursive parts as (
      select id as root, id from campaigns where merged_into is null union all
        select parts.root, c.id from campaigns c join parts on c.merged_into = parts.id
    ), summed as (
      select root as "campaignId", count(*)::int as members,
        count(*) filter (where cases.state = 'waiting')::int as waiting,
        array_agg(distinct cases.department) filter (where cases.department is not null) as
        departments,
        min(contacts.arrived_at) as "firstArrival", max(contacts.arrived_at) as "lastArrival",
          (array_agg(contacts.id order by contacts.arrived_at, contacts.ordinal))[1] as first
      from parts join campaign_members m on m.campaign_id = parts.id and m.left_at is null
        join contacts on contacts.id = m.contact_id left join cases on cases.id = contacts.case_id
      group by root having count(*) > 1
    )
    select count(*) over () as total, summed.*, contacts.envelope ->> 'subject' as subject,
      left(contacts.envelope ->> 'text', ${EXCERPT}) as excerpt from summed join contacts on contacts.id = summed.first
    where ${departments ? sql`summed.departments && ${departments}::text[]` : sql`true`}
    order by "lastArrival" desc, "campaignId" limit ${limit} offset ${offset}`.execute(db)
  return {
    total: Number(rows[0]?.total ?? 0),
    campaigns: rows.map(({ total: _total, first: _first, ...row }) => ({
      ...row,
      subject: row.subject ?? undefined,
      departments: row.departments ?? []
    }))
  }
}

/** Whether a campaign has a letter whose case is now in one of these departments. */
export async function concerns(
  db: Db,
  campaignId: string,
  departments: readonly string[]
): Promise<boolean> {
  if (!isId(campaignId)) return false
  const { rows } = await sql`
    with recursive parts as (select ${campaignId}::uuid as id union select c.id from campaigns c
      join parts on c.merged_into = parts.id)
    select from parts join campaign_members m on m.campaign_id = parts.id and m.left_at is null
      join contacts on contacts.id = m.contact_id join cases on cases.id = contacts.case_id
    where cases.department = any(${departments}::text[]) limit 1`.execute(db)
  return rows.length > 0
}

export interface CampaignMember {
  readonly contactId: string
  readonly receipt: string
  readonly name: string | undefined
  readonly channel: string
  readonly arrivedAt: Date
  readonly caseId: string | undefined
  readonly department: string | undefined
  readonly state: CaseState | undefined
  readonly text: string
  /** The parts of `text` that are this person's own, in UTF-16 units. */
  readonly own: readonly Range[]
}

/** A campaign that a machine merged into another, where its letters are counted. */
export interface MergedPart {
  readonly campaignId: string
  readonly members: number
  readonly why: string
  readonly at: Date
  /** How its earliest letter begins. */
  readonly excerpt: string
}

export interface CampaignView {
  readonly campaignId: string
  readonly members: number
  /** The wording that at least half of the letters share, as the earliest has it. */
  readonly sharedText: string
  readonly letters: readonly CampaignMember[]
  readonly merged: readonly MergedPart[]
  readonly answers: readonly {
    readonly answerId: string
    readonly text: string
    readonly by: string
    readonly at: Date
    readonly sent: number
    /** Written to files, as nothing is set up to send them. */
    readonly filed: number
    readonly waiting: number
    readonly notSent: number
  }[]
}

/** One page of a campaign's letters, in order of joining. @throws NOT_FOUND */
export async function viewCampaign(
  db: Db,
  campaignId: string,
  { limit = 50, offset = 0 }: { limit?: number; offset?: number } = {}
): Promise<CampaignView> {
  const members = isId(campaignId) ? await countMembers(db, campaignId) : 0
  if (members === 0) throw new EvenhandError('NOT_FOUND')
  const sample = await readLetters(db, await membersOf(db, campaignId, SAMPLE))
  const shared = sharedWording(sample.map(({ text }) => ({ text, folded: comparable(text) })))
  const letters = await readLetters(db, await membersOf(db, campaignId, limit, offset))
  return {
    campaignId,
    members,
    sharedText: shared.text,
    answers: await answersOf(db, campaignId),
    merged: await mergedInto(db, campaignId),
    letters: letters.map((letter) => ({
      ...letter,
      own: ownWords(letter.text, comparable(letter.text), shared)
    }))
  }
}

async function readLetters(
  db: Db,
  contactIds: readonly string[]
): Promise<Omit<CampaignMember, 'own'>[]> {
  const { rows } = await sql<
    Record<'contactId' | 'receipt' | 'channel' | 'text' | 'subject', string> & {
      name: string | null
      arrivedAt: Date
      caseId: string | null
      department: string | null
      state: CaseState | null
    }
  >`
    select contacts.id as "contactId", contacts.receipt, contacts.channel,
      contacts.arrived_at as "arrivedAt", contacts.case_id as "caseId", cases.department,
      cases.state,
      contacts.envelope -> 'sender' ->> 'name' as name, coalesce(contacts.envelope ->> 'newText',
        contacts.envelope ->> 'text', '') as text, coalesce(contacts.envelope ->> 'subject', '') as
          subject
    from unnest(${contactIds}::uuid[]) with ordinality as wanted (id, n)
      join contacts on contacts.id = wanted.id left join cases on cases.id = contacts.case_id
      order by wanted.n`.execute(db)
  return rows.map(({ subject, ...row }) => ({
    ...row,
    text: ownText(row.text, subject),
    name: row.name ?? undefined,
    caseId: row.caseId ?? undefined,
    department: row.department ?? undefined,
    state: row.state ?? undefined
  }))
}

/** Most parts shown; nobody separates more one by one. */
const PARTS_SHOWN = 100

/**
 * The campaigns merged into it, latest first, each with the letters it would have after a split.
 */
async function mergedInto(db: Db, campaignId: string): Promise<MergedPart[]> {
  const { rows } = await sql<Omit<MergedPart, 'members'>>`
    with recursive parts as (
      select id, merged_why, merged_at from campaigns where merged_into = ${campaignId} union all
        select c.id, c.merged_why, c.merged_at from campaigns c
        join parts on c.merged_into = parts.id
    )
    select parts.id as "campaignId", merged_why as why, merged_at as at, coalesce(first.excerpt,
      '') as excerpt
    from parts left join lateral (
      select left(contacts.envelope ->> 'text', ${EXCERPT}) as excerpt from campaign_members m
        join contacts on contacts.id = m.contact_id
      where m.campaign_id = parts.id and m.left_at is null
        order by contacts.arrived_at, contacts.ordinal limit 1
    ) as first on true
    order by merged_at desc, parts.id limit ${PARTS_SHOWN}`.execute(db)
  const merged: MergedPart[] = []
  for (const row of rows) merged.push({ ...row, members: await countMembers(db, row.campaignId) })
  return merged
}

async function answersOf(db: Db, campaignId: string): Promise<CampaignView['answers']> {
  const { rows } = await sql<CampaignView['answers'][number]>`
    select answers.id as "answerId", text, written_by as by, written_at as at,
      count(*) filter (where outbound.state = 'sent'
        and outbound.delivery is distinct from ${FILED})::int as sent,
      count(*) filter (where outbound.delivery = ${FILED})::int as filed,
      count(*) filter (where outbound.state = 'waiting')::int as waiting,
        count(*) filter (where outbound.state in ('undeliverable', 'failed'))::int as "notSent"
    from answers left join outbound on outbound.kind = 'answer:' || answers.id
      where campaign_id = ${campaignId} group by answers.id order by written_at`.execute(db)
  return rows
}

/** The campaigns of a case's contacts, each with its size, for the page of the case. */
export async function campaignsOfCase(
  db: Db,
  caseId: string
): Promise<{ campaignId: string; members: number }[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive ways as (
      select c.id, c.merged_into from case_contacts own
        join campaign_members m on m.contact_id = own.contact_id and m.left_at is null
        join campaigns c on c.id = m.campaign_id
      where own.case_id = ${caseId}
      union select c.id, c.merged_into from campaigns c join ways on c.id = ways.merged_into
    ) select id from ways where merged_into is null`.execute(db)
  const campaigns = []
  for (const { id } of rows) campaigns.push({ campaignId: id, members: await countMembers(db, id) })
  return campaigns.filter(({ members }) => members > 1)
}
