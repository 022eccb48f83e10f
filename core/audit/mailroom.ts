/**
 * Checks batches against the ledger alone: every letter's arrival must be its batch's stamp, and
 * its ordinal the one drawn for it.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { drawRanks, fromRuns, sealOf } from '../mailroom/random-order.ts'

interface Logged {
  readonly batch: string
  readonly receivedAt: string
  readonly loggedAt: string
  readonly seal: string
}
interface Drawn {
  readonly batch: string
  readonly seed: string
  readonly sheets: number
  readonly ordinals: [number, number][]
}
interface Letter {
  readonly contact_id: string
  readonly batch: string
  readonly lot: number
  readonly ordinal: number
  readonly arrivedAt: string
}

/** Batches checked at once. Each needs memory for one number per sheet. */
const PAGE = 200

/** Returns one sentence for each thing that differs from the record. */
export async function verifyBatches(db: Db): Promise<string[]> {
  const problems: string[] = [...(await strangeStamps(db))]
  for (let after = '0'; ;) {
    const { rows } = await sql<{
      id: string
      data: Logged
    }>`select id, data from events where kind = 'batch.logged' and id > ${after} order by id
        limit ${PAGE}`.execute(db)
    problems.push(
      ...(await verifyPage(
        db,
        rows.map(({ data }) => data)
      ))
    )
    if (rows.length < PAGE) return problems
    after = rows.at(-1)!.id
  }
}

async function verifyPage(db: Db, logged: readonly Logged[]): Promise<string[]> {
  const ids = logged.map(({ batch }) => batch)
  const { rows: drawn } = await sql<{
    data: Drawn
  }>`select data from events where kind = 'batch.drawn' and data ? 'batch'
      and data ->> 'batch' = any(${ids}::text[])`.execute(db)
  const { rows: letters } = await sql<Letter>`
    select contact_id, data ->> 'batch' as batch, (data ->> 'lot')::int as lot,
      (data ->> 'ordinal')::float8 as ordinal, data ->> 'arrivedAt' as "arrivedAt"
    from events where kind = 'contact.accepted' and data ? 'batch'
      and data ->> 'batch' = any(${ids}::text[])`.execute(db)
  const [drawnOf, lettersOf] = [
    Map.groupBy(drawn, ({ data }) => data.batch),
    Map.groupBy(letters, ({ batch }) => batch)
  ]
  return logged.flatMap((one) =>
    verifyBatch(
      one,
      (drawnOf.get(one.batch) ?? []).map(({ data }) => data),
      lettersOf.get(one.batch) ?? []
    )
  )
}

function verifyBatch(
  logged: Logged,
  drawn: readonly Drawn[],
  letters: readonly Letter[]
): string[] {
  const wrong = letters
    .filter(({ arrivedAt }) => arrivedAt !== logged.receivedAt)
    .map(
      ({ contact_id }) =>
        `contact ${contact_id} has another arrival than the stamp of batch ${logged.batch}`
    )
  if (logged.receivedAt > logged.loggedAt)
    wrong.push(`batch ${logged.batch} was stamped later than it was logged`)
  if (drawn.length === 0)
    return letters.length > 0
      ? [...wrong, `batch ${logged.batch} has contacts, and no lot was drawn`]
      : wrong
  if (drawn.length > 1) wrong.push(`batch ${logged.batch} has drawn its lot ${drawn.length} times`)
  return [...wrong, ...verifyLot(logged, drawn[0]!, letters)]
}

function verifyLot(
  { batch, seal }: Logged,
  { seed, sheets, ordinals }: Drawn,
  letters: readonly Letter[]
): string[] {
  const key = Buffer.from(seed, 'hex')
  if (sealOf(key) !== seal)
    return [`batch ${batch} has drawn by another seed than was sealed when it was logged`]
  const numbers = fromRuns(ordinals)
  if (numbers.length !== sheets)
    return [`batch ${batch} has ${sheets} sheets and ${numbers.length} ordinals`]
  const ranks = drawRanks(key, sheets)
  return letters
    .filter(({ lot, ordinal }) => numbers[ranks[lot] ?? -1] !== ordinal)
    .map(({ contact_id }) => `contact ${contact_id} has another ordinal than lot ${batch} gave it`)
}

/**
 * Finds arrivals in the tables that the ledger does not explain. A contact without a batch must
 * have arrived when it was written.
 */
async function strangeStamps(db: Db): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    select 'batch ' || batches.id || ' has another stamp than the ledger recorded' as problem
      from batches
    where not exists (select from events where kind = 'batch.logged' and data ? 'batch'
      and data ->> 'batch' = batches.id
      and (data ->> 'receivedAt')::timestamptz = batches.received_at)
    union all
    select 'contact ' || contacts.id || ' belongs to another batch than the ledger recorded'
      from contacts join events on events.contact_id = contacts.id
      and events.kind = 'contact.accepted'
    where contacts.batch_id is distinct from events.data ->> 'batch'
    union all
    select 'batch ' || (data ->> 'batch') || ' was logged and is gone' from events
      where kind = 'batch.logged' and not exists (select from batches
      where batches.id = data ->> 'batch')
    union all
    select 'scan ' || (data ->> 'scan') || ' is gone, or has other bytes than the ledger recorded'
      from events
    where kind = 'batch.scan-added' and not exists (select from scans
      where scans.id = (data ->> 'scan')::uuid and scans.sha256 = data ->> 'sha256')
    union all
    select 'contact ' || contact_id || ' was given an arrival of its own without a batch'
      from events
    where kind = 'contact.accepted' and not data ? 'batch'
      and (data ->> 'arrivedAt')::timestamptz < at - interval '5 minutes'`.execute(db)
  return rows.map(({ problem }) => problem)
}
