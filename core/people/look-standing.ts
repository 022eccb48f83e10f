/**
 * The state of the people whom contacts name before a new look: live links, constituents made of
 * them, and people that staff have ruled out.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Person } from '../matching/person.ts'
import type { Which } from './mentions.ts'

export interface LiveLink {
  readonly id: string
  readonly verdict: 'linked' | 'possible' | 'new'
  /** The present constituent, with merges followed. */
  readonly root: string
}

/** A constituent, or a part of one, that was made from the contact. */
export interface Own {
  readonly id: string
  readonly root: string
  readonly comparable: Person
  /** True if other contacts are linked to it, or other parts are merged into it. */
  readonly used: boolean
}

export interface LinkStanding {
  readonly links: readonly LiveLink[]
  /** The constituent that a machine made of it, if the live link leads there. */
  readonly own: Own | undefined
  /** Further values that it added to another constituent. */
  readonly parts: readonly Own[]
  /** Constituents that a person said it is not. */
  readonly refused: ReadonlySet<string>
}

/** Returns the state by mention; three statements for all contacts. */
export async function readStanding(
  trx: Db,
  contactIds: readonly string[]
): Promise<(which: Which) => LinkStanding> {
  const links = Map.groupBy(
    await readLinks(trx, contactIds),
    ({ contactId, role }) => `${contactId} ${role}`
  )
  const made = Map.groupBy(await readOwn(trx, contactIds), ({ contactId }) => contactId)
  const refused = Map.groupBy(
    await readRefused(trx, contactIds),
    ({ contactId, role }) => `${contactId} ${role}`
  )
  return ({ contactId, role }) => {
    const live = links.get(`${contactId} ${role}`) ?? []
    const all = made.get(contactId) ?? []
    const own = all.find(
      ({ id, root }) =>
        id === root && live.some((link) => link.verdict === 'new' && link.constituent === id)
    )
    return {
      links: live,
      own,
      parts: all.filter((one) => one !== own && live.some(({ root }) => root === one.root)),
      refused: new Set((refused.get(`${contactId} ${role}`) ?? []).map(({ root }) => root))
    }
  }
}

type Of = Which & { readonly contactId: string }

async function readLinks(
  trx: Db,
  ids: readonly string[]
): Promise<(Of & LiveLink & { constituent: string })[]> {
  const { rows } = await sql<Of & LiveLink & { constituent: string }>`
    select link.id::text, contact_id as "contactId", role, verdict,
      constituent_id::text as constituent, coalesce(c.merged_into, c.id)::text as root
    from constituent_links link join constituents c on c.id = link.constituent_id
      where contact_id = any(${ids}::uuid[]) and unlinked_at is null order by link.id`.execute(trx)
  return rows
}

async function readOwn(trx: Db, ids: readonly string[]): Promise<(Own & { contactId: string })[]> {
  const { rows } = await sql<Own & { contactId: string }>`
    select id::text, coalesce(merged_into, id)::text as root, made_from as "contactId", comparable,
      exists (select from constituent_links other where other.constituent_id = c.id
        and other.unlinked_at is null and other.contact_id <> c.made_from)
        or exists (select from constituents part where part.merged_into = c.id
          and part.made_from is distinct from c.made_from) as used
    from constituents c where made_from = any(${ids}::uuid[]) order by id`.execute(trx)
  return rows
}

/** Links that a person ended, and merges of what was made of the contact that a person undid. */
async function readRefused(trx: Db, ids: readonly string[]): Promise<(Of & { root: string })[]> {
  const { rows } = await sql<Of & { root: string }>`
    select contact_id as "contactId", role, coalesce(c.merged_into, c.id)::text as root
      from constituent_links link join constituents c on c.id = link.constituent_id
    where contact_id = any(${ids}::uuid[]) and unlinked_at is not null and unlinked_by <> 'machine'
      and verdict in ('linked', 'new')
    union
    select made.made_from, roles.role, coalesce(other.merged_into, other.id)::text
      from constituents made
    join constituent_merges merge on merge.unmerged_at is not null
      and merge.unmerged_by <> 'machine' and (merge.gone = made.id or merge.kept = made.id)
    join constituents other on other.id = case when merge.gone = made.id then merge.kept
      else merge.gone end
    cross join (values ('sender'), ('subject'), ('representative')) as roles (role)
    where made.made_from = any(${ids}::uuid[]) and other.made_from is distinct
      from made.made_from`.execute(trx)
  return rows
}
