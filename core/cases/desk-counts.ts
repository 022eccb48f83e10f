/** The few numbers that a person's menu shows: what is theirs to do. No names, no ids. */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export interface DeskCounts {
  /** Cases the person holds. */
  readonly held: number
  /** Trays of the mailroom that are not released. */
  readonly trays: number
  /** Contacts in quarantine. */
  readonly quarantined: number
}

/** Further ones are not counted: "99+" is what a menu says of them. */
export const MOST_COUNTED = 100

/** Three index scans of at most a hundred rows each. */
export async function countForDesk(db: Db, actor: string): Promise<DeskCounts> {
  const { rows } = await sql<DeskCounts>`select
    ${counted(sql`select from cases where state = 'taken' and taken_by = ${actor}`)} as held,
    ${counted(sql`select from batches where state <> 'released'`)} as trays,
    ${counted(sql`select from contacts where state = 'quarantined' and discarded_at is null`)}
      as quarantined`.execute(db)
  return rows[0]!
}

function counted(rows: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`(select count(*)::int from (${rows} limit ${MOST_COUNTED}) as found)`
}
