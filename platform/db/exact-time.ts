import { sql, type RawBuilder } from 'kysely'

/**
 * A time column as ISO 8601 in UTC with microseconds, as PostgreSQL has it. JavaScript dates end at
 * milliseconds, and two arrivals may fall into the same one.
 * @param column its name in the statement, such as `arrived_at` or `cases.arrived_at`
 */
export function exactTime(column: string): RawBuilder<string> {
  return sql<string>`to_char(${sql.ref(column)} at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}
