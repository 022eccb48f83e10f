/**
 * What staff may see of constituents: values with source and time, and every contact with the
 * reason why it is linked.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { CaseState } from '../line/tables.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { candidateRows } from '../matching/candidates.ts'
import type { WaterfallBar } from '../matching/model.ts'
import { indexKeys } from '../matching/protect.ts'
import type { MatchContext, Mention } from './mention.ts'
import { personOf } from './sender.ts'

export interface ShownValue {
  readonly value: string
  /** The register's file, or `contact:<id>`. */
  readonly source: string
  readonly seenAt: Date
}

export interface ShownConstituent {
  readonly constituentId: string
  readonly kind: 'person' | 'organisation'
  /** True if only keyed hashes are stored (privacy mode); then only its contacts can be shown. */
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
  /** One bar per field, prior first; their sum is `bits`. */
  readonly waterfall: readonly WaterfallBar[]
  /** `machine`, or the member of staff. */
  readonly by: string
  readonly at: Date
  readonly reason: string
}

export interface ConstituentView extends ShownConstituent {
  readonly merges: readonly {
    readonly mergeId: string
    readonly gone: string
    readonly by: string
    readonly at: Date
    readonly reason: string
  }[]
  readonly contacts: readonly (PersonLink & {
    readonly receipt: string
    readonly channel: string
    readonly arrivedAt: Date
    readonly caseId: string | undefined
    readonly department: string | undefined
    readonly state: CaseState | undefined
    readonly outcome: string | undefined
    /** Its subject, or else its first words. */
    readonly about: string
  })[]
}

const ID = /^[1-9]\d{0,17}$/

/** The present constituent: the one that a merged one points to. @throws CONSTITUENT_UNKNOWN */
export async function rootOf(db: Db, constituentId: string): Promise<string> {
  const { rows } = ID.test(constituentId)
    ? await sql<{
        root: string
      }>`select coalesce(merged_into, id)::text as root from constituents
          where id = ${constituentId}`.execute(db)
    : { rows: [] }
  if (!rows[0]) throw new EvenhandError('CONSTITUENT_UNKNOWN')
  return rows[0].root
}

const CONTACTS_SHOWN = 100
/** Characters of the first words of a contact without a subject. */
export const FIRST_WORDS = 120

/**
 * A constituent with everything that was merged into it, newest contacts first. @throws
 * CONSTITUENT_UNKNOWN
 */
export async function constituentView(db: Db, constituentId: string): Promise<ConstituentView> {
  const root = await rootOf(db, constituentId)
  const [shown] = await showConstituents(db, [root])
  const { rows: merges } = await sql<ConstituentView['merges'][number]>`
    select id::text as "mergeId", gone::text, merged_by as by, merged_at as at, reason
      from constituent_merges
    where unmerged_at is null and gone in (select id from constituents where merged_into = ${root})
      order by id`.execute(db)
  const { rows: contacts } = await sql<
    LinkRow & {
      receipt: string
      channel: string
      arrivedAt: Date
      caseId: string | null
      department: string | null
      state: CaseState | null
      outcome: string | null
      about: string | null
    }
  >`
    select link.id::text as "linkId", link.contact_id as "contactId", link.role, link.verdict,
      link.bits, link.waterfall, link.linked_by as by, link.linked_at as at, link.reason,
      contacts.receipt, contacts.channel, contacts.arrived_at as "arrivedAt",
        contacts.case_id as "caseId", cases.department, cases.state, cases.outcome,
      coalesce(nullif(contacts.envelope ->> 'subject', ''), left(contacts.envelope ->> 'text',
        ${FIRST_WORDS})) as about
    from constituent_links link join contacts on contacts.id = link.contact_id left
      join cases on cases.id = contacts.case_id
    where link.unlinked_at is null and link.constituent_id in (select id from constituents
      where id = ${root} or merged_into = ${root})
    order by contacts.arrived_at desc, contacts.ordinal desc limit ${CONTACTS_SHOWN}`.execute(db)
  return {
    ...shown!,
    merges,
    contacts: contacts.map((row) => ({
      ...row,
      bits: row.bits ?? undefined,
      caseId: row.caseId ?? undefined,
      department: row.department ?? undefined,
      state: row.state ?? undefined,
      outcome: row.outcome ?? undefined,
      about: row.about ?? ''
    }))
  }
}

type LinkRow = Omit<PersonLink, 'bits'> & { readonly bits: number | null }

/**
 * Constituents for showing, each with the values of those merged into it. Unknown ids are left out.
 */
export async function showConstituents(
  db: Db,
  roots: readonly string[]
): Promise<ShownConstituent[]> {
  if (roots.length === 0) return []
  const { rows } = await sql<ShownConstituent & { id: string }>`
    select c.id::text as "constituentId", c.kind, c.hashed,
      ${values('constituent_names')} as names, ${values('constituent_emails')} as emails,
      ${values('constituent_phones')} as phones, ${values('constituent_addresses')} as addresses
    from unnest(${roots}::bigint[]) with ordinality as wanted (id, n)
      join constituents c on c.id = wanted.id order by wanted.n`.execute(db)
  return rows.map((row) => ({
    ...row,
    names: timed(row.names),
    emails: timed(row.emails),
    phones: timed(row.phones),
    addresses: timed(row.addresses)
  }))
}

// JSON has no times, so they are converted back.
function timed(list: readonly ShownValue[]): ShownValue[] {
  return list.map((value) => ({ ...value, seenAt: new Date(value.seenAt) }))
}

function values(table: string) {
  return sql`(select coalesce(jsonb_agg(jsonb_build_object('value', value, 'source', source,
      'seenAt', seen_at) order by seen_at, value), '[]')
    from ${sql.table(table)} where constituent_id in (select id from constituents part
      where part.id = c.id or part.merged_into = c.id))`
}

/**
 * Who a contact's sender and parties are thought to be, with all the evidence, for the page of its
 * case.
 */
export async function peopleOf(
  db: Db,
  contactIds: readonly string[]
): Promise<(PersonLink & { readonly constituent: ShownConstituent })[]> {
  const { rows } = await sql<LinkRow & { root: string }>`
    select link.id::text as "linkId", contact_id as "contactId", role, verdict, bits, waterfall,
      linked_by as by, linked_at as at, reason, coalesce(c.merged_into, c.id)::text as root
    from constituent_links link join constituents c on c.id = link.constituent_id
    where contact_id = any(${contactIds}::uuid[]) and unlinked_at is null order by link.id
      limit 200`.execute(db)
  const shown = new Map(
    (await showConstituents(db, [...new Set(rows.map(({ root }) => root))])).map((one) => [
      one.constituentId,
      one
    ])
  )
  return rows.map(({ root, ...row }) => ({
    ...row,
    bits: row.bits ?? undefined,
    constituent: shown.get(root)!
  }))
}

/** How many contacts a constituent is linked to besides these. */
export async function countOthers(
  db: Db,
  constituentId: string,
  contactIds: readonly string[]
): Promise<number> {
  const { rows } = await sql<{ others: number }>`
    select count(distinct link.contact_id)::int as others from constituents c
      join constituent_links link on link.constituent_id = c.id
    where (c.id = ${constituentId} or c.merged_into = ${constituentId})
      and verdict <> 'possible' and unlinked_at is null
      and link.contact_id <> all(${contactIds}::uuid[])`.execute(db)
  return rows[0]!.others
}

const FOUND = 20

/**
 * Constituents that a typed name or part of one, mail address, phone or number may refer to, surest
 * first; at most 20. In privacy mode only whole names are found.
 */
export async function findConstituents(
  db: Db,
  context: Pick<MatchContext, 'protection' | 'country'>,
  typed: string
): Promise<ShownConstituent[]> {
  const text = typed.trim().slice(0, 200)
  const known = ID.test(text) ? await rootOf(db, text).catch(() => undefined) : undefined
  const given = {
    emails: text.includes('@') ? [text] : [],
    phones: /^[\d\s()+.-]{7,}$/.test(text) ? [text] : [],
    addresses: [],
    name: text
  }
  const [rows] = await candidateRows(db, [
    indexKeys(personOf(given, context.country), context.protection)
  ])
  const found = [
    ...(known ? [known] : []),
    ...rows!.map(({ root }) => String(root)),
    ...(await findByWords(db, text))
  ]
  return showConstituents(db, [...new Set(found)].slice(0, FOUND))
}

/** Words of a name that are looked up. */
const WORDS = 6

/**
 * Constituents in whose name every typed word is a word or the beginning of one; shortest names
 * first.
 */
async function findByWords(db: Db, text: string): Promise<string[]> {
  const words =
    text
      .normalize('NFD')
      .toLowerCase()
      .replace(/[\u0300-\u036f'’.]/g, '')
      .match(/[\p{L}\p{N}]+/gu)
      ?.filter((word) => /\p{L}/u.test(word))
      .slice(0, WORDS) ?? []
  if (words.length === 0 || text.includes('@')) return []
  const { rows } = await sql<{ root: string }>`
    select coalesce(c.merged_into, c.id)::text as root from constituent_names named
      join constituents c on c.id = named.constituent_id
    where name_words(named.value) @@ to_tsquery('simple',
      ${words.map((word) => `'${word}':*`).join(' & ')}) group by 1
      order by min(length(named.value)), min(c.id) limit ${FOUND}`.execute(db)
  return rows.map(({ root }) => root)
}
