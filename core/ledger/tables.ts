/** Row types of events, and of how many events each database backend has written. */
import type { Generated, JSONColumnType } from 'kysely'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    events: {
      id: Generated<string>
      at: Generated<Date>
      kind: string
      department: string | null
      turn: string | null
      case_id: string | null
      contact_id: string | null
      actor: string
      data: JSONColumnType<Record<string, unknown>>
      /** Number within its run, without gaps. Null for events older than the numbering. */
      run: Generated<string | null>
      run_number: Generated<string | null>
      /** Hash of the event's content and of the hash of the event before it in its run. */
      hash: Generated<string | null>
    }
    ledger_runs: { run: string; events: string; hash: Generated<string> }
  }
}
