import { PDFParse } from 'pdf-parse'
import { openPdf } from './pdf.ts'

/**
 * pdf-parse on the document that is open already, so that it is opened once, within our bounds, and
 * let go by us: pdf-parse opens by itself where its own field is empty, and its `destroy` calls
 * what this pdfjs no longer has. Its version is pinned for that.
 */
export async function parserOf(path: string): Promise<PDFParse> {
  return Object.assign(new PDFParse({}), { doc: await openPdf(path) })
}
