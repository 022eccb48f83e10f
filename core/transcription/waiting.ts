/** What the transcription pages need of the core. */
import type { SheetPicture } from '../mailroom/types.ts'
import type { Transcript, Transcription } from './transcribe.ts'

export interface TranscriptionService {
  /** Earliest arrival first. */
  list(limit: number): Promise<{ total: number; contacts: readonly Transcription[] }>
  /** Undefined where it is not waiting (any more). */
  find(contactId: string): Promise<Transcription | undefined>
  /** Numbers of a document's pages that can be shown as pictures. */
  pages(sha256: string): Promise<readonly number[]>
  picture(sha256: string, page: number): Promise<SheetPicture | undefined>
  /** @throws TEXT_REQUIRED; CONTACT_NOT_QUARANTINED where somebody else was faster */
  transcribe(contactId: string, actor: string, transcript: Transcript): Promise<void>
  /**
   * It cannot be read: goes on with its original. @throws REASON_REQUIRED, CONTACT_NOT_QUARANTINED
   */
  giveUp(contactId: string, actor: string, reason: string): Promise<void>
}
