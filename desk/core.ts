/** What the desk needs of the core. Nothing here lets anyone choose a case: the line says which is next. */
import type { CaseEvent } from '../core/contacts.ts'
import type { Accepted, RawContact } from '../core/channel.ts'
import type { CaseState, TrailStep } from '../core/db/tables.ts'
import type { Envelope } from '../core/envelope.ts'
import type { Quarantined } from '../core/quarantine.ts'
import type { WebhookFailure, WebhookView } from '../core/webhooks/failures.ts'
import type { OwedSlip, Slip } from '../core/slips.ts'
import type { Annotation } from '../core/transcripts.ts'

export interface HeldCase {
  readonly caseId: string
  readonly receipt: string
  readonly department: string
  readonly channel: string
  readonly arrivedAt: Date
  /** When it returns to its place by itself. */
  readonly leaseUntil: Date
}

export interface CaseContact {
  readonly contactId: string
  readonly receipt: string
  readonly role: 'first' | 'duplicate' | 'follow-up'
  readonly reason: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly envelope: Envelope | undefined
  readonly trail: readonly TrailStep[]
  /** What machines made of its recording; nobody has checked it. */
  readonly transcripts?: readonly Annotation[]
}

export interface CaseView {
  readonly caseId: string
  readonly receipt: string
  readonly department: string
  readonly state: CaseState
  readonly arrivedAt: Date
  /** 1 = next; only while waiting. */
  readonly place: number | undefined
  /** The actor who holds it, such as `staff:<id>`. */
  readonly heldBy: string | undefined
  readonly leaseUntil: Date | undefined
  readonly outcome: string | undefined
  readonly contacts: readonly CaseContact[]
  readonly events: readonly CaseEvent[]
}

export interface StoredFile {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface DeskCore {
  /** Resolves when the database answers; rejects otherwise. */
  ready(): Promise<void>
  countWaiting(departments: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** The id of the case taken, or undefined when nothing waits for this actor. */
  takeNext(department: string, actor: string): Promise<string | undefined>
  giveBack(caseId: string, actor: string, reason: string): Promise<void>
  pass(caseId: string, actor: string, reason: string): Promise<void>
  transfer(caseId: string, actor: string, toDepartment: string, reason: string): Promise<void>
  handOff(caseId: string, actor: string, to: string, reason: string): Promise<void>
  close(caseId: string, actor: string, outcome: string, note: string): Promise<void>
  reopen(caseId: string, actor: string, reason: string): Promise<void>
  heldBy(actor: string): Promise<HeldCase[]>
  viewCase(caseId: string): Promise<CaseView | undefined>
  /** Earliest arrival first. */
  listQuarantine(): Promise<{ total: number; contacts: readonly Quarantined[] }>
  release(contactId: string, actor: string, reason: string): Promise<void>
  /** The one door, for what is taken down at the desk. */
  accept(raw: RawContact): Promise<Accepted>
  slip(receipt: string): Promise<Slip | undefined>
  recordSlip(contactId: string, actor: string): Promise<void>
  listOwedSlips(): Promise<{ total: number; slips: readonly OwedSlip[] }>
  /** The original bytes of a contact as they came. */
  original(contactId: string): Promise<StoredFile | undefined>
  /** A document's content by its number in the envelope, also where no machine could read it; undefined where there is none. */
  document(contactId: string, index: number): Promise<StoredFile | undefined>
}

/** Departments' own systems, as their page sees them. */
export interface WebhookDesk {
  list(): Promise<readonly WebhookView[]>
  failures(): Promise<{ total: number; failures: readonly WebhookFailure[] }>
  start(department: string, actor: string): Promise<void>
  sendAgain(eventId: string, actor: string): Promise<void>
  dismiss(eventId: string, actor: string): Promise<void>
}
