/**
 * Quarantine as a person works through it: what is alike comes together, so that a hundred of one
 * kind hide nobody; page by page, earliest arrival first; and what needs no case is put aside with
 * a reason, kept, and can be taken up again.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import * as contactState from './state.ts'
import type { TrailStep } from './tables.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { appendEvents, type EventKind } from '../ledger/append.ts'
import { requireReason } from '../line/reasons.ts'
import { publicDomains } from './public-domains.ts'
import type { Quarantined } from './quarantine.ts'

/** Characters of a text that tell one kind of contact from another, and that a list shows. */
const COMPARED = 1_000
const SHOWN = 240
/** Members of a group of which it is told who sent them. */
const TOLD = 10
/** Contacts that one act lets go or puts aside; the rest of a larger group is there afterwards. */
export const AT_ONCE = 500

export interface QuarantineFilter {
  readonly channel?: string
  readonly code?: string
  /** Members of one group. */
  readonly group?: string
  /** What was put aside, instead of what waits. */
  readonly discarded?: boolean
}

/**
 * Contacts of one reason, channel and source with the same text, numbers and blanks aside; where no
 * machine read a text, those of one sender (a mail's domain, or its address where anybody has one of
 * that domain). Most have one member.
 */
export interface QuarantineGroup extends Quarantined, QuarantinedContact {
  readonly group: string
  readonly members: number
  readonly latest: Date
  /** Steps of its trail: whoever acts on it has to have seen it as it stands. */
  readonly seen: number
  /**
   * Those that one act is about, at most 500, as "number of arrival:steps of its trail", comma
   * between: what joins the group afterwards is no part of what a person has seen.
   */
  readonly shown: string
  /** The first words of what it says, where a machine could read it. */
  readonly words: string
  /** What its members have in common, to complete "3 …". */
  readonly shared: string
  /**
   * The first ones of a group that no machine read, this one among them: what tells one from
   * another.
   */
  readonly told: readonly QuarantinedContact[]
}

/** What is known of one without opening it. */
export interface QuarantinedContact {
  readonly contactId: string
  /** Who sent it, as its reading or its transport says; empty where neither does. */
  readonly from: string
  readonly subject: string
  /** A mail that was never read: its header may say more. */
  readonly unreadMail: boolean
}

/** A contact as a person saw it. */
export interface SeenContact {
  readonly contactId: string
  readonly seen: number
}

export interface QuarantinePage {
  readonly groups: readonly QuarantineGroup[]
  readonly groupCount: number
  readonly contactCount: number
  /** What there is to filter by. */
  readonly channels: readonly string[]
  readonly codes: readonly string[]
}

/** One page of groups, or of a group's members, earliest arrival first. @param page from 1 */
export async function pageQuarantine(
  db: Db,
  filter: QuarantineFilter,
  page: number,
  size: number,
  timeZone = 'UTC'
): Promise<QuarantinePage> {
  const { rows } = await sql<
    Omit<QuarantineGroup, 'shared'> & {
      groupCount: number
      contactCount: number
      first: string[]
      common: string
      single: boolean
    }
  >`
    with held as (${heldBy(filter, timeZone)}), grouped as (
      select group_key, count(*)::int as members, min(ordinal) as first,
        array_to_string((array_agg(ordinal || ':' || seen
        order by arrived_at, ordinal))[1:${AT_ONCE}], ',') as shown,
        (array_agg(ordinal order by arrived_at, ordinal))[1:${TOLD}]::text[] as told,
          max(arrived_at) as latest, min(arrived_at) as earliest,
        count(*) over ()::int as group_count, (sum(count(*)) over ())::int as contact_count
      from held group by ${filter.group === undefined ? sql`group_key` : sql`group_key, id`}
      order by min(arrived_at), min(ordinal) limit ${size} offset ${(page - 1) * size}
    )
    select held.id as "contactId", held.receipt, held.channel, held.arrived_at as "arrivedAt",
      coalesce(held.quarantine_code, 'INTERNAL') as code, held.reason,
      held.raw_sha256 as "rawSha256",
      held.raw_bytes::float8 as bytes, grouped.group_key as "group", members, latest, shown, seen,
        held.words, grouped.told as "first", group_count as "groupCount",
        contact_count as "contactCount", held.common, held.single
    from grouped join held on held.ordinal = grouped.first order by earliest, first`.execute(db)
  const { rows: kinds } = await sql<{ channel: string; code: string }>`
    select distinct channel, coalesce(quarantine_code, 'INTERNAL') as code from contacts
      where state = 'quarantined' and (discarded_at is not null) =
      ${filter.discarded ?? false}`.execute(db)
  const told = await tell(
    db,
    rows.flatMap(({ first }) => first)
  )
  const groups = rows.map(({ first, common, single, ...row }) => {
    const shown = first.flatMap((ordinal) => told.get(ordinal) ?? [])
    return {
      ...row,
      ...told.get(first[0]!)!,
      shared: sharedBy(row.words, common, single),
      told: row.words === '' && row.members > 1 ? shown : []
    }
  })
  return {
    groups,
    groupCount: rows[0]?.groupCount ?? 0,
    contactCount: rows[0]?.contactCount ?? 0,
    channels: distinct(kinds.map((kind) => kind.channel)),
    codes: distinct(kinds.map((kind) => kind.code))
  }
}

/** What a group is made by. Different people write from one domain: that by itself makes nothing alike. */
function sharedBy(words: string, common: string, single: boolean): string {
  if (words !== '') return 'that begin with the same words'
  if (/^[0-9a-f]{64}$/.test(common)) return 'with the very same content'
  if (single) return 'of one day, each from another sender'
  const [by, from = ''] = [common.split(' ', 1)[0], common.slice(common.indexOf(' ') + 1)]
  if (by === 'by') return 'handed over by one machine'
  if (by !== 'from') return 'for one reason, of nobody known'
  return from.includes('@')
    ? 'from one address'
    : from.startsWith('+')
      ? 'from one number'
      : 'from one domain'
}

/**
 * Who sent them and about what, by number of arrival. Bounded, as anybody can write anything there.
 */
async function tell(db: Db, ordinals: readonly string[]): Promise<Map<string, QuarantinedContact>> {
  const { rows } = await sql<QuarantinedContact & { ordinal: string }>`
    select ordinal::text, id as "contactId", media_type = 'message/rfc822'
      and envelope is null as "unreadMail", left(coalesce(envelope ->> 'subject', ''),
      ${SHOWN}) as subject,
      left(coalesce(
        nullif(concat_ws(', ', envelope #>> '{sender,name}', envelope #>> '{sender,emails,0}',
          envelope #>> '{sender,phones,0}', envelope #>> '{sender,addresses,0}'), ''),
        nullif(evidence ->> 'mailFrom', ''), evidence ->> 'from',
          evidence #>> '{fax,callerNumber}', ''), ${SHOWN}) as "from"
    from contacts where ordinal = any(${ordinals}::bigint[])`.execute(db)
  return new Map(rows.map(({ ordinal, ...shown }) => [ordinal, shown]))
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort()
}

function withoutNumbers(text: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`regexp_replace(lower(${text}), '[[:digit:][:space:]]+', ' ', 'g')`
}

/** An address's domain; the address itself where the domain says nothing about whose it is. */
function senderOf(address: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`'from ' || nullif(lower(case
      when lower(split_part(${address}, '@', 2)) = any(${publicDomains}::text[]) then ${address}
      else split_part(${address}, '@', 2) end), '')`
}

/**
 * What those without a text have in common beside their reason: the domain of the return path, else
 * who brought it, else the sender's number or domain. A page whose sender nobody
 * knows is in no group: each is somebody else's, and is written down one by one.
 */
const unread = sql`coalesce(${senderOf(sql`evidence ->> 'mailFrom'`)}, 'by ' || (evidence ->>
  'remoteAddress'), 'from ' || (envelope #>> '{sender,phones,0}'),
  ${senderOf(sql`envelope #>> '{sender,emails,0}'`)}, case
    when quarantine_code = 'TEXT_UNSURE' then raw_sha256 else 'unread' end)`

const onlyOneOfDomain = sql`media_type = 'message/rfc822' and wordless and common like 'from %'
    and count(*) over (partition by kind, common) = 1`

/**
 * Mails without words, only one from each domain: those of one day are one group, each named by its
 * sender and subject.
 */
function heldBy(
  { channel, code, group, discarded = false }: QuarantineFilter,
  timeZone: string
): RawBuilder<unknown> {
  return sql`
    select * from (select *, ${onlyOneOfDomain} as single, case when ${onlyOneOfDomain}
        then md5(concat_ws('|', kind, to_char(arrived_at at time zone ${timeZone}, 'YYYY-MM-DD')))
          else md5(concat_ws('|', kind, common)) end as group_key from (
      select id, receipt, channel, media_type, ordinal, arrived_at, quarantine_code, raw_sha256,
        raw_bytes, trail -> -1 ->> 'reason' as reason, left(coalesce(envelope ->> 'text', ''),
        ${SHOWN}) as words, jsonb_array_length(trail) as seen,
        concat_ws('|', channel, source, quarantine_code, ${withoutNumbers(sql`trail -> -1 ->>
            'reason'`)}) as kind,
        coalesce(btrim(envelope ->> 'text'), '') = '' as wordless,
          coalesce(nullif(${withoutNumbers(sql`left(envelope ->> 'text', ${COMPARED})`)}, ''),
          ${unread}) as common
      from contacts where state = 'quarantined' and (discarded_at is not null) = ${discarded}
        and ${
          channel === undefined
            ? sql`true`
            : sql`channel =
            ${channel}`
        } and ${
          code === undefined
            ? sql`true`
            : sql`coalesce(quarantine_code, 'INTERNAL') =
          ${code}`
        }
    ) as each) as contacts where ${group === undefined ? sql`true` : sql`group_key = ${group}`}`
}

/**
 * Those that a page showed, as it showed them, earliest first; at most 500. @param shown as the
 * page's group has it
 */
export async function membersOf(db: Db, shown: string): Promise<SeenContact[]> {
  const pairs = shown.split(',', AT_ONCE).map((pair) => /^(\d{1,18}):(\d{1,6})$/.exec(pair))
  if (!pairs.every((pair) => pair !== null)) return []
  const { rows } = await sql<SeenContact>`
    select id as "contactId", given.seen
      from unnest(${pairs.map(([, ordinal]) => ordinal)}::bigint[],
      ${pairs.map(([, , seen]) => seen)}::int[]) as given (ordinal, seen)
    join contacts on contacts.ordinal = given.ordinal
      order by arrived_at, contacts.ordinal`.execute(db)
  return rows
}

export interface Changed {
  readonly contactId: string
  /** What was done last, by whom and why. */
  readonly kind: string
  readonly actor: string
  readonly at: Date
  readonly reason: string | null
}

/**
 * Those of the contacts that are not any more as they were seen, with what was done last; for the
 * transaction's time nobody else acts on them.
 */
export async function changedSince(db: Db, contacts: readonly SeenContact[]): Promise<Changed[]> {
  const { rows } = await sql<Changed>`
    with stands as (select id, jsonb_array_length(trail) as steps from contacts
      where id = any(${contacts.map(({ contactId }) => contactId)}::uuid[]) order by id for update)
    select id as "contactId", coalesce(last.kind, '') as kind, coalesce(last.actor, '') as actor,
      coalesce(last.at, now()) as at, last.reason
    from stands join unnest(${contacts.map(({ contactId }) => contactId)}::uuid[],
      ${contacts.map(({ seen }) => seen)}::int[]) as given (contact_id,
      seen) on given.contact_id = id
      left join lateral (select kind, actor, at, data ->> 'reason' as reason from events
        where contact_id = stands.id and kind like 'contact.%' order by events.id desc
        limit 1) as last on true
    where steps <> seen`.execute(db)
  return rows
}

/**
 * Puts contacts aside that need no case: kept with all that came with them, and on record with the
 * reason. Answers how many.
 * @throws REASON_REQUIRED, CONTACT_NOT_QUARANTINED where none of them waits, CONTACT_CHANGED where
 * one is not any more as it was seen
 */
export function discard(
  db: Db,
  contacts: readonly (string | SeenContact)[],
  actor: string,
  reason: string
): Promise<number> {
  return mark(db, contacts, actor, reason, {
    kind: 'contact.discarded',
    verdict: 'put aside',
    move: contactState.discard
  })
}

/**
 * Takes a contact up again that was put aside: it waits at the place its arrival earned. @throws
 * REASON_REQUIRED, CONTACT_NOT_QUARANTINED, CONTACT_CHANGED
 */
export async function restore(
  db: Db,
  contact: string | SeenContact,
  actor: string,
  reason: string
): Promise<void> {
  await mark(db, [contact], actor, reason, {
    kind: 'contact.restored',
    verdict: 'taken up again',
    move: contactState.restore
  })
}

async function mark(
  db: Db,
  contacts: readonly (string | SeenContact)[],
  actor: string,
  reason: string,
  to: { kind: EventKind; verdict: string; move: typeof contactState.discard }
): Promise<number> {
  const why = requireReason(reason)
  const line: TrailStep = {
    step: 'quarantine',
    verdict: to.verdict,
    reason: why,
    evidence: { by: actor }
  }
  return db.transaction().execute(async (trx) => {
    const seen = contacts.filter((contact) => typeof contact !== 'string')
    if ((await changedSince(trx, seen)).length > 0) throw new EvenhandError('CONTACT_CHANGED')
    const ids = await to.move(
      trx,
      contacts
        .map((contact) => (typeof contact === 'string' ? contact : contact.contactId))
        .filter(isId),
      line
    )
    if (ids.length === 0) throw new EvenhandError('CONTACT_NOT_QUARANTINED')
    await appendEvents(
      trx,
      ids.map((contactId) => ({ kind: to.kind, contactId, actor, data: { reason: why } }))
    )
    return ids.length
  })
}
