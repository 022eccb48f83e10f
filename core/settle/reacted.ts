/**
 * Finds what a reaction belongs to: the message or receipt it quotes, else the last message of that
 * number.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Thread } from './lookups.ts'
import { converses } from '../intake/channel-conditions.ts'
import { asItLooks } from '../../platform/text/visible.ts'

/** Earlier texts between the two numbers that are searched, latest first. */
const LOOKED_THROUGH = 50
/**
 * Shortest quotation in characters that identifies a message. A shorter one such as "Ok" fits many.
 */
const TELLING = 6

interface Row extends Thread {
  readonly reaction: string
  readonly quoted: string
  /** Words of the earlier text. */
  readonly text: string
}

/**
 * Cases that reactions belong to: contact → case, with joins followed to the last case. A number
 * that never had a case gets nothing.
 */
export async function findReacted(
  trx: Db,
  contactIds: readonly string[]
): Promise<Map<string, Thread>> {
  if (contactIds.length === 0) return new Map()
  const { rows } = await sql<Row>`
    select given.id as reaction, given.envelope -> 'evidence' -> 'reaction' ->> 'quoted' as quoted,
      earlier.receipt, earlier.text, cases.id as "caseId", cases.department, cases.state
    from contacts as given
    cross join lateral (
      select before.case_id, before.receipt, left(before.envelope ->> 'text', 2000) as text,
        before.ordinal from contacts as before
      where ${converses('before.channel')} and before.envelope -> 'evidence' ->> 'from' =
        given.envelope ->
        'evidence' ->> 'from' and before.envelope -> 'evidence' ->> 'to' = given.envelope ->
        'evidence' ->> 'to'
        and before.ordinal < given.ordinal and before.case_id is not null
          and before.kind = 'message'
      order by before.ordinal desc limit ${LOOKED_THROUGH}) as earlier
    join cases on cases.id = standing_case(earlier.case_id)
    where given.id = any(${contactIds}::uuid[]) and ${converses('given.channel')}
      and given.envelope -> 'evidence' -> 'reaction' is not null
    order by given.ordinal, earlier.ordinal desc`.execute(trx)
  return new Map(
    [...Map.groupBy(rows, ({ reaction }) => reaction)].map(([id, earlier]) => [
      id,
      threadOf(earlier)
    ])
  )
}

function threadOf(earlier: readonly Row[]): Thread {
  const { caseId, department, state, receipt } =
    earlier.find(namesReceipt) ?? earlier.find(repeatsText) ?? earlier[0]!
  return { caseId, department, state, receipt, by: 'a reaction to what was said about it' }
}

/**
 * Whether the quotation names the receipt, or its first group of characters if the quotation was
 * cut off there.
 */
function namesReceipt({ quoted, receipt }: Row): boolean {
  return quoted.toUpperCase().includes(receipt.split('-', 1)[0]!)
}

function repeatsText({ quoted, text }: Row): boolean {
  return quoted.length >= TELLING && asItLooks(text).startsWith(quoted)
}
