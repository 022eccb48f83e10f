/** Row types of mailboxes that are pulled. */
import type { Generated } from 'kysely'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    mailbox_messages: {
      place: string
      uid_validity: string
      /** How the server knows it: a number by IMAP, a name by Microsoft Graph. */
      message: string
      /** Null for one that could not be taken yet. */
      contact_id: string | null
      tries: Generated<number>
      /** When one that failed several times is tried again. */
      due_at: Date | null
      reason: string | null
      recorded_at: Generated<Date>
      /** Its place among those that were noted before they were taken; null by IMAP. */
      round: number | null
      received_at: Date | null
    }
    mailbox_states: {
      place: string
      uid_validity: string | null
      waiting: Generated<number>
      looked_at: Date | null
      taken_at: Date | null
      failed_at: Date | null
      failure: string | null
      round: Generated<number>
      /** Microsoft Graph's link to what is new since the last round. */
      cursor: string | null
    }
  }
}
