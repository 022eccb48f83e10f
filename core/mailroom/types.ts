/**
 * Words used in this room.
 * tray, batch: letters that the mailroom stamped together; its received stamp is every letter's
 * `arrivedAt`
 * scan: one file from the scanner, stored unchanged
 * sheet: one page of one scan, at its position in the batch
 * letter: sheets that belong together; becomes one contact when the batch is released
 * page count: pages in = pages of letters + separators + blanks + withheld; a difference holds the
 * batch for a person
 * lot: the drawing of ordinals, so that within a batch nobody's place depends on the order of the
 * stack
 */
import type { Word } from '../documents/types.ts'

export type BatchState =
  /** Logged; scans may still be added. */
  | 'scanning'
  /** All scans are in and are being read. */
  | 'reading'
  /** A person must look: the page count does not balance, or a split is not certain. */
  | 'held'
  /** Its letters have become contacts. */
  | 'released'

export interface PageCount {
  readonly in: number
  readonly letters: number
  readonly separators: number
  readonly blanks: number
  /** Pages that no machine could read. They stay with their letter. */
  readonly withheld: number
  readonly balanced: boolean
}

export interface Batch {
  /** Short and printable: 1 to 40 letters, digits, hyphens; stands on every separator sheet. */
  readonly id: string
  readonly receivedAt: Date
  readonly loggedAt: Date
  readonly loggedBy: string
  readonly note: string | undefined
  /** Letters counted by hand when the tray was logged, if they were. */
  readonly expected: number | undefined
  readonly state: BatchState
  /** Why it is held, in sentences for a person. */
  readonly problems: readonly string[]
  readonly pageCount: PageCount
  readonly letters: number
  /** Number of scans that came too long after the stamp. They hold the batch for a person. */
  readonly late: number
  /** Highest number of the separator sheets that were printed for it. */
  readonly printed: number
  readonly pagesRead: number
  readonly pagesTotal: number
}

export interface Scan {
  readonly id: string
  readonly name: string
  readonly sha256: string
  readonly mediaType: string
  readonly bytes: number
  /** Undefined until it is opened. */
  readonly pages: number | undefined
  readonly state: 'stored' | 'reading' | 'read' | 'withheld'
  /**
   * Which sides it holds. Fronts and backs scanned as two stacks are collated: fronts in order,
   * backs from last to first.
   */
  readonly side: 'both' | 'fronts' | 'backs'
  readonly reason: string | undefined
}

export type SheetKind = 'page' | 'separator' | 'blank'

export interface Sheet {
  /** From 1, after collation. */
  readonly position: number
  readonly scanId: string
  readonly pageInScan: number
  readonly kind: SheetKind
  /**
   * True if it starts a letter: after a separator, by a mark on it, or because a person said so.
   */
  readonly starts: boolean
  readonly startedBy: 'signed' | 'text' | 'number' | 'person' | 'first' | undefined
  /**
   * Number of its letter within the batch, from 1; undefined for separators and blanks between
   * letters.
   */
  readonly letter: number | undefined
  /** Degrees clockwise by which a person turned it, in addition to what the reader found. */
  readonly turned: 0 | 90 | 180 | 270
  /** 0 to 1. */
  readonly confidence: number
  readonly text: string
  readonly read: boolean
  readonly withheld: string | undefined
}

/** A check, cash, a passport, a key. One person logs it and another confirms it. */
export interface Enclosure {
  readonly id: string
  readonly what: string
  readonly loggedBy: string
  readonly loggedAt: Date
  readonly confirmedBy: string | undefined
  readonly confirmedAt: Date | undefined
}

export interface Letter {
  readonly id: string
  readonly number: number
  readonly positions: readonly number[]
  readonly contactId: string | undefined
  readonly receipt: string | undefined
  readonly senderName: string | undefined
  readonly senderAddress: string | undefined
  readonly senderEmail: string | undefined
  readonly senderPhone: string | undefined
  /** ISO date as stamped on the envelope: evidence, never order. */
  readonly postmark: string | undefined
  /** ISO date that counts for legal deadlines, if it differs: evidence, never order. */
  readonly legalReceipt: string | undefined
  /** Position of the sheet that shows the envelope. */
  readonly envelopeAt: number | undefined
  /** Certified mail and the like. */
  readonly trackingNumber: string | undefined
  /** Where the paper is kept: shelf, box, folder. */
  readonly location: string | undefined
  readonly disposition: 'keep' | 'return' | 'forward' | 'shred' | undefined
  readonly enclosures: readonly Enclosure[]
}

export type LetterDetails = Partial<
  Pick<
    Letter,
    | 'senderName'
    | 'senderAddress'
    | 'senderEmail'
    | 'senderPhone'
    | 'postmark'
    | 'legalReceipt'
    | 'envelopeAt'
    | 'trackingNumber'
    | 'location'
    | 'disposition'
  >
>

export interface BatchView {
  readonly batch: Batch
  readonly scans: readonly Scan[]
  readonly sheets: readonly Sheet[]
  readonly letters: readonly Letter[]
}

/** A page as shown, upright. */
export interface SheetPicture {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface NewTray {
  readonly actor: string
  /** The stamp; the present time if absent. Only in the past, within the configured bound. */
  readonly receivedAt?: Date
  readonly expected?: number
  readonly note?: string
  /** Why the stamp is not the present time; required in that case. */
  readonly reason?: string
}

/**
 * What the pages, the watched folder and the command line can do with paper. Every change is an
 * event in the ledger.
 */
export interface Mailroom {
  /** @throws EvenhandError STAMP_OUT_OF_BOUNDS, REASON_REQUIRED */
  logTray(tray: NewTray): Promise<Batch>
  /**
   * Stores a scan; it is durable when this resolves. The same bytes under the same name twice in a
   * batch are one scan. @throws BATCH_UNKNOWN, BATCH_RELEASED, INTAKE_TOO_LARGE
   */
  addScan(
    batchId: string,
    scan: {
      readonly name: string
      readonly bytes: Uint8Array
      readonly side?: Scan['side']
      readonly actor: string
    }
  ): Promise<Scan>
  /**
   * Says that all scans are in: the batch is read, split, counted, and released if nothing needs a
   * person. @throws BATCH_UNKNOWN
   */
  finishScanning(batchId: string, actor: string): Promise<void>
  listBatches(options?: { readonly state?: BatchState; readonly limit?: number }): Promise<Batch[]>
  /** Undefined if there is no such batch. */
  viewBatch(batchId: string): Promise<BatchView | undefined>
  picture(
    batchId: string,
    position: number,
    size: 'thumbnail' | 'page'
  ): Promise<SheetPicture | undefined>
  words(batchId: string, position: number): Promise<readonly Word[]>
  /**
   * Records that separator sheets are printed. The batch is then split by them.
   * @throws BATCH_UNKNOWN, BATCH_RELEASED, BAD_REQUEST
   */
  printSeparators(batchId: string, from: number, count: number, actor: string): Promise<void>
  /**
   * Texts of the QR codes of separator sheets, one a letter, numbered from `from`. Changes nothing.
   */
  separators(
    batchId: string,
    from: number,
    count: number
  ): readonly { readonly letter: number; readonly code: string }[]
  /** Also works after release. */
  beginLetterAt(batchId: string, position: number, actor: string, reason: string): Promise<void>
  /**
   * Takes a letter's beginning at a sheet back, which joins it to the letter before. Also works
   * after release.
   */
  joinToLetterBefore(
    batchId: string,
    position: number,
    actor: string,
    reason: string
  ): Promise<void>
  setKind(
    batchId: string,
    position: number,
    kind: SheetKind,
    actor: string,
    reason: string
  ): Promise<void>
  rotate(
    batchId: string,
    position: number,
    degrees: 0 | 90 | 180 | 270,
    actor: string
  ): Promise<void>
  /** Sets which scans of a batch are fronts and backs of one stack. */
  setSides(batchId: string, scanId: string, side: Scan['side'], actor: string): Promise<void>
  /**
   * Gives the scans that came late a tray of their own, stamped now. Returns its id. @throws
   * REASON_REQUIRED, BATCH_RELEASED, BATCH_UNREAD, BAD_REQUEST
   */
  partLate(batchId: string, actor: string, reason: string): Promise<string>
  describeLetter(letterId: string, details: LetterDetails, actor: string): Promise<void>
  logEnclosure(letterId: string, what: string, actor: string): Promise<string>
  /** @throws NOT_ALLOWED if the same person logged it */
  confirmEnclosure(enclosureId: string, actor: string): Promise<void>
  /**
   * Makes contacts of the letters, with the stamp as their arrival and ordinals by lot. @throws
   * BATCH_UNBALANCED if the count differs and no reason is given
   */
  releaseBatch(batchId: string, actor: string, reason?: string): Promise<void>
}
