/** What is shown of cases. */
import type { CaseEvent } from '../contacts/find.ts'
import type { CaseState } from '../line/tables.ts'
import type { TrailStep } from '../contacts/tables.ts'
import type { Envelope } from '../envelope.ts'
import type { ReturnedAddress } from '../replies/ways.ts'
import type { Annotation } from '../transcription/machine-transcripts.ts'

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
  /** Who wrote it: a person, a machine in their place, or a mail system about mail of ours. */
  readonly kind: 'message' | 'auto-reply' | 'bounce'
  readonly channel: string
  readonly arrivedAt: Date
  /** When it came to this case: later than it arrived where staff joined it. */
  readonly linkedAt: Date
  readonly envelope: Envelope | undefined
  /** It came with another case that staff joined to this one. */
  readonly joined: boolean
  /** Who on record its sender is taken to be. */
  readonly personId: string | undefined
  readonly trail: readonly TrailStep[]
  /** What became of its receipt, and why it was not sent; undefined where none is owed. */
  readonly told?: string | undefined
  readonly notTold?: string | undefined
  /**
   * The latest word of the sender's mail system or carrier about that: `delayed`, `delivered`,
   * `read`.
   */
  readonly delivery?: string | undefined
  /** What machines made of its recording; nobody has checked it. */
  readonly transcripts?: readonly Annotation[]
}

/** Another case, by what it is about. */
export interface NearCase {
  readonly caseId: string
  readonly about: string
  readonly department: string
}

export interface CaseView {
  readonly caseId: string
  readonly receipt: string
  readonly department: string
  readonly state: CaseState
  /** Of its first contact. */
  readonly arrivedAt: Date
  /** The later arrival it stands at, where a follow-up brought it back after it had ended. */
  readonly standsSince: Date | undefined
  /** 1 = next; only while waiting. */
  readonly place: number | undefined
  /** The actor who holds it, such as `staff:<id>`. */
  readonly heldBy: string | undefined
  readonly leaseUntil: Date | undefined
  /** When a case that waits for its resident comes back by itself. */
  readonly remindAt: Date | undefined
  readonly outcome: string | undefined
  /** Of the department's outcomes, the one that its resident reads. */
  readonly outcomeId: string | undefined
  /** An answer was sent to one of its contacts. */
  readonly answered: boolean
  /** Cases that were split off it and joined again. */
  readonly parts: readonly { readonly caseId: string; readonly about: string }[]
  /** Other cases that came of splitting a contact of it, and in whose line each is. */
  readonly siblings: readonly NearCase[]
  /** The case that it was joined into. */
  readonly joinedInto: NearCase | undefined
  /** Cases that were joined into it, the earliest first. */
  readonly joinedCases: readonly NearCase[]
  /** What it is about, as whoever split it off said; undefined for a case of its own. */
  readonly about: string | undefined
  readonly contacts: readonly CaseContact[]
  /** Addresses to which the latest message from us did not arrive. */
  readonly returned: readonly ReturnedAddress[]
  readonly events: readonly CaseEvent[]
}

export interface StoredFile {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}
