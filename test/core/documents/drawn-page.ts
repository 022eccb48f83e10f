/** A page of three typed lines with something drawn on it, as the reader reads it. */
import { PDFDocument, StandardFonts, type PDFFont, type PDFPage } from '@cantoo/pdf-lib'
import type { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import type { Page } from '../../../core/documents/types.ts'

export type Draw = (page: PDFPage, font: PDFFont, pdf: PDFDocument) => Promise<void> | void

export const sentences = [
  'To the department of streets',
  'I do not agree to the removal of the oak',
  'Please answer by mail. Ann Reed'
]
/** Where its lines begin, and the foot of the second. */
export const [LEFT, BASE] = [40, 240]

export async function readDrawn(pool: ReaderPool, ...draw: Draw[]): Promise<Page> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  const page = pdf.addPage([400, 300])
  for (const [index, text] of sentences.entries())
    page.drawText(text, { x: LEFT, y: BASE + 20 - index * 20, size: 12, font })
  for (const step of draw) await step(page, font, pdf)
  return (await readDocument(Buffer.from(await pdf.save()), {}, pool)).pages[0]!
}
