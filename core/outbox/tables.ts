/** Row types of messages to residents, and of how many one address has been sent. */
import type { Generated, JSONColumnType } from 'kysely'
import type { OutboundKind } from '../intake/channel.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    outbound: {
      id: string
      contact_id: string
      kind: OutboundKind
      state: Generated<'waiting' | 'sent' | 'undeliverable' | 'failed'>
      reason: string | null
      attempts: Generated<number>
      due_at: Generated<Date>
      sent_at: Date | null
      tried_at: Date | null
      provider_id: string | null
      addressee: JSONColumnType<Record<string, unknown>> | null
      delivery: string | null
      delivery_rank: Generated<number>
    }
    reply_budget: { day: string; address_hash: string; replies: number }
  }
}
