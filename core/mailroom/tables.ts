/** Row types of trays, scans, sheets and letters. */
import type { Generated, JSONColumnType } from 'kysely'
import type { BatchState, Scan, SheetKind } from './types.ts'

export type Rotation = 0 | 90 | 180 | 270

/** A sheet as it was put into a letter's document. */
export interface SheetMade {
  readonly scan: string
  readonly page: number
  readonly turned: Rotation
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    batches: {
      id: string
      received_at: Date
      logged_at: Date
      logged_by: string
      note: string | null
      expected: number | null
      state: Generated<BatchState>
      hold_reasons: Generated<string[]>
      problems: Generated<string[]>
      printed: Generated<number>
      origin: string | null
      seed: Buffer
      ordinals: string[] | null
      release_by: string | null
      release_reason: string | null
      released_at: Date | null
      updated_at: Generated<Date>
    }
    scans: {
      id: string
      seq: Generated<string>
      batch_id: string
      name: string
      sha256: string
      media_type: string
      bytes: number
      pages: number | null
      state: Generated<Scan['state']>
      side: Generated<Scan['side']>
      reason: string | null
      /** Failed attempts to read it, and the time of the last. */
      attempts: Generated<number>
      tried_at: Date | null
      added_by: string
      added_at: Generated<Date>
    }
    sheets: {
      scan_id: string
      page: number
      kind: SheetKind | null
      starts: boolean | null
      turned: Generated<Rotation>
      lot: number | null
      thumbnail_sha256: string | null
      /**
       * Why the mailroom gave up on its page: the file cannot be opened, or reading it failed too
       * often. A page that is read later, for somebody else, changes nothing here.
       */
      withheld: string | null
    }
    letters: {
      id: string
      batch_id: string
      scan_id: string
      page: number
      live: Generated<boolean>
      contact_id: string | null
      made_of: JSONColumnType<readonly SheetMade[]> | null
      /** Failed attempts to make its document, and the time of the last. */
      attempts: Generated<number>
      tried_at: Date | null
      /**
       * The letter that its sheets now belong to, who joined it, and its case that left the line
       * because of that.
       */
      joined_to: string | null
      joined_by: string | null
      left_case: string | null
      /** Error code of why its case will never follow the letter. */
      unfollowed: string | null
      sender_name: string | null
      sender_address: string | null
      sender_email: string | null
      sender_phone: string | null
      /** ISO dates as text, because a date has no time zone. */
      postmark: string | null
      legal_receipt: string | null
      envelope_scan: string | null
      envelope_page: number | null
      tracking_number: string | null
      location: string | null
      disposition: 'keep' | 'return' | 'forward' | 'shred' | null
    }
    enclosures: {
      id: string
      letter_id: string
      what: string
      logged_by: string
      logged_at: Generated<Date>
      confirmed_by: string | null
      confirmed_at: Date | null
    }
  }
}
