/** Row types of mailboxes that are pulled. */
import type { Generated } from 'kysely'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    mailbox_messages: {
      place: string
      uid_validity: string
      uid: string
      /** Null for one that could not be taken yet. */
      contact_id: string | null
      tries: Generated<number>
      /** When one that failed several times is tried again. */
      due_at: Date | null
      reason: string | null
      recorded_at: Generated<Date>
    }
    mailbox_states: {
      place: string
      uid_validity: string | null
      waiting: Generated<number>
      looked_at: Date | null
      taken_at: Date | null
      failed_at: Date | null
      failure: string | null
    }
  }
}
