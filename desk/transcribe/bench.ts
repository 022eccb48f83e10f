/** What the transcription bench needs of the core. */
import type { Envelope } from '../../core/envelope.ts'
import type { StoredFile } from '../core.ts'

/** A contact whose text a person has to write down; its place is kept meanwhile. */
export interface Waiting {
  readonly contactId: string
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly reason: string
  readonly envelope: Envelope
  /** Of the machine's text, 0 to 1; undefined where there is none. */
  readonly confidence: number | undefined
}

export interface WrittenDown {
  readonly text: string
  readonly language?: string
  readonly senderName?: string
  readonly senderAddress?: string
}

/** One page of a document as it can be shown, or why it cannot. */
export interface ShownPage {
  readonly number: number
  readonly picture: boolean
}

export interface TranscriptionBench {
  /** Earliest arrival first. */
  list(limit: number): Promise<{ total: number; contacts: readonly Waiting[] }>
  /** Undefined where it is not waiting (any more). */
  find(contactId: string): Promise<Waiting | undefined>
  /** The pages of a document that can be shown as pictures. */
  pages(sha256: string): Promise<readonly ShownPage[]>
  picture(sha256: string, page: number): Promise<StoredFile | undefined>
  /** @throws CONTACT_NOT_QUARANTINED where somebody else was faster */
  transcribe(contactId: string, actor: string, written: WrittenDown): Promise<void>
  /** It cannot be read: goes on with its original. @throws REASON_REQUIRED, CONTACT_NOT_QUARANTINED */
  giveUp(contactId: string, actor: string, reason: string): Promise<void>
}
