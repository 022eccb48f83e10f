/** A mailbox that is open, by whatever protocol. */
import type { Numbering } from '../../core/intake/mailbox-records.ts'
import { EvenhandError } from '../../platform/errors.ts'

export interface FetchedMessage {
  /** All of it, or its start where it is longer than was asked for. */
  readonly bytes: Uint8Array
  /** Bytes of the whole, as far as the server says so. */
  readonly size: number | undefined
  /** When the server says that it came. */
  readonly receivedAt: Date | undefined
  /** How the server knows it. */
  readonly evidence: Readonly<Record<string, string | number>>
}

export interface OpenMailbox {
  readonly numbering: Numbering
  /** After how long it is looked at again where nothing is heard of it, in ms. */
  readonly lookAgainMs: number
  /** Once it is not, it has to be opened anew. */
  usable(): boolean
  /** Calls when something may have come, and when the mailbox is no longer open. */
  listen(heard: () => void): void
  /**
   * Messages from the mailbox's day on.
   * @throws EvenhandError MAILBOX_*
   */
  list(): Promise<string[]>
  /**
   * Those among which all that were not taken yet are, oldest first.
   * @param stopping whether to end without them
   * @throws EvenhandError MAILBOX_*
   */
  listUntaken(stopping: () => boolean): Promise<string[]>
  /**
   * A message, undefined if it is no longer there.
   * @param maxBytes more of it need not be read
   * @throws EvenhandError MAILBOX_*
   */
  fetch(message: string, maxBytes: number): Promise<FetchedMessage | undefined>
  /**
   * Moves messages out of the way, where that is wished.
   * @throws EvenhandError MAILBOX_*
   */
  moveTaken(messages: readonly string[]): Promise<void>
  close(): void
}

/** The server wants to be left alone for a while. */
export class AskedToWait extends EvenhandError {
  /** Seconds, where it said how long. */
  readonly seconds: number | undefined

  constructor(detail: string, seconds: number | undefined) {
    super('MAILBOX_THROTTLED', detail)
    this.seconds = seconds
  }
}
