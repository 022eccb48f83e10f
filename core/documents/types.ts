/**
 * Words used in this room.
 *   document    a file that came with a contact
 *   page        one side as a person would read it: upright, straight, square pixels
 *   box         [x0, y0, x1, y1] in pixels of the page's working image, origin top left
 * unread a page, or a part of it, that a machine could not read surely: its text is left out and a
 * person looks
 *   withheld    not read by machine; the original stays stored and a person looks at it
 */
export type Box = readonly [number, number, number, number]

export interface Word {
  readonly text: string
  /** 0 to 1; 1 for words of a text layer. */
  readonly confidence: number
  readonly box: Box
  /**
   * Where it comes from if not from the page's own text or, on a page read by OCR, from its
   * picture.
   */
  readonly from?: 'field' | 'note' | 'ocr'
}

/** A field of a form that the page shows. */
export interface Field {
  readonly name: string
  /** What the form calls it for people. */
  readonly label?: string
  readonly type: 'text' | 'choice' | 'checkbox' | 'radio' | 'signature'
  /** As it is shown; empty where it is not filled in or not ticked. */
  readonly value: string
  readonly box: Box
  /** Height of its letters in pixels, where the form says it. */
  readonly size?: number
  /** Nobody who opens the page sees it: it stays out of the text. */
  readonly hidden?: true
}

/** What somebody put on a page beside its content. */
export interface Note {
  /**
   * PDF's name of the kind (Text, FreeText, Highlight, Stamp, …), or `HiddenLayer` for words in a
   * layer that is switched off.
   */
  readonly kind: string
  readonly text: string
  readonly author?: string
  readonly box: Box
  /** Nobody who opens the page sees it: it stays out of the text. */
  readonly hidden?: true
  /** It has no words of its own: the text names it, with the words that it is put on. */
  readonly mark?: true
}

export interface Barcode {
  /** zxing's name of the symbology: QRCode, Code128, Code39, … */
  readonly format: string
  readonly text: string
  readonly box: Box
}

export interface Page {
  readonly number: number
  /**
   * Of the words read surely enough (see reader/sure-words.ts), with the values of its form and its
   * comments.
   */
  readonly text: string
  /** Mean of all words' confidence weighted by length, 0 to 1; 0 where there is no word. */
  readonly confidence: number
  /** Degrees clockwise that were needed to put the page upright: 0, 90, 180 or 270. */
  readonly rotation: number
  /** Degrees clockwise that were needed to straighten it, after `rotation`. */
  readonly skew: number
  /** Nothing on it: to be left out of the working copy only. */
  readonly blank: boolean
  readonly words: readonly Word[]
  readonly source: 'text-layer' | 'ocr'
  readonly widthPx: number
  readonly heightPx: number
  /** Pixels per inch of the working image. */
  readonly dpi: number
  readonly barcodes?: readonly Barcode[]
  readonly fields?: readonly Field[]
  readonly notes?: readonly Note[]
  /** It has text that its own layer lacks: values, comments, what was read of a picture. */
  readonly added?: true
  /** Why this one page could not be read; its text is empty then. */
  readonly withheld?: string
  /**
   * What of the page, or all of it, no machine could read surely or show, so that a person has to
   * look.
   */
  readonly unread?: string
}

export interface PageImage {
  readonly mediaType: 'image/png' | 'image/jpeg'
  readonly bytes: Uint8Array
}

/** A file inside a document, read like one that was sent by itself. */
export interface Attachment {
  readonly name: string
  readonly mediaType: string
  readonly bytes: number
  /** Undefined where its bytes could not be taken out. */
  readonly sha256?: string
  readonly outcome: 'read' | 'withheld'
  readonly reason?: string
  readonly pages: readonly Page[]
  readonly attachments?: readonly Attachment[]
}

/** What a PDF says of itself. Whoever made it wrote it: it decides nothing. */
export interface Information {
  readonly title?: string
  readonly author?: string
  readonly subject?: string
  readonly keywords?: string
  /** The program it was written in, and the one that made the PDF of it. */
  readonly creator?: string
  readonly producer?: string
  /** ISO 8601. */
  readonly created?: string
  readonly modified?: string
}

export interface ReadResult {
  readonly mediaType: string
  readonly pages: readonly Page[]
  readonly seconds: number
  readonly outcome: 'read' | 'withheld'
  /** Why nothing could be read (withheld), or what is missing (read). Never holds content. */
  readonly reason?: string
  /**
   * A PDF with an invisible text layer, where `searchablePdf` was asked for and it could be made.
   */
  readonly searchablePdf?: Uint8Array
  /** What a PDF says of itself, where `information` was asked for. */
  readonly information?: Information
  /** Files inside it, where `attachments` was asked for. */
  readonly attachments?: readonly Attachment[]
}

export interface ReadOptions {
  /** ISO 639-3 codes as tesseract names them, best known first. @default ['eng'] */
  readonly languages?: readonly string[]
  /** The engine; `native` needs the `tesseract` program. @default 'wasm' */
  readonly engine?: 'wasm' | 'native'
  readonly barcodes?: boolean
  /** False to look for barcodes only. @default true */
  readonly text?: boolean
  readonly searchablePdf?: boolean
  /** Also takes out the files inside it and reads them. */
  readonly attachments?: boolean
  /** Also asks a PDF what it says of itself. */
  readonly information?: boolean
  /** Asks for page images, handed to `onPage` one at a time and not kept. */
  readonly images?: boolean
  /** Called once per page, in the order in which they are done. */
  readonly onPage?: (page: Page, total: number, image?: PageImage) => void | Promise<void>
}
