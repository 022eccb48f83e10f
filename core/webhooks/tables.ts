/** How far departments' own systems have been told. */
import type { Generated } from 'kysely'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    webhook_lines: {
      department: string
      turn: string
      state: Generated<'running' | 'stopped'>
      reason: string | null
      attempts: Generated<number>
      failing_since: Date | null
      due_at: Generated<Date>
      claim: string | null
      claimed_until: Date | null
      delivered_at: Date | null
    }
    webhook_failures: {
      id: string
      department: string
      turn: string
      event_id: string
      reason: string
      attempts: number
      failed_at: Generated<Date>
      state: Generated<'waiting' | 'sent' | 'dismissed'>
      decided_at: Date | null
    }
  }
}
