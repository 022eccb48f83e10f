/**
 * Words used in this room.
 *   tray, batch   letters that the mailroom stamped together; its received stamp is every letter's `arrivedAt`
 *   scan          one file from the scanner, kept as it came
 *   sheet         one page of one scan, at its position in the batch
 *   letter        sheets that belong together; becomes one contact when the batch is released
 *   account       pages in = pages of letters + separators + blanks + withheld; a difference stops the batch for a person
 *   lot           the drawing of ordinals: within a batch nobody's place depends on how the stack lay
 */
import type { Word } from '../documents/types.ts'

export type BatchState =
  /** Logged; scans may still come. */
  | 'scanning'
  /** All scans are in and being read. */
  | 'reading'
  /** A person must look: the account does not balance, or a split is not certain. */
  | 'held'
  /** Its letters are contacts. */
  | 'released'

export interface PageAccount {
  readonly in: number
  readonly letters: number
  readonly separators: number
  readonly blanks: number
  /** Pages that could not be read by machine; they stay with their letter. */
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
  /** Sentences for a person: why it is held. */
  readonly problems: readonly string[]
  readonly account: PageAccount
  readonly letters: number
  readonly pagesRead: number
  readonly pagesTotal: number
}

export interface Scan {
  readonly id: string
  readonly name: string
  readonly sha256: string
  readonly mediaType: string
  readonly bytes: number
  /** Undefined until it was opened. */
  readonly pages: number | undefined
  readonly state: 'stored' | 'reading' | 'read' | 'withheld'
  /** Fronts and backs scanned as two stacks are collated: fronts in order, backs from last to first. */
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
  /** Starts a letter: after a separator, by a mark on it, or because a person said so. */
  readonly starts: boolean
  readonly startedBy: 'signed' | 'text' | 'number' | 'person' | 'first' | undefined
  /** Number of its letter within the batch, from 1; undefined for separators and blanks between letters. */
  readonly letter: number | undefined
  /** Degrees clockwise that a person turned it, on top of what the reader found. */
  readonly turned: 0 | 90 | 180 | 270
  /** 0 to 1. */
  readonly confidence: number
  readonly text: string
  readonly read: boolean
  readonly withheld: string | undefined
}

/** A check, cash, a passport, a key: logged by one person and confirmed by another. */
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
  /** ISO date as stamped on the envelope: evidence, never order. */
  readonly postmark: string | undefined
  /** ISO date that counts for deadlines by law, where it differs: evidence, never order. */
  readonly legalReceipt: string | undefined
  /** Position of the sheet that shows the envelope. */
  readonly envelopeAt: number | undefined
  /** Certified mail and the like. */
  readonly trackingNumber: string | undefined
  /** Shelf, box, folder: where the paper lies. */
  readonly location: string | undefined
  readonly disposition: 'keep' | 'return' | 'forward' | 'shred' | undefined
  readonly enclosures: readonly Enclosure[]
}

export type LetterDetails = Partial<Pick<Letter, 'senderName' | 'senderAddress' | 'postmark' | 'legalReceipt' | 'envelopeAt' | 'trackingNumber' | 'location' | 'disposition'>>

export interface BatchView {
  readonly batch: Batch
  readonly scans: readonly Scan[]
  readonly sheets: readonly Sheet[]
  readonly letters: readonly Letter[]
}

/** A page as the bench shows it, upright. */
export interface SheetPicture {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface NewTray {
  readonly actor: string
  /** The stamp; now where it is not given. Backward only, within the configured bound. */
  readonly receivedAt?: Date
  readonly expected?: number
  readonly note?: string
  /** Why the stamp is not now; required where it is not. */
  readonly reason?: string
}

/** What the bench, the watched folder and the command line do with paper. Every change is an event in the ledger. */
export interface Mailroom {
  /** @throws EvenhandError STAMP_OUT_OF_BOUNDS, REASON_REQUIRED */
  logTray(tray: NewTray): Promise<Batch>
  /** Keeps a scan: durable when this resolves. The same bytes under the same name twice in a batch are one scan. @throws BATCH_UNKNOWN, BATCH_RELEASED, INTAKE_TOO_LARGE */
  addScan(batchId: string, scan: { readonly name: string; readonly bytes: Uint8Array; readonly side?: Scan['side']; readonly actor: string }): Promise<Scan>
  /** All scans are in: read, split, account, and release if nothing needs a person. @throws BATCH_UNKNOWN */
  finishScanning(batchId: string, actor: string): Promise<void>
  listBatches(options?: { readonly state?: BatchState; readonly limit?: number }): Promise<Batch[]>
  /** Undefined where there is none. */
  viewBatch(batchId: string): Promise<BatchView | undefined>
  picture(batchId: string, position: number, size: 'thumbnail' | 'page'): Promise<SheetPicture | undefined>
  words(batchId: string, position: number): Promise<readonly Word[]>
  /** Texts of the QR codes of separator sheets, one a letter, numbered from `from`. */
  separators(batchId: string, from: number, count: number): Promise<{ readonly letter: number; readonly code: string }[]>
  /** A person begins a letter at a sheet, or takes a beginning back (which joins the two letters). Works after release too. */
  setStart(batchId: string, position: number, starts: boolean, actor: string, reason: string): Promise<void>
  setKind(batchId: string, position: number, kind: SheetKind, actor: string, reason: string): Promise<void>
  turn(batchId: string, position: number, degrees: 0 | 90 | 180 | 270, actor: string): Promise<void>
  /** Tells that two scans of a batch are fronts and backs of one stack, or that they are not. */
  setSides(batchId: string, scanId: string, side: Scan['side'], actor: string): Promise<void>
  describeLetter(letterId: string, details: LetterDetails, actor: string): Promise<void>
  logEnclosure(letterId: string, what: string, actor: string): Promise<string>
  /** @throws NOT_ALLOWED where the same person logged it */
  confirmEnclosure(enclosureId: string, actor: string): Promise<void>
  /** Makes contacts of the letters, with the stamp as their arrival and ordinals by lot. @throws BATCH_UNBALANCED without a reason given for the difference */
  release(batchId: string, actor: string, reason?: string): Promise<void>
}
