/**
 * Every bound of reading a document, in one place. Beyond one of them a page or a document is withheld: the original stays
 * stored and a person looks at it. The worst real documents seen in the development corpora are named beside each.
 */
export const limits = {
  /** As large as a mail or an upload may be (40 MiB) with room for scans; a 500-page 300 dpi batch is about 120 MB. */
  documentBytes: 256 * 1024 ** 2,
  /** A day's tray in one stack; a feeder holds 500 sheets of two sides. */
  pages: 2_000,
  /** Source pixels of one page image: an E-size drawing (36×48 in) at 300 dpi has 155 million; a 20,000×20,000 bomb has 400. */
  sourcePixels: 180_000_000,
  /** Decoded bytes of one PDF stream handled by ourselves: a one-bit or grey page within `sourcePixels`. */
  streamBytes: 192 * 1024 ** 2,
  /** Pixels of the working image: a letter page at 400 dpi has 15 million. Larger pages are brought down to this. */
  workingPixels: 16_000_000,
  /** Working resolution; more adds time and no words (measured: 300 → 200 dpi loses none). */
  workingDpi: 300,
  /** Pixels drawn when a PDF page has to be rendered: 200 dpi on letter paper is 3.7 million; RGBA takes 4 bytes each. */
  renderPixels: 8_000_000,
  /** Pixels of one image that pdfjs may decode while drawing; it holds RGBA, so 100 MB. */
  pdfImagePixels: 25_000_000,
  /** A page of dense small print takes 5 s with the wasm engine, twice that when it lies upside down, and a shared core may be four times slower. */
  pageSeconds: 120,
  /** Reading structure and page count. qpdf's looping files end in under a second. */
  openSeconds: 20,
  /** Writing the searchable PDF: 5 ms a page plus the images' bytes. */
  assembleSeconds: 120,
  /** Words kept of one page: a dense newspaper page has 6,000. */
  wordsPerPage: 20_000,
  /** Characters kept of an office, HTML or text file: 500 pages of print. */
  textCharacters: 2_000_000,
  /** Inflated bytes of an office file's parts, so that a zip bomb stops there. */
  officeBytes: 64 * 1024 ** 2,
  /** Bytes of a page's content stream looked at to tell whether the page is one image; scanners write under 200. */
  pageContentBytes: 4_096,
  /** Images in a PDF page checked for text over them. */
  imagesPerPage: 200,
  /** A reader process larger than this after a page is replaced; with two readers the pool stays under 600 MiB. */
  readerRestBytes: 285 * 1024 ** 2,
  /** A reader process larger than this while reading is ended and the page withheld. */
  readerBytes: 500 * 1024 ** 2,
  /** Readers without work end after this, giving their memory back. */
  idleSeconds: 20
} as const

export type Limits = typeof limits
