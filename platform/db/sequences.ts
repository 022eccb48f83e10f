/**
 * Finds sequences that are behind the rows they number, as after a restore without sequences or a
 * manual reset. Every next number is then already used, and every insert refused, until the
 * sequences are moved on.
 */
import { sql } from 'kysely'
import type { Log } from '../logger.ts'
import type { Db } from './tables.ts'

/**
 * The highest number in use, by sequence. For turns it is queried per department, because the index
 * starts with it.
 */
const numbered: readonly (readonly [sequence: string, highest: string])[] = [
  [
    'arrivals',
    'select greatest((select max(ordinal) from contacts), (select max(ordinal) from batches, unnest(ordinals) as ordinal))'
  ],
  [
    'turns',
    `with recursive lines as (
    (select department, turn from events where turn is not null order by department desc, turn desc limit 1)
    union all
    select below.department, below.turn from lines cross join lateral (
      select department, turn from events where turn is not null and department < lines.department order by department desc, turn desc limit 1) as below
  ) select max(turn) from lines`
  ],
  ['events_id_seq', 'select max(id) from events'],
  ['access_log_id_seq', 'select max(id) from access_log'],
  ['constituents_id_seq', 'select max(id) from constituents'],
  ['constituent_links_id_seq', 'select max(id) from constituent_links'],
  ['constituent_merges_id_seq', 'select max(id) from constituent_merges'],
  ['duplicate_contacts_no_seq', 'select max(no) from duplicate_contacts'],
  ['matching_models_id_seq', 'select max(id) from matching_models'],
  ['scans_seq_seq', 'select max(seq) from scans']
]

export interface Behind {
  readonly sequence: string
  readonly highest: string
}

/** One statement checks all of them, because it runs at each start. */
const behind = numbered
  .map(
    ([sequence, highest]) => `select '${sequence}' as sequence, highest
      from (${highest}) as used (highest), ${sequence} as drawn
      where highest > case when drawn.is_called then last_value else last_value - 1 end`
  )
  .join(' union all ')

export async function findBehind(db: Db): Promise<Behind[]> {
  const { rows } = await sql<Behind>`${sql.raw(behind)}`.execute(db)
  return rows
}

/**
 * Moves each sequence on to the highest number in use, never back. Transactions that draw numbers
 * are waited for, and new ones wait. Returns whether any was behind.
 */
export async function mendSequences(db: Db, log: Log): Promise<boolean> {
  let any = false
  for (const { sequence } of await findBehind(db)) {
    any = true
    const mended = await db.transaction().execute(async (trx) => {
      await sql`alter sequence ${sql.table(sequence)} no cycle`.execute(trx)
      const still = (await findBehind(trx)).find((one) => one.sequence === sequence)
      if (still) await sql`select setval(${sequence}, ${still.highest}::bigint)`.execute(trx)
      return still
    })
    if (mended)
      log.warn(
        mended,
        'a sequence was behind its table, so that what it numbers was refused; it is set to the highest number in use'
      )
  }
  return any
}
