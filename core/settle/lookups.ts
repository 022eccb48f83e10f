/** What settling needs to know, fetched for a whole set at once. Note what is not selected: the sender. */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { CaseState } from '../db/tables.ts'
import { verifyReplyToken } from '../reply-tokens.ts'
import { receiptOfToken } from '../receipts.ts'
import { routingInput, type RoutingInput } from '../routing/input.ts'
import type { ChannelKind } from '../envelope.ts'
import type { Answer } from '../texts/conversation.ts'

export interface Ready {
  readonly id: string
  readonly channel: string
  readonly receipt: string
  readonly arrivedAt: Date
  /** To the microsecond, as PostgreSQL has it. */
  readonly arrivedAtText: string
  readonly ordinal: number
  readonly rawSha256: string
  readonly kind: 'message' | 'auto-reply' | 'bounce'
  readonly tokens: readonly string[]
  readonly language: string
  readonly quarantine: string | undefined
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
  kind: Ready['kind']
  tokens: string[]
  language: string | null
  quarantine: string | null
  recipients: string[] | null
  answers: Record<string, string> | null
  category: string | null
  subject: string | null
  text: string | null
}

/**
 * Locks and loads the contacts that are read and not settled, in arrival order; those another worker holds are left to it. With `fill`, others that
 * wait come along up to that many: a set costs forty statements however many it holds. One that failed before comes alone.
 */
export async function loadReady(trx: Db, ids: readonly string[], state: 'read' | 'settled' = 'read', fill = 0): Promise<Ready[]> {
  const { rows } = await sql<Row>`
    select id, channel, receipt, arrived_at, to_char(arrived_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as arrived_at_text, ordinal, raw_sha256, kind, tokens,
      evidence ->> 'quarantine' as quarantine, envelope -> 'recipients' as recipients, envelope -> 'answers' as answers, envelope ->> 'category' as category,
      envelope ->> 'subject' as subject, left(envelope ->> 'text', 50000) as text, envelope ->> 'language' as language
    from contacts where state = ${state}
      and id in (select unnest(${ids}::uuid[]) union all (select id from contacts where state = 'read' and attempts = 0 order by ordinal limit ${fill}))
    order by ordinal for update skip locked`.execute(trx)
  return rows.map((row) => ({
    id: row.id, channel: row.channel, receipt: row.receipt, arrivedAt: row.arrived_at, arrivedAtText: row.arrived_at_text, ordinal: Number(row.ordinal), rawSha256: row.raw_sha256,
    kind: row.kind, tokens: row.tokens, language: row.language ?? 'und', quarantine: row.quarantine ?? undefined,
    routing: routingInput({ channel: row.channel as ChannelKind, recipients: row.recipients ?? [], answers: row.answers ?? {}, ...(row.category === null ? {} : { category: row.category }), subject: row.subject ?? '', text: row.text ?? '' })
  }))
}

/** Cases that earlier deliveries of the very same bytes opened: sha256 → department → case id. */
export type Cover = Map<string, Map<string, string>>

/**
 * Looks for other deliveries of the same bytes, among those whose bytes are their only identity: two contacts that a provider
 * gave ids of their own are two, whatever they say. Settling them is serialised by a lock on the hash, so that two workers
 * cannot both believe to be first; it is taken before looking, as another delivery may be accepted while this one is settled.
 */
export async function findCover(trx: Db, ready: Ready[]): Promise<Cover> {
  const ids = ready.map((contact) => contact.id)
  await sql`
    select pg_advisory_xact_lock(hashtextextended(hash, 0))
    from (select distinct raw_sha256 as hash from contacts where id = any(${ids}::uuid[]) and external_id like 'sha256:%' order by 1) as hashes`.execute(trx)
  const { rows: shared } = await sql<{ raw_sha256: string }>`
    select raw_sha256 from contacts where raw_sha256 = any(${ready.map((contact) => contact.rawSha256)}::text[]) and external_id like 'sha256:%'
    group by raw_sha256 having count(*) > 1`.execute(trx)
  const cover: Cover = new Map(shared.map((row) => [row.raw_sha256, new Map()]))
  if (shared.length > 0) for (const row of await findCovering(trx, [...cover.keys()])) cover.get(row.raw_sha256)!.set(row.department, row.id)
  return cover
}

/** A case covers every department whose line it ever stood in: a transfer must not let the redelivery open a second one. */
async function findCovering(trx: Db, hashes: string[]): Promise<{ raw_sha256: string; department: string; id: string }[]> {
  const { rows } = await sql<{ raw_sha256: string; department: string; id: string }>`
    select contacts.raw_sha256, stood.department, standing_case(cases.id) as id from contacts join cases on cases.contact_id = contacts.id
    cross join lateral (select distinct department from events where events.case_id = cases.id and department is not null) as stood
    where contacts.raw_sha256 = any(${hashes}::text[]) and contacts.external_id like 'sha256:%' order by cases.ordinal desc`.execute(trx)
  return rows
}

export interface Thread {
  readonly caseId: string
  readonly department: string
  readonly state: CaseState
  readonly receipt: string
  /** By what it is joined, where not by our signed token. */
  readonly by?: string
}

/** Cases that the contacts' tokens speak for: token → case. They are signed by us, or receipts in a place made for them; others lead nowhere. */
export async function findThreads(trx: Db, ready: Ready[], secret: Uint8Array): Promise<Map<string, Thread>> {
  const receipts = new Map(ready.flatMap((contact) => contact.tokens).flatMap((token) => {
    const receipt = receiptOfToken(token) ?? verifyReplyToken(token, secret)
    return receipt ? [[token, receipt] as const] : []
  }))
  if (receipts.size === 0) return new Map()
  const { rows } = await sql<Thread>`
    select contacts.receipt, cases.id as "caseId", cases.department, cases.state from contacts join cases on cases.id = contacts.case_id
    where contacts.receipt = any(${[...receipts.values()]}::text[])`.execute(trx)
  const byReceipt = new Map(rows.map((row) => [row.receipt, row]))
  return new Map([...receipts].flatMap(([token, receipt]) => byReceipt.has(receipt) ? [[token, { ...byReceipt.get(receipt)!, ...(receiptOfToken(token) ? { by: 'its receipt, in the place for it' } : {}) }] as const] : []))
}

/** Cases that texts belong to by an exact answer to our question: contact → case, joins followed to their end. */
export async function findAnswered(trx: Db, answers: ReadonlyMap<string, Answer>): Promise<Map<string, Thread>> {
  if (answers.size === 0) return new Map()
  const { rows } = await sql<Thread & { asked: string }>`
    select asked, receipt, id as "caseId", department, state
    from unnest(${[...new Set([...answers.values()].map(({ caseId }) => caseId))]}::uuid[]) as asked join cases on cases.id = standing_case(asked)`.execute(trx)
  const byCase = new Map(rows.map(({ asked, ...thread }) => [asked, thread]))
  return new Map([...answers.values()].flatMap(({ contactId, caseId }) => byCase.has(caseId) ? [[contactId, { ...byCase.get(caseId)!, by: 'an exact answer to our question' }]] : []))
}
