import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** What tables and ledger are compared by: the views it takes, and a statement for each fault. */
export interface Comparison {
  /** `with …`, shared by all statements. */
  readonly views: RawBuilder<unknown>
  /** Each selects one column: a sentence for each place that has the fault. The first names it. */
  readonly faults: Readonly<Record<string, RawBuilder<unknown>>>
}

/** Sentences about what differs, `limit` at most, by one statement on one state of the database. */
export async function findProblems(
  db: Db,
  { views, faults }: Comparison,
  limit: number
): Promise<string[]> {
  const all = sql.join(Object.values(faults), sql` union all `)
  const { rows } = await sql<{ problem: string }>`${views} ${all} limit ${limit}`.execute(db)
  return rows.map(({ problem }) => problem)
}
