/** Row types of cases, of their contacts, and of who passed them over. */
import type { Generated } from 'kysely'

export const caseStates = [
  'waiting',
  'taken',
  'waiting-for-resident',
  'closed',
  'handed-off',
  'joined'
] as const
export type CaseState = (typeof caseStates)[number]

declare module '../../platform/db/tables.ts' {
  interface Tables {
    cases: {
      id: string
      contact_id: string
      department: string
      state: CaseState
      arrived_at: Date
      ordinal: string
      channel: string
      receipt: string
      language: string
      taken_by: string | null
      taken_at: Date | null
      lease_until: Date | null
      /** In the agency's words, for staff: what was typed, or the chosen outcome's sentence. */
      outcome: string | null
      /** Of the department's outcomes (`config/outcomes.ts`), the chosen one. */
      outcome_id: string | null
      joined_into: string | null
      /** Which of the cases that its contact was split into, from 1. */
      part: Generated<number>
      /** When a case that waits for its resident comes back by itself; null for others. */
      remind_at: Date | null
      updated_at: Generated<Date>
    }
    case_contacts: {
      case_id: string
      contact_id: string
      role: 'first' | 'duplicate' | 'follow-up'
      reason: string
      linked_at: Generated<Date>
      /** The joined case this link was copied from; null for a contact's own link. */
      via: string | null
    }
    case_passes: { case_id: string; actor: string; reason: string; passed_at: Generated<Date> }
  }
}
