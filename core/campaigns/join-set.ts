/**
 * Groups a whole set of contacts at once: the same letter from different people, at little cost
 * each even for thousands.
 */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Comparable } from '../duplicates/comparable.ts'
import type { SameParty } from '../duplicates/judge.ts'
import { sameLetter } from './overlap.ts'
import type { Db } from '../../platform/db/database.ts'

export interface Letter {
  readonly contactId: string
  readonly text: Comparable
  /** Contacts near it, most similar first. */
  readonly near: readonly {
    readonly contactId: string
    readonly sameParty: SameParty
    readonly text: Comparable
  }[]
}

/**
 * Least number of strangers with the same letter to begin a campaign: a single one may be the
 * sender writing again.
 */
const STRANGERS = 2

/**
 * Puts each letter together with similar ones of other people. Returns the campaign of each contact
 * that is in one now.
 */
export async function joinCampaigns(
  db: Db,
  letters: readonly Letter[]
): Promise<Map<string, string>> {
  const withOthers = letters
    .map((letter) => ({
      ...letter,
      near: letter.near.filter(
        ({ sameParty }) => sameParty === 'different' || sameParty === 'unknown'
      )
    }))
    .filter(({ near }) => near.length > 0)
  if (withOthers.length === 0) return new Map()
  const plan = new Plan(
    await membership(
      db,
      withOthers.flatMap(({ contactId, near }) => [
        contactId,
        ...near.map((other) => other.contactId)
      ])
    )
  )
  for (const letter of withOthers) plan.place(letter)
  await plan.write(db)
  return plan.campaigns(letters)
}

interface Member {
  readonly campaign: string
  readonly madeAt: string
}

class Plan {
  readonly #members: Map<string, Member>
  readonly #made: string[] = []
  readonly #merges: [gone: string, kept: string][] = []
  readonly #joined: [contactId: string, campaign: string][] = []

  constructor(members: Map<string, Member>) {
    this.#members = members
  }

  place({ contactId, text, near }: Letter): void {
    const alike = this.#alike(text, near)
    if (
      !alike.some(({ sameParty }) => sameParty === 'different') &&
      !alike.some((one) => this.#members.has(one.contactId)) &&
      alike.length < STRANGERS
    )
      return
    const ids = [contactId, ...alike.map((one) => one.contactId)]
    const known = [
      ...new Map(
        ids.flatMap((id) => this.#members.get(id) ?? []).map((member) => [member.campaign, member])
      ).values()
    ].sort((a, b) => (a.madeAt < b.madeAt ? -1 : 1))
    const kept = known[0] ?? this.#make()
    for (const { campaign } of known.slice(1)) this.#merge(campaign, kept)
    for (const id of ids) if (!this.#members.has(id)) this.#join(id, kept)
  }

  // One letter represents its campaign: others of the same campaign are not compared again.
  #alike(text: Comparable, near: Letter['near']): Letter['near'] {
    const found: Letter['near'][number][] = []
    const seen = new Set<string>()
    for (const other of near) {
      const campaign = this.#members.get(other.contactId)?.campaign
      if ((campaign && seen.has(campaign)) || !sameLetter(text, other.text)) continue
      if (campaign) seen.add(campaign)
      found.push(other)
    }
    return found
  }

  #make(): Member {
    const campaign = randomUUID()
    this.#made.push(campaign)
    // Sorts after every stored time.
    return { campaign, madeAt: `9999 ${String(this.#made.length).padStart(6, '0')}` }
  }

  #merge(gone: string, kept: Member): void {
    this.#merges.push([gone, kept.campaign])
    for (const [id, member] of this.#members)
      if (member.campaign === gone) this.#members.set(id, kept)
  }

  #join(contactId: string, member: Member): void {
    this.#members.set(contactId, member)
    this.#joined.push([contactId, member.campaign])
  }

  async write(db: Db): Promise<void> {
    if (this.#made.length > 0)
      await sql`insert into campaigns (id) select unnest(${this.#made}::uuid[])`.execute(db)
    for (const [gone, kept] of this.#merges) {
      await sql`
        update campaigns set merged_into = ${kept},
          merged_why = 'a letter holds the wording of both', merged_at = clock_timestamp()
        where id = ${gone} and merged_into is null and split_at is null`.execute(db)
    }
    if (this.#joined.length === 0) return
    await sql`
      insert into campaign_members (contact_id, campaign_id, joined_by, joined_why)
      select contact_id, campaign_id, 'campaigns', 'the same letter from different people'
      from unnest(${this.#joined.map(([id]) => id)}::uuid[],
        ${this.#joined.map(([, campaign]) => campaign)}::uuid[]) as given (contact_id, campaign_id)
        order by contact_id
      on conflict (contact_id) do nothing`.execute(db)
  }

  campaigns(letters: readonly Letter[]): Map<string, string> {
    return new Map(
      letters.flatMap(({ contactId }) =>
        this.#members.has(contactId)
          ? [[contactId, this.#members.get(contactId)!.campaign] as const]
          : []
      )
    )
  }
}

/** The present campaigns of contacts, with merges followed. */
async function membership(db: Db, contactIds: readonly string[]): Promise<Map<string, Member>> {
  const { rows } = await sql<{ contact_id: string; id: string; made_at: string }>`
    with recursive ways as (
      select m.contact_id, c.id, c.merged_into, c.made_at from campaign_members m
        join campaigns c on c.id = m.campaign_id
      where m.contact_id = any(${[...new Set(contactIds)]}::uuid[]) and m.left_at is null
      union select ways.contact_id, c.id, c.merged_into, c.made_at from campaigns c
        join ways on c.id = ways.merged_into)
    select contact_id, id, made_at::text from ways where merged_into is null`.execute(db)
  return new Map(rows.map((row) => [row.contact_id, { campaign: row.id, madeAt: row.made_at }]))
}
