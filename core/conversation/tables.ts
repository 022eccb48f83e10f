/** Who may be texted, and what we asked. */
import type { Generated } from 'kysely'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    text_consents: {
      address: string
      allowed: boolean
      ordinal: string
      contact_id: string
      changed_at: Generated<Date>
    }
    text_questions: {
      contact_id: string
      case_id: string
      earlier_case_id: string
      earlier_receipt: string
      person: string
      number: string
      asked_at: Generated<Date>
      answer: 'same' | 'new' | null
      answered_by: string | null
      joined: string | null
    }
  }
}
