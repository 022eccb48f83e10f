/** Row types of the tables that `migrations/` makes; `schema.sql` shows them as PostgreSQL has them. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Page, Word } from '../documents/types.ts'
import type { Barcode } from '../documents/types.ts'
import type { Envelope } from '../envelope.ts'
import type { ApiTables } from './api-tables.ts'
import type { BatchState, Scan, SheetKind } from '../mailroom/types.ts'

export type ContactState = 'accepted' | 'documents' | 'read' | 'settled' | 'quarantined'
export type Outcome = 'case' | 'duplicate' | 'follow-up' | 'quarantined' | 'auto-reply' | 'bounce' | 'batch'
/** What is owed to a sender: the receipt of a case, a receipt asked for by telephone, a question, what our number is. */
/** `answer:<id>` is the agency's own words to one contact; the text is in `answers`. */
export type OutboundKind = 'acknowledgement' | 'receipt-by-text' | 'question' | 'help' | `answer:${string}`
export type CaseState = 'waiting' | 'taken' | 'closed' | 'handed-off' | 'joined'

/** One line of a contact's trail: which step said what, and why. */
export interface TrailStep {
  readonly step: string
  readonly verdict: string
  readonly reason: string
  readonly evidence: Readonly<Record<string, unknown>>
}

export type Turn = 0 | 90 | 180 | 270

/** A sheet as it went into a letter's document. */
export interface SheetMade {
  readonly scan: string
  readonly page: number
  readonly turned: Turn
}

type Stored = Omit<Envelope, 'version' | 'arrivedAt' | 'ordinal'>

export interface Tables extends ApiTables {
  contacts: {
    id: string
    channel: string
    source: string
    external_id: string
    receipt: string
    arrived_at: Generated<Date>
    ordinal: Generated<string>
    raw_sha256: string
    raw_bytes: number
    media_type: string
    recipients: string[]
    evidence: JSONColumnType<Record<string, unknown>>
    state: ContactState
    attempts: Generated<number>
    kind: ColumnType<'message' | 'auto-reply' | 'bounce' | null, string | null, string | null>
    tokens: Generated<string[]>
    envelope: JSONColumnType<Stored> | null
    trail: Generated<TrailStep[]>
    outcome: Outcome | null
    quarantine_code: string | null
    /** The case that speaks for it now. */
    case_id: string | null
    /** The batch whose stamp and lot gave the arrival. */
    batch_id: string | null
    unsure: string | null
    /** The case it had before a join; null where none moved it. */
    own_case_id: string | null
    updated_at: Generated<Date>
  }
  documents: {
    sha256: string
    bytes: ColumnType<string, number, number>
    media_type: string | null
    kind: string | null
    pages: number | null
    barcodes: Generated<boolean>
    outcome: 'read' | 'withheld' | null
    reason: string | null
    searchable_pdf: string | null
    reader_version: number
    attempts: Generated<number>
    asked_at: Generated<Date>
    updated_at: Generated<Date>
    read_at: Date | null
  }
  document_pages: {
    sha256: string
    number: number
    text: string
    confidence: number
    rotation: number
    skew: number
    blank: boolean
    words: Buffer
    barcodes: JSONColumnType<Barcode[]> | null
    source: 'text-layer' | 'ocr'
    width_px: number
    height_px: number
    dpi: number
    withheld: string | null
    image: string | null
    image_type: 'image/png' | 'image/jpeg' | null
  }
  contact_documents: { contact_id: string; sha256: string }
  blobs: { sha256: string; content: Buffer }
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
    outcome: string | null
    joined_into: string | null
    updated_at: Generated<Date>
  }
  case_contacts: {
    case_id: string
    contact_id: string
    role: 'first' | 'duplicate' | 'follow-up'
    reason: string
    linked_at: Generated<Date>
    /** The joined case this link came from; null for a contact's own. */
    via: string | null
  }
  case_passes: { case_id: string; actor: string; reason: string; passed_at: Generated<Date> }
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
  }
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
    delivery: string | null
    delivery_rank: Generated<number>
  }
  reply_budget: { day: string; address_hash: string; replies: number }
  secrets: { name: string; value: Buffer }
  batches: {
    id: string
    received_at: Date
    logged_at: Date
    logged_by: string
    note: string | null
    expected: number | null
    state: Generated<BatchState>
    remarks: Generated<string[]>
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
    /** Failed attempts to read it, and when the last was. */
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
    turned: Generated<Turn>
    lot: number | null
    result: JSONColumnType<Omit<Page, 'words'>> | null
    words: JSONColumnType<readonly Word[]> | null
    image_sha256: string | null
    image_type: string | null
    thumbnail_sha256: string | null
  }
  letters: {
    id: string
    batch_id: string
    scan_id: string
    page: number
    live: Generated<boolean>
    contact_id: string | null
    made_of: JSONColumnType<readonly SheetMade[]> | null
    /** Failed attempts to make its document, and when the last was. */
    attempts: Generated<number>
    tried_at: Date | null
    /** The letter its sheets belong to now, who said so, and the case that left its line for it. */
    joined_to: string | null
    joined_by: string | null
    left_case: string | null
    /** Why its case stays where it is for good, though the letter went: a code of the catalogue. */
    unfollowed: string | null
    sender_name: string | null
    sender_address: string | null
    /** ISO dates: read and written as text, since a date has no time zone. */
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
  remote_files: {
    contact_id: string
    number: number
    name: string
    state: 'held' | 'waiting' | 'fetched' | 'missing'
    sha256: string | null
    media_type: string | null
    reason: string | null
    attempts: Generated<number>
    due_at: Generated<Date>
    updated_at: Generated<Date>
  }
  text_consents: { address: string; allowed: boolean; ordinal: string; contact_id: string; changed_at: Generated<Date> }
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
  call_transcripts: {
    call_id: string
    recording_id: string
    engine: string
    status: 'completed' | 'failed'
    text: string
    language: string | null
    confidence: number | null
    received_at: Generated<Date>
  }
}
