/** PDFs with what people add to a page after it was made: values, comments, files. */
import {
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFString,
  StandardFonts,
  type PDFDict,
  type PDFPage
} from '@cantoo/pdf-lib'

export interface FormOptions {
  /** False takes every appearance away, as programs write that leave drawing to the viewer. */
  readonly appearances?: boolean
  readonly turned?: 0 | 90 | 180 | 270
}

/**
 * An application with text, choice, ticked and unticked boxes, buttons, and a field nobody sees.
 */
export async function formPdf({
  appearances = true,
  turned = 0
}: FormOptions = {}): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  const page = pdf.addPage([500, 400])
  const form = pdf.getForm()
  const label = (text: string, x: number, y: number) =>
    page.drawText(text, { x, y, size: 11, font })
  label('Application for a street party', 40, 360)
  const typed = (name: string, value: string, y: number) => {
    const field = form.createTextField(name)
    field.setText(value)
    field.addToPage(page, { x: 160, y: y - 5, width: 280, height: 20, font })
    return field
  }
  label('Applicant', 40, 320)
  typed('applicant', 'Wilhelmina Okonkwo', 320)
  label('Street', 40, 290)
  typed('street', '', 290)
  const choice = form.createDropdown('ward')
  choice.setOptions(['Harbour ward', 'Mill ward'])
  choice.select('Mill ward')
  label('Ward', 40, 260)
  choice.addToPage(page, { x: 160, y: 255, width: 280, height: 20, font })
  const tick = (name: string, text: string, x: number, on: boolean) => {
    const box = form.createCheckBox(name)
    box.addToPage(page, { x, y: 225, width: 14, height: 14 })
    if (on) box.check()
    label(text, x + 22, 228)
  }
  tick('music', 'With music', 40, true)
  tick('stalls', 'With stalls', 240, false)
  const secret = typed('internalNote', 'unseen remark', 40)
  secret.acroField.getWidgets()[0]!.setFlagTo(2, true)
  // No label is printed beside this one: it goes by its name.
  typed('NumberOfGuests', '140', 120)
  if (!appearances)
    for (const field of form.getFields())
      for (const widget of field.acroField.getWidgets()) widget.dict.delete(PDFName.of('AP'))
  if (turned) page.node.set(PDFName.of('Rotate'), pdf.context.obj(turned))
  return Buffer.from(await pdf.save({ updateFieldAppearances: false }))
}

export function annotate(pdf: PDFDocument, page: PDFPage, entries: Record<string, unknown>): void {
  const annotation = pdf.context.obj({
    Type: 'Annot',
    Rect: [60, 60, 120, 80],
    ...entries
  } as never) as unknown as PDFDict
  for (const [key, value] of Object.entries(entries))
    if (typeof value === 'string' && value.startsWith('('))
      annotation.set(PDFName.of(key), PDFHexString.fromText(value.slice(1, -1)))
  page.node.addAnnot(pdf.context.register(annotation))
}

/** Puts the data of a form in Adobe's XML into a document. */
export function addXfa(
  pdf: PDFDocument,
  data: string,
  { dynamic = true }: { readonly dynamic?: boolean } = {}
): void {
  const { context } = pdf
  const xml = `<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data>${data}</xfa:data></xfa:datasets>`
  const packets = context.obj([
    PDFString.of('datasets'),
    context.register(context.flateStream(Buffer.from(xml)))
  ] as never)
  pdf.catalog.set(PDFName.of('AcroForm'), context.obj({ Fields: [], XFA: packets } as never))
  if (dynamic) pdf.catalog.set(PDFName.of('NeedsRendering'), context.obj(true))
}

/** A page that says only that another program is needed. */
export async function waitingPdf(): Promise<PDFDocument> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  const page = pdf.addPage([500, 300])
  for (const [index, line] of [
    'Please wait...',
    'If this message is not eventually replaced by the form, your PDF viewer',
    'cannot show it. Get the newest Adobe Reader.'
  ].entries())
    page.drawText(line, { x: 30, y: 250 - index * 20, size: 11, font })
  return pdf
}

/** A letter in one page of its own text. */
export async function letterPdf(...lines: string[]): Promise<PDFDocument> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  const page = pdf.addPage([500, 300])
  for (const [index, line] of lines.entries())
    page.drawText(line, { x: 30, y: 250 - index * 20, size: 12, font })
  return pdf
}
