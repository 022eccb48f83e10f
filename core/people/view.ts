/** What staff may see of constituents: values with their source and time, and every contact with why it is linked. */
import { sql } from 'kysely'
import { anyTables, type Db } from '../db/database.ts'
import type { CaseState } from '../db/tables.ts'
import { EvenhandError } from '../errors.ts'
import { candidateRows } from '../matching/candidates.ts'
import type { Bar } from '../matching/model.ts'
import { indexKeys } from '../matching/protect.ts'
import type { Means, Mention } from './recognise.ts'
import { personOf } from './sender.ts'

export interface ShownValue {
  readonly value: string
  /** A register's file, or `contact:<id>`. */
  readonly source: string
  readonly seenAt: Date
}

export interface ShownConstituent {
  readonly constituentId: string
  readonly kind: 'person' | 'organisation'
  /** True where only keyed hashes are kept (privacy mode): there is nothing to show but its contacts. */
  readonly hashed: boolean
  readonly names: readonly ShownValue[]
  readonly emails: readonly ShownValue[]
  readonly phones: readonly ShownValue[]
  readonly addresses: readonly ShownValue[]
}

export interface PersonLink {
  readonly linkId: string
  readonly contactId: string
  readonly role: Mention['role']
  readonly verdict: 'linked' | 'possible' | 'new'
  readonly bits: number | undefined
  /** Bar by bar, prior first; their sum is `bits`. */
  readonly waterfall: readonly Bar[]
  /** `machine`, or the member of staff. */
  readonly by: string
  readonly at: Date
  readonly reason: string
}

export interface ConstituentView extends ShownConstituent {
  readonly merges: readonly { readonly mergeId: string; readonly gone: string; readonly by: string; readonly at: Date; readonly reason: string }[]
  readonly contacts: readonly (PersonLink & { readonly receipt: string; readonly channel: string; readonly arrivedAt: Date; readonly caseId: string | undefined; readonly department: string | undefined; readonly state: CaseState | undefined })[]
}

const ID = /^[1-9]\d{0,17}$/

/** Who it is now: the constituent that a merged one points to. @throws CONSTITUENT_UNKNOWN */
export async function rootOf(db: Db, constituentId: string): Promise<string> {
  const { rows } = ID.test(constituentId) ? await sql<{ root: string }>`select coalesce(merged_into, id)::text as root from constituents where id = ${constituentId}`.execute(db) : { rows: [] }
  if (!rows[0]) throw new EvenhandError('CONSTITUENT_UNKNOWN')
  return rows[0].root
}

const CONTACTS_SHOWN = 100

/** A constituent with everything merged into it, newest contacts first. @throws CONSTITUENT_UNKNOWN */
export async function constituentView(db: Db, constituentId: string): Promise<ConstituentView> {
  const root = await rootOf(db, constituentId)
  const [shown] = await showConstituents(db, [root])
  const { rows: merges } = await sql<ConstituentView['merges'][number]>`
    select id::text as "mergeId", gone::text, merged_by as by, merged_at as at, reason from constituent_merges
    where unmerged_at is null and gone in (select id from constituents where merged_into = ${root}) order by id`.execute(db)
  const { rows: contacts } = await sql<LinkRow & { receipt: string; channel: string; arrivedAt: Date; caseId: string | null; department: string | null; state: CaseState | null }>`
    select link.id::text as "linkId", link.contact_id as "contactId", link.role, link.verdict, link.bits, link.waterfall, link.linked_by as by, link.linked_at as at, link.reason,
      contacts.receipt, contacts.channel, contacts.arrived_at as "arrivedAt", contacts.case_id as "caseId", cases.department, cases.state
    from constituent_links link join contacts on contacts.id = link.contact_id left join cases on cases.id = contacts.case_id
    where link.unlinked_at is null and link.constituent_id in (select id from constituents where id = ${root} or merged_into = ${root})
    order by contacts.arrived_at desc, contacts.ordinal desc limit ${CONTACTS_SHOWN}`.execute(db)
  return { ...shown!, merges, contacts: contacts.map((row) => ({ ...row, bits: row.bits ?? undefined, caseId: row.caseId ?? undefined, department: row.department ?? undefined, state: row.state ?? undefined })) }
}

type LinkRow = Omit<PersonLink, 'bits'> & { readonly bits: number | null }

/** Constituents as they may be shown, each with the values of those merged into it; unknown ids are left out. */
export async function showConstituents(db: Db, roots: readonly string[]): Promise<ShownConstituent[]> {
  if (roots.length === 0) return []
  const { rows } = await sql<ShownConstituent & { id: string }>`
    select c.id::text as "constituentId", c.kind, c.hashed, ${values('constituent_names')} as names, ${values('constituent_emails')} as emails,
      ${values('constituent_phones')} as phones, ${values('constituent_addresses')} as addresses
    from unnest(${roots}::bigint[]) with ordinality as wanted (id, n) join constituents c on c.id = wanted.id order by wanted.n`.execute(db)
  return rows.map((row) => ({ ...row, names: timed(row.names), emails: timed(row.emails), phones: timed(row.phones), addresses: timed(row.addresses) }))
}

// JSON has no times.
function timed(list: readonly ShownValue[]): ShownValue[] {
  return list.map((value) => ({ ...value, seenAt: new Date(value.seenAt) }))
}

function values(table: string) {
  return sql`(select coalesce(jsonb_agg(jsonb_build_object('value', value, 'source', source, 'seenAt', seen_at) order by seen_at, value), '[]')
    from ${sql.table(table)} where constituent_id in (select id from constituents part where part.id = c.id or part.merged_into = c.id))`
}

/** Who a contact's sender and parties are taken to be, with everything that speaks for it: for the page of its case. */
export async function peopleOf(db: Db, contactIds: readonly string[]): Promise<(PersonLink & { readonly constituent: ShownConstituent })[]> {
  const { rows } = await sql<LinkRow & { root: string }>`
    select link.id::text as "linkId", contact_id as "contactId", role, verdict, bits, waterfall, linked_by as by, linked_at as at, reason, coalesce(c.merged_into, c.id)::text as root
    from constituent_links link join constituents c on c.id = link.constituent_id
    where contact_id = any(${contactIds}::uuid[]) and unlinked_at is null order by link.id limit 200`.execute(db)
  const shown = new Map((await showConstituents(db, [...new Set(rows.map(({ root }) => root))])).map((one) => [one.constituentId, one]))
  return rows.map(({ root, ...row }) => ({ ...row, bits: row.bits ?? undefined, constituent: shown.get(root)! }))
}

const FOUND = 20

/** Constituents that a typed name, mail address, phone or number may mean: for choosing whom to merge. At most 20. */
export async function findConstituents(db: Db, means: Pick<Means, 'protection' | 'country'>, typed: string): Promise<ShownConstituent[]> {
  const text = typed.trim().slice(0, 200)
  const known = ID.test(text) ? await rootOf(db, text).catch(() => undefined) : undefined
  const given = { emails: text.includes('@') ? [text] : [], phones: /^[\d\s()+.-]{7,}$/.test(text) ? [text] : [], addresses: [], name: text }
  const [rows] = await candidateRows(anyTables(db), [indexKeys(personOf(given, means.country), means.protection)])
  return showConstituents(db, [...new Set([...known ? [known] : [], ...rows!.map(({ root }) => String(root))])].slice(0, FOUND))
}
