import type { EnvelopeDraft, Party } from '../envelope.ts'
import type { CarriedValues } from '../matching/contact-fit.ts'
import type { Model } from '../matching/model.ts'
import type { Person } from '../matching/person.ts'
import type { Protection } from '../matching/protect.ts'
import type { WrittenIdentifiers } from './sender.ts'

export interface MatchContext {
  readonly model: Model
  readonly protection: Protection
  /** Country of phone numbers and addresses that do not name one. */
  readonly country: string
  /** Whether an e-mail address is the agency's own: such a sender is nobody on record. */
  readonly isOwnAddress: (email: string) => boolean
}

/** One person named by one contact. */
export interface Mention {
  readonly contactId: string
  readonly role: 'sender' | Party['role']
  /** Protected like the register: in privacy mode only keyed hashes. */
  readonly person: Person
  readonly shown: WrittenIdentifiers
  readonly keys: readonly bigint[]
  readonly identifiers: number
  readonly nameConfidence: number
  readonly carried: CarriedValues
  readonly channel: EnvelopeDraft['channel']
  /** It gives an address of the agency's own. */
  readonly own: boolean
}
