/**
 * Writes what was recognised for a whole set at once: new constituents, new values of known ones,
 * and links.
 */
import type { Protection } from '../matching/protect.ts'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { WaterfallBar } from '../matching/model.ts'
import { noPerson, type Person } from '../matching/person.ts'
import { shownTables } from '../matching/register.ts'
import type { MatchContext, Mention } from './mention.ts'
import { linkReason, possibleReason, POSSIBLE_SHOWN, SOLE, type Recognition } from './trail-step.ts'

export const MACHINE = 'machine'
/** The source under which values from a contact are stored, and with which they are removed. */
export function sourceOf(contactId: string): string {
  return `contact:${contactId}`
}

/** Ids for constituents that may be made. Unused ones are never used again. */
export async function drawIds(trx: Db, count: number): Promise<string[]> {
  if (count === 0) return []
  const { rows } = await sql<{
    id: string
  }>`select nextval(pg_get_serial_sequence('constituents', 'id'))::text as id
      from generate_series(1, ${count}::int)`.execute(trx)
  return rows.map(({ id }) => id)
}

/** Returns the keys by which people can now be found who could not before. */
export async function writeRecognised(
  trx: Db,
  recognitions: readonly Recognition[],
  { protection }: Pick<MatchContext, 'protection'>
): Promise<bigint[]> {
  const made = recognitions.flatMap(({ mention, madeId }) =>
    madeId ? [{ id: madeId, mention, root: undefined }] : []
  )
  await writeConstituents(trx, made, protection.kind)
  const learnt = await writeLearnt(trx, recognitions, { protection })
  await writeLinks(trx, recognitions.flatMap(linksOf))
  return [...made.flatMap(({ mention: { keys } }) => [...keys]), ...learnt]
}

/** Writes what linked contacts say beyond what is known. Returns its keys. */
export async function writeLearnt(
  trx: Db,
  recognitions: readonly Recognition[],
  { protection }: Pick<MatchContext, 'protection'>
): Promise<bigint[]> {
  const learnt = await learn(trx, recognitions)
  await writeConstituents(trx, learnt, protection.kind)
  await writeMerges(trx, learnt)
  return learnt.flatMap(({ mention: { keys } }) => [...keys])
}

/** A constituent to be written. With a root it is a further part of a known one. */
export interface Made {
  readonly id: string
  readonly mention: Pick<Mention, 'contactId' | 'person' | 'shown' | 'keys'>
  readonly root: string | undefined
}

/**
 * Parts that a machine may give one constituent. With more addresses than that it is a household or
 * an office.
 */
const PARTS = 20

/**
 * What a surely linked contact says beyond what is known (a new phone, another address) becomes a
 * part of its own, merged into the constituent. So the constituent is found by the new value, and
 * undoing the merge removes exactly that value.
 */
async function learn(trx: Db, recognitions: readonly Recognition[]): Promise<Made[]> {
  const linked = recognitions.flatMap(({ mention, verdict }) =>
    verdict.kind === 'linked' && !verdict.single
      ? [{ mention, root: verdict.candidate.constituentId }]
      : []
  )
  if (linked.length === 0) return []
  const parts = await partsOf(
    trx,
    linked.map(({ root }) => root)
  )
  const news = linked.filter(({ mention, root }) => {
    const known = parts.get(root) ?? []
    const says = reachableBy(mention.person).filter(
      (value) => !known.some((part) => reachableBy(part).includes(value))
    )
    if (says.length === 0 || known.length === 0 || known.length >= PARTS) return false
    parts.set(root, [...known, mention.person])
    return true
  })
  const ids = await drawIds(trx, news.length)
  return news.map((one, index) => ({ ...one, id: ids[index]! }))
}

async function partsOf(trx: Db, roots: readonly string[]): Promise<Map<string, Person[]>> {
  const { rows } = await sql<{ root: string; comparable: Person }>`
    select coalesce(merged_into, id)::text as root, comparable from constituents
      where id = any(${roots}::bigint[]) or merged_into = any(${roots}::bigint[])`.execute(trx)
  const parts = new Map<string, Person[]>()
  for (const { root, comparable } of rows) parts.set(root, [...(parts.get(root) ?? []), comparable])
  return parts
}

function reachableBy({ emails, phones, addresses }: Person): string[] {
  return [
    ...emails,
    ...phones,
    ...addresses
      .filter(({ number, street }) => number && street)
      .map(({ number, street, unit }) => `${number} ${street} ${unit}`)
  ]
}

export async function writeConstituents(
  trx: Db,
  made: readonly Made[],
  protection: Protection['kind']
): Promise<void> {
  if (made.length === 0) return
  const column = <T>(pick: (one: Made) => T) => made.map(pick)
  await sql`
    with given as (
      select * from unnest(${column(({ id }) => id)}::bigint[],
        ${column(({ root }) => root ?? null)}::bigint[],
        ${column(({ mention }) => kindOf(mention.person))}::text[],
        ${column(({ mention }) => JSON.stringify(mention.person))}::jsonb[],
          ${column(({ mention }) => `{${mention.keys.join()}}`)}::text[],
          ${column(({ mention }) => mention.contactId)}::uuid[])
        as g (id, root, kind, comparable, keys, made_from)
    ), made as (
      insert into constituents (id, merged_into, kind, comparable, keys, hashed,
        made_from) overriding system value
      select id, root, kind, comparable, keys::bigint[], ${protection === 'hashed'}, made_from
        from given
    )
    insert into constituent_keys (key, constituent_id) select key, id
      from given, unnest(keys::bigint[]) as key order by 1, 2`.execute(trx)
  if (protection === 'plain') await writeShown(trx, made)
}

/** Replaces a constituent's values by what its contact says now. */
export async function rewriteConstituent(
  trx: Db,
  id: string,
  mention: Made['mention'],
  protection: Protection['kind']
): Promise<void> {
  await withdrawConstituent(trx, id)
  await sql`
    update constituents set kind = ${kindOf(mention.person)},
      comparable = ${JSON.stringify(mention.person)}::jsonb,
      keys = ${mention.keys.map(String)}::bigint[], hashed = ${protection === 'hashed'}, updated_at
        = now()
    where id = ${id}`.execute(trx)
  await sql`insert into constituent_keys (key, constituent_id) select key, ${id}
      from unnest(${mention.keys.map(String)}::bigint[]) as key order by 1
      on conflict do nothing`.execute(trx)
  if (protection === 'plain') await writeShown(trx, [{ id, mention, root: undefined }])
}

/**
 * Empties a constituent that stands for nobody any more. It is no longer found, but its links still
 * show what was.
 */
export async function withdrawConstituent(trx: Db, id: string): Promise<void> {
  await sql`
    with emptied as (select id, keys from constituents where id = ${id}), dropped as (
      delete from constituent_keys held using emptied where held.key = any(emptied.keys)
        and held.constituent_id = emptied.id
    ) update constituents set keys = '{}', comparable = ${JSON.stringify(noPerson)}::jsonb,
      updated_at = now() where id = ${id}`.execute(trx)
  for (const table of Object.values(shownTables))
    await sql`delete from ${sql.table(table)} where constituent_id = ${id}`.execute(trx)
}

async function writeShown(trx: Db, made: readonly Made[]): Promise<void> {
  for (const [field, table] of Object.entries(shownTables) as [
    keyof typeof shownTables,
    string
  ][]) {
    const rows = made.flatMap(({ id, mention }) =>
      mention.shown[field].map((value) => ({ id, value, source: sourceOf(mention.contactId) }))
    )
    if (rows.length === 0) continue
    await sql`
      insert into ${sql.table(table)} (constituent_id, value, source)
      select * from unnest(${rows.map(({ id }) => id)}::bigint[],
        ${rows.map(({ value }) => value)}::text[], ${rows.map(({ source }) => source)}::text[])
        on conflict do nothing`.execute(trx)
  }
}

async function writeMerges(trx: Db, learnt: readonly Made[]): Promise<void> {
  if (learnt.length === 0) return
  await sql`
    insert into constituent_merges (kept, gone, merged_by, reason)
    select kept, gone, ${MACHINE}, 'further values of a contact that was linked'
      from unnest(${learnt.map(({ root }) => root!)}::bigint[],
      ${learnt.map(({ id }) => id)}::bigint[]) as given (kept, gone)`.execute(trx)
}

interface Link {
  readonly contactId: string
  readonly constituentId: string
  readonly role: Mention['role']
  readonly verdict: 'linked' | 'possible' | 'new'
  readonly bits: number | null
  readonly waterfall: readonly WaterfallBar[]
  readonly reason: string
  readonly single?: boolean
}

function linksOf({ mention: { contactId, role }, verdict, madeId }: Recognition): Link[] {
  if (verdict.kind === 'anonymous') return []
  if (verdict.kind === 'new')
    return [
      {
        contactId,
        role,
        constituentId: madeId!,
        verdict: 'new',
        bits: null,
        waterfall: [],
        reason: 'nobody on record fits'
      }
    ]
  if (verdict.kind === 'linked') {
    const { constituentId, bits, waterfall } = verdict.candidate
    return [
      {
        contactId,
        role,
        constituentId,
        verdict: 'linked',
        bits,
        waterfall,
        reason: verdict.single ? SOLE : linkReason(verdict.candidate),
        single: verdict.single ?? false
      }
    ]
  }
  return verdict.candidates
    .slice(0, POSSIBLE_SHOWN)
    .map(({ constituentId, bits, waterfall, held }) => ({
      contactId,
      role,
      constituentId,
      verdict: 'possible',
      bits,
      waterfall,
      reason: held ?? possibleReason(verdict.candidates)
    }))
}

async function writeLinks(trx: Db, links: readonly Link[]): Promise<void> {
  if (links.length === 0) return
  const column = <T>(pick: (link: Link) => T) => links.map(pick)
  await sql`
    insert into constituent_links (contact_id, constituent_id, role, verdict, bits, waterfall,
      linked_by, reason, single)
    select contact_id, constituent_id, role, verdict, bits, waterfall, ${MACHINE}, reason, single
      from unnest(
      ${column(({ contactId }) => contactId)}::uuid[],
        ${column(({ constituentId }) => constituentId)}::bigint[],
        ${column(({ role }) => role)}::text[], ${column(({ verdict }) => verdict)}::text[],
      ${column(({ bits }) => bits)}::real[],
        ${column(({ waterfall }) => JSON.stringify(waterfall))}::jsonb[],
        ${column(({ reason }) => reason)}::text[],
        ${column(({ single }) => single ?? false)}::boolean[]
    ) as given (contact_id, constituent_id, role, verdict, bits, waterfall, reason, single)
    on conflict do nothing`.execute(trx)
}

export function kindOf(person: Pick<Person, 'names' | 'organisations'>): 'person' | 'organisation' {
  return person.names.length === 0 && person.organisations.length > 0 ? 'organisation' : 'person'
}
