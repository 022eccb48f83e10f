/** Loads what settling needs, for a whole set at once. The sender is deliberately not selected. */
import { sql } from 'kysely'
import { lockHashes } from '../../platform/db/advisory-locks.ts'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import { unpacked } from '../../platform/db/unpacked.ts'
import type { CaseState } from '../line/tables.ts'
import { verifyReplyToken } from '../outbox/reply-tokens.ts'
import { leadingCase } from '../contacts/leading-case.ts'
import { receiptOfToken } from '../contacts/receipts.ts'
import { readNotice, type DeliveryNotice } from '../outbox/mail-delivery.ts'
import { routingInput, type RoutingInput } from '../routing/input.ts'
import type { ChannelKind } from '../envelope.ts'
import type { Answer } from '../conversation/conversation.ts'

export interface ReadyContact {
  readonly id: string
  readonly channel: string
  readonly receipt: string
  readonly arrivedAt: Date
  /** As PostgreSQL prints it, to the microsecond. */
  readonly arrivedAtText: string
  readonly ordinal: number
  readonly rawSha256: string
  readonly kind: 'message' | 'auto-reply' | 'bounce'
  readonly tokens: readonly string[]
  readonly language: string
  readonly quarantine: string | undefined
  /** Mark (hash) of what the contact says, for the ledger. */
  readonly said: string | null
  /** For a delivery notice: what another mail system reports about a message of ours. */
  readonly report: DeliveryNotice | undefined
  readonly routing: RoutingInput
}

interface Row {
  id: string
  channel: string
  receipt: string
  arrived_at: Date
  arrived_at_text: string
  ordinal: string
  raw_sha256: string
  kind: ReadyContact['kind']
  tokens: string[]
  language: string | null
  quarantine: string | null
  said: string | null
  report: unknown
  recipients: string[] | null
  answers: Record<string, string> | null
  category: string | null
  subject: string | null
  text: string | null
  new_text: string | null
}

/**
 * Bytes of envelopes settled in one transaction. 2 MB made to be slow take half a second to
 * compare.
 */
export const BYTES_PER_SET = 2 * 1024 ** 2
/**
 * A longer envelope counts as long and comes after the others, so that a pile of long ones delays
 * nobody else.
 */
const LONG_BYTES = 64 * 1024

/**
 * Locks and loads contacts that are read but not settled, in arrival order. Contacts that another
 * worker has locked are skipped. With `fill`, others that wait are added up to that many, because a
 * set costs forty statements whatever its size. A contact that failed before is loaded alone. What
 * exceeds `BYTES_PER_SET` is left for the next set, long envelopes first; places in line follow the
 * arrival all the same.
 */
export async function loadReady(
  trx: Db,
  ids: readonly string[],
  state: 'read' | 'settled' = 'read',
  fill = 0
): Promise<ReadyContact[]> {
  const { rows } = await sql<Row>`
    select id, channel, receipt, arrived_at, ${exactTime('arrived_at')} as arrived_at_text,
      ordinal, raw_sha256, kind, tokens,
      evidence ->> 'quarantine' as quarantine, letter -> 'evidence' -> 'report' as report,
        letter -> 'recipients' as recipients, letter -> 'answers' as answers,
        letter ->> 'category' as category,
      letter ->> 'subject' as subject, left(letter ->> 'text', 50000) as text,
        left(letter ->> 'newText', 50000) as new_text, letter ->> 'language' as language,
      said_mark(receipt, letter) as said
    from contacts cross join ${unpacked(sql`contacts.envelope`, 'letter')} where state = ${state}
      and id in (
        select id from (
          select id, row_number() over shortest as n, sum(bytes) over shortest as bytes
          from (
            select id, ordinal, coalesce(envelope_bytes, 0) as bytes from contacts
            where state = ${state} and id in (select unnest(${ids}::uuid[]) union all (select id
              from contacts where state = 'read' and attempts = 0 order by ordinal limit ${fill}))
          ) as sized window shortest as (order by bytes > ${LONG_BYTES}, ordinal)
        ) as counted where n = 1 or bytes <= ${BYTES_PER_SET})
    order by ordinal for update of contacts skip locked`.execute(trx)
  return rows.map((row) => ({
    id: row.id,
    channel: row.channel,
    receipt: row.receipt,
    arrivedAt: row.arrived_at,
    arrivedAtText: row.arrived_at_text,
    ordinal: Number(row.ordinal),
    rawSha256: row.raw_sha256,
    kind: row.kind,
    tokens: row.tokens,
    language: row.language ?? 'und',
    quarantine: row.quarantine ?? undefined,
    said: row.said,
    report: row.kind === 'bounce' ? readNotice(row.report) : undefined,
    routing: routingInput({
      channel: row.channel as ChannelKind,
      recipients: row.recipients ?? [],
      answers: row.answers ?? {},
      ...(row.category === null ? {} : { category: row.category }),
      subject: row.subject ?? '',
      text: row.text ?? '',
      ...(row.new_text === null ? {} : { newText: row.new_text })
    })
  }))
}

/** Whether any of the contacts still waits to be settled. */
export async function anyReady(db: Db, ids: readonly string[]): Promise<boolean> {
  const { rows } = await sql`select from contacts where id = any(${ids}::uuid[]) and state = 'read'
        limit 1`.execute(db)
  return rows.length > 0
}

/** Cases opened by earlier deliveries of the same bytes: sha256 → department → case id. */
export type Redeliveries = Map<string, Map<string, string>>

/**
 * Finds other deliveries of the same bytes, among contacts without an id from a provider: two
 * contacts with provider ids are always two, whatever they say. A lock on the hash keeps two
 * workers from both believing they are first. It is taken before looking, because another delivery
 * may be accepted meanwhile.
 */
export async function findRedeliveries(trx: Db, ready: ReadyContact[]): Promise<Redeliveries> {
  const ids = ready.map((contact) => contact.id)
  await lockHashes(
    trx,
    sql`select distinct raw_sha256 as hash from contacts where id = any(${ids}::uuid[])
        and external_id like 'sha256:%' order by 1`
  )
  const { rows: shared } = await sql<{ raw_sha256: string }>`
    select raw_sha256 from contacts
      where raw_sha256 = any(${ready.map((contact) => contact.rawSha256)}::text[])
      and external_id like 'sha256:%'
    group by raw_sha256 having count(*) > 1`.execute(trx)
  const redeliveries: Redeliveries = new Map(shared.map((row) => [row.raw_sha256, new Map()]))
  if (shared.length > 0)
    for (const row of await findCovering(trx, [...redeliveries.keys()]))
      redeliveries.get(row.raw_sha256)!.set(row.department, row.id)
  return redeliveries
}

/**
 * A case covers every department in whose line it ever stood, so that after a transfer a redelivery
 * does not open a second case.
 */
async function findCovering(
  trx: Db,
  hashes: string[]
): Promise<{ raw_sha256: string; department: string; id: string }[]> {
  const { rows } = await sql<{ raw_sha256: string; department: string; id: string }>`
    select contacts.raw_sha256, stood.department, standing_case(cases.id) as id from contacts
      join cases on cases.contact_id = contacts.id
    cross join lateral (select distinct department from events where events.case_id = cases.id
      and department is not null) as stood
    where contacts.raw_sha256 = any(${hashes}::text[]) and contacts.external_id like 'sha256:%'
      order by cases.ordinal desc`.execute(trx)
  return rows
}

export interface Thread {
  readonly caseId: string
  readonly department: string
  readonly state: CaseState
  readonly receipt: string
  /** How it is joined, if not by our signed token. */
  readonly by?: string
}

/**
 * Cases that the contacts' tokens lead to: token → case. A token counts if we signed it, or if it
 * is a receipt in a field meant for one. Of several cases of a contact the one is meant that
 * its receipt shows.
 */
export async function findReplyThreads(
  trx: Db,
  ready: ReadyContact[],
  secret: Uint8Array
): Promise<Map<string, Thread>> {
  const receipts = new Map(
    ready
      .flatMap((contact) => contact.tokens)
      .flatMap((token) => {
        const receipt = receiptOfToken(token) ?? verifyReplyToken(token, secret)
        return receipt ? [[token, receipt] as const] : []
      })
  )
  if (receipts.size === 0) return new Map()
  const { rows } = await sql<Thread>`
    select contacts.receipt, cases.id as "caseId", cases.department, cases.state from contacts
      join cases on cases.id = ${leadingCase}
    where contacts.receipt = any(${[...receipts.values()]}::text[])`.execute(trx)
  const byReceipt = new Map(rows.map((row) => [row.receipt, row]))
  return new Map(
    [...receipts].flatMap(([token, receipt]) =>
      byReceipt.has(receipt)
        ? [
            [
              token,
              {
                ...byReceipt.get(receipt)!,
                ...(receiptOfToken(token) ? { by: 'its receipt, in the place for it' } : {})
              }
            ] as const
          ]
        : []
    )
  )
}

/**
 * Cases that texts belong to because they answer our question exactly: contact → case, with joins
 * followed to the last case.
 */
export async function findAnswered(
  trx: Db,
  answers: ReadonlyMap<string, Answer>
): Promise<Map<string, Thread>> {
  if (answers.size === 0) return new Map()
  const { rows } = await sql<Thread & { asked: string }>`
    select asked, receipt, id as "caseId", department, state
    from unnest(${[...new Set([...answers.values()].map(({ caseId }) => caseId))]}::uuid[]) as
      asked join cases on cases.id = standing_case(asked)`.execute(trx)
  const byCase = new Map(rows.map(({ asked, ...thread }) => [asked, thread]))
  return new Map(
    [...answers.values()].flatMap(({ contactId, caseId }) =>
      byCase.has(caseId)
        ? [[contactId, { ...byCase.get(caseId)!, by: 'an exact answer to our question' }]]
        : []
    )
  )
}
