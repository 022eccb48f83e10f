/**
 * Words used in this room.
 *   document    a file that came with a contact
 *   page        one side as a person would read it: upright, straight, square pixels
 *   box         [x0, y0, x1, y1] in pixels of the page's working image, origin top left
 *   withheld    not read by machine; the original stays stored and a person looks at it
 */
export type Box = readonly [number, number, number, number]

export interface Word {
  readonly text: string
  /** 0 to 1; 1 for words of a text layer. */
  readonly confidence: number
  readonly box: Box
}

export interface Barcode {
  /** zxing's name of the symbology: QRCode, Code128, Code39, … */
  readonly format: string
  readonly text: string
  readonly box: Box
}

export interface Page {
  readonly number: number
  readonly text: string
  /** Mean of the words' confidence weighted by length, 0 to 1; 0 where there is no word. */
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
  /** Why this one page could not be read; its text is empty then. */
  readonly withheld?: string
}

export interface PageImage {
  readonly mediaType: 'image/png' | 'image/jpeg'
  readonly bytes: Uint8Array
}

export interface ReadResult {
  readonly mediaType: string
  readonly pages: readonly Page[]
  readonly seconds: number
  readonly outcome: 'read' | 'withheld'
  /** Why nothing could be read (withheld), or what is missing (read). Never holds content. */
  readonly reason?: string
  /** A PDF with an invisible text layer, where `searchablePdf` was asked for and it could be made. */
  readonly searchablePdf?: Uint8Array
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
  /** Asks for page images, handed to `onPage` one at a time and not kept. */
  readonly images?: boolean
  /** Pages that were read before: not read, not in the result, not handed to `onPage`. A searchable PDF needs all of them. */
  readonly skip?: (number: number) => boolean
  /** Called once, before the first page is read, where the document could be opened. */
  readonly onOpen?: (total: number) => void | Promise<void>
  /** Called once per page, in the order in which they are done. */
  readonly onPage?: (page: Page, total: number, image?: PageImage) => void | Promise<void>
}
