/**
 * Every bound of reading a document, in one place. Beyond one of them a page or a document is
 * withheld: the original stays stored and a person looks at it. The worst real documents seen in
 * the development corpora are named beside each.
 */
export const limits = {
  /**
   * As large as a mail or an upload may be (40 MiB) with room for scans; a 500-page 300 dpi batch
   * is about 120 MB.
   */
  documentBytes: 256 * 1024 ** 2,
  /** A day's tray in one stack; a feeder holds 500 sheets of two sides. */
  pages: 2_000,
  /**
   * Source pixels of one page image: an E-size drawing (36×48 in) at 300 dpi has 155 million; a
   * 20,000×20,000 bomb has 400.
   */
  sourcePixels: 180_000_000,
  /**
   * Decoded bytes of one PDF stream handled by ourselves: a one-bit or grey page within
   * `sourcePixels`.
   */
  streamBytes: 192 * 1024 ** 2,
  /**
   * Pixels of the working image: a letter page at 400 dpi has 15 million. Larger pages are brought
   * down to this.
   */
  workingPixels: 16_000_000,
  /** Working resolution; more adds time and no words (measured: 300 → 200 dpi loses none). */
  workingDpi: 300,
  /**
   * Pixels drawn when a PDF page has to be rendered: 200 dpi on letter paper is 3.7 million; RGBA
   * takes 4 bytes each.
   */
  renderPixels: 8_000_000,
  /**
   * Pixels of one image that pdfjs may decode while drawing: letter and A4 paper at 600 dpi have 34
   * and 35 million. It holds RGBA, so 144 MB.
   */
  pdfImagePixels: 36_000_000,
  /**
   * A page of dense small print takes 5 s with the wasm engine, twice that when it lies upside
   * down, and a shared core may be four times slower.
   */
  pageSeconds: 120,
  /** Reading structure and page count. qpdf's looping files end in under a second. */
  openSeconds: 20,
  /** Writing the searchable PDF: 5 ms a page plus the images' bytes. */
  assembleSeconds: 120,
  /** Words kept of one page: a dense newspaper page has 6,000. */
  wordsPerPage: 20_000,
  /** Characters kept of an office, HTML or text file: 500 pages of print. */
  textCharacters: 2_000_000,
  /** Open elements and start tags of a saved page, as for a mail's HTML. */
  htmlDepth: 1_000,
  htmlTags: 60_000,
  /** Inflated bytes of an office file's parts, so that a zip bomb stops there. */
  officeBytes: 64 * 1024 ** 2,
  /** Parts of an office file; a presentation of 200 slides with pictures has 1,500. */
  officeParts: 10_000,
  /**
   * Elements of all its parts together, at a second a million: 500 pages of many short runs have
   * two million.
   */
  officeElements: 4_000_000,
  /** Elements inside each other; tables in text boxes in tables have 60. */
  officeDepth: 500,
  /** Cells read of a workbook; what is more is said. */
  officeCells: 200_000,
  /**
   * Bytes of a page's content stream looked at to tell whether the page is one image; scanners
   * write under 200.
   */
  pageContentBytes: 4_096,
  /**
   * Images, and as many shapes, in a PDF page checked for text over them; scanners write a page in
   * up to 400 strips.
   */
  imagesPerPage: 5_000,
  /**
   * Comparisons of lines, marks, fills and pictures with the words of one page: a quarter of
   * a second. Of 364 pages of the corpora the fullest takes 36,000.
   */
  comparisonsPerPage: 1_000_000,
  /** Pictures smaller than a scan that are read of one page. */
  smallPicturesPerPage: 40,
  /** Different ones that one reader reads of a document; a report of a hundred pages has fifty. */
  smallPicturesPerDocument: 400,
  /** Fields and comments of one page; the fullest tax form of the corpora has 240. */
  annotationsPerPage: 1_000,
  /**
   * Characters of one field's value or one comment: five dense pages. What is longer is cut there,
   * and the page says so.
   */
  annotationCharacters: 20_000,
  /** Characters of all fields and comments of one page together. */
  annotationsCharacters: 200_000,
  /** Decoded bytes of the data of an XFA form: a filled form of ten pages has 60 KB. */
  xfaBytes: 4 * 1024 ** 2,
  /** Values taken from the data of an XFA form. */
  xfaValues: 5_000,
  /** Files inside one document; a portfolio of a building permit has thirty. */
  embeddedFiles: 50,
  /** Bytes of all files inside one document together: what a mail may bring. */
  embeddedBytes: 64 * 1024 ** 2,
  /**
   * A file inside a document is taken out, and a file inside that one; what lies deeper is named
   * and left to a person.
   */
  embeddedDepth: 2,
  /** Characters of a title, an author and the like: more than any viewer shows. */
  informationCharacters: 500,
  /**
   * A reader process larger than this after a page is replaced; with two readers the pool stays
   * under 600 MiB.
   */
  readerRestBytes: 285 * 1024 ** 2,
  /** A reader process larger than this while reading is ended and the page withheld. */
  readerBytes: 500 * 1024 ** 2,
  /** Readers without work end after this, giving their memory back. */
  idleSeconds: 20
} as const
