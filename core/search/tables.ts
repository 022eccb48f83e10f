/** Row types of the search index. */
import type { Generated } from 'kysely'

/** What an entry's words come from. */
export type SearchSource = 'contact' | 'outcome' | 'reply' | 'note' | 'answer'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    search_entries: {
      source: SearchSource
      source_id: string
      /** Long texts have several entries, from 0. */
      part: number
      /** Null for an answer to a campaign, which is of everybody who got it. */
      contact_id: string | null
      /** Of what staff wrote: the case that it was written on. */
      case_id: string | null
      /** When the contact arrived. */
      at: Date
      /** Receipt, subject, names and addresses: what a slip of the pen is looked for in. */
      head: string
      words: string
    }
    /** What is to be indexed. */
    search_due: { source: SearchSource; source_id: string; asked_at: Generated<Date> }
  }
}
