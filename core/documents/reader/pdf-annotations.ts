import { AnnotationType } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/types/src/display/api.js'
import { limits } from '../limits.ts'
import type { Box, Field, Note } from '../types.ts'
import { around } from './boxes.ts'
import type { Mark } from './pdf-marks.ts'

/** What people put on a page after it was made: values of its form and comments. */
export interface Annotations {
  readonly fields: readonly Field[]
  readonly notes: readonly Note[]
  /** Boxes of stamps and drawings that may hold writing of their own. */
  readonly pictures: readonly Box[]
  /** What was put on the page that has no words of its own, or says more than its words. */
  readonly marks: readonly Mark[]
  /** Set where there were more, or longer ones, than are read. */
  readonly more: boolean
}

interface Annotation {
  readonly id: string
  readonly subtype: string
  readonly annotationType: number
  readonly annotationFlags?: number
  readonly rect: readonly [number, number, number, number]
  readonly hasAppearance?: boolean
  readonly quadPoints?: ArrayLike<number> | null
  readonly contentsObj?: { readonly str?: string }
  readonly titleObj?: { readonly str?: string }
  readonly textContent?: readonly string[]
  readonly fieldName?: string
  readonly fieldType?: string
  readonly fieldValue?: unknown
  readonly alternativeText?: string
  readonly checkBox?: boolean
  readonly radioButton?: boolean
  readonly pushButton?: boolean
  readonly password?: boolean
  readonly hidden?: boolean
  readonly exportValue?: string
  readonly buttonValue?: string
  readonly options?: readonly { readonly exportValue: string; readonly displayValue: string }[]
  readonly defaultAppearanceData?: { readonly fontSize?: number }
}

/** Lines of text that one mark is put on; a dense page has a hundred. */
const MOST_QUADS = 200
/** Letters kept of the names of fields and people. */
const NAME_LENGTH = 300
/** HIDDEN and NOVIEW (ISO 32000-1, table 165). */
const UNSEEN = 2 | 32
/** Notes are of these; links, pop-ups and the like carry no words of their own. */
const notePattern =
  /^(Text|FreeText|Highlight|Underline|Squiggly|StrikeOut|Stamp|Ink|Line|Square|Circle|Polygon|PolyLine|Caret|FileAttachment|Redact)$/

/**
 * Reads the annotations of a page; a value without an appearance of its own is given one for when
 * the page is drawn.
 */
export async function readAnnotations(
  pdf: PDFDocumentProxy,
  page: PDFPageProxy,
  scale: number
): Promise<Annotations> {
  const all = (await page.getAnnotations({ intent: 'any' })) as Annotation[]
  const viewport = page.getViewport({ scale })
  const some = all.slice(0, limits.annotationsPerPage)
  const boxAround = (points: readonly (readonly [number, number])[]): Box =>
    around(points.map(([x, y]) => viewport.convertToViewportPoint(x, y) as [number, number]))
  const boxOf = ({ rect: [x0, y0, x1, y1] }: Annotation): Box =>
    boxAround([
      [x0, y0],
      [x1, y1]
    ])
  const budget = { left: limits.annotationsCharacters, cut: false }
  const fields = some
    .filter(({ annotationType }) => annotationType === AnnotationType.WIDGET)
    .flatMap((one) => fieldOf(one, boxOf(one), scale) ?? [])
    .map((field) => ({ ...field, value: cut(field.value, budget) }))
  for (const one of some) giveAppearance(pdf, one)
  const notes = some
    .flatMap((one) => noteOf(one, boxOf(one)) ?? [])
    .map((note) => ({ ...note, text: cut(note.text, budget) }))
  return {
    fields,
    notes: notes.filter(({ text }) => text !== ''),
    more: all.length > some.length || budget.cut,
    pictures: some
      .filter((one) => one.hasAppearance && !isHidden(one) && isPicture(one))
      .map(boxOf),
    marks: some
      .filter((one) => !isHidden(one))
      .map((one) => ({
        subtype: one.subtype,
        box: boxOf(one),
        on: quadsOf(one).map(boxAround),
        hasAppearance: one.hasAppearance ?? false
      }))
  }
}

/** Lines of text that it is put on, four corners each (ISO 32000-1, 12.5.6.10). */
function quadsOf({ quadPoints }: Annotation): [number, number][][] {
  const numbers = Array.from(quadPoints ?? [])
  return Array.from({ length: Math.min(numbers.length >> 3, MOST_QUADS) }, (_, quad) =>
    Array.from({ length: 4 }, (__, corner): [number, number] => [
      numbers[quad * 8 + corner * 2]!,
      numbers[quad * 8 + corner * 2 + 1]!
    ])
  )
}

/** Shown by its appearance alone. */
function isPicture(one: Annotation): boolean {
  return /^(Stamp|Watermark)$/.test(one.subtype) || (one.subtype === 'FreeText' && !wordsOf(one))
}

function isHidden({ annotationFlags = 0, hidden }: Annotation): boolean {
  return hidden === true || (annotationFlags & UNSEEN) !== 0
}

function giveAppearance(pdf: PDFDocumentProxy, one: Annotation): void {
  if (
    one.annotationType !== AnnotationType.WIDGET ||
    one.hasAppearance ||
    one.fieldType === 'Btn' ||
    one.password
  )
    return
  const value = valueOf(one)
  if (value) pdf.annotationStorage.setValue(one.id, { value })
}

function fieldOf(one: Annotation, box: Box, scale: number): Field | undefined {
  if (one.pushButton) return undefined
  const type = typeOf(one)
  const value = valueOf(one)
  const label = one.alternativeText?.trim()
  const fontSize = one.defaultAppearanceData?.fontSize
  return {
    name: (one.fieldName ?? '').slice(0, NAME_LENGTH),
    type,
    value,
    box,
    ...(label ? { label: label.slice(0, NAME_LENGTH) } : {}),
    ...(isHidden(one) ? { hidden: true as const } : {}),
    ...(fontSize ? { size: fontSize * scale } : {})
  }
}

function typeOf({ fieldType, checkBox, radioButton }: Annotation): Field['type'] {
  if (checkBox) return 'checkbox'
  if (radioButton) return 'radio'
  return fieldType === 'Ch' ? 'choice' : fieldType === 'Sig' ? 'signature' : 'text'
}

/** As it is shown; empty for a box that is not ticked. What was typed as a password stays out. */
function valueOf(one: Annotation): string {
  const { fieldValue: value, options = [] } = one
  if (one.password) return ''
  if (one.checkBox)
    return typeof value === 'string' && value === one.exportValue && value !== 'Off' ? value : ''
  if (one.radioButton) return typeof value === 'string' && value === one.buttonValue ? value : ''
  const shown = (chosen: unknown) =>
    options.find(({ exportValue }) => exportValue === chosen)?.displayValue ?? String(chosen)
  if (Array.isArray(value)) return value.map(shown).join(', ')
  return typeof value === 'string' && value !== ''
    ? one.fieldType === 'Ch'
      ? shown(value)
      : value
    : ''
}

function noteOf(one: Annotation, box: Box): Note | undefined {
  if (!notePattern.test(one.subtype)) return undefined
  const text = wordsOf(one)
  const author = (one.titleObj?.str?.trim() ?? '').slice(0, NAME_LENGTH)
  return text
    ? {
        kind: one.subtype,
        text,
        box,
        ...(author ? { author } : {}),
        ...(isHidden(one) ? { hidden: true as const } : {})
      }
    : undefined
}

function wordsOf(one: Annotation): string {
  return (one.contentsObj?.str ?? '').trim() || (one.textContent ?? []).join('\n').trim()
}

/** At most so many characters of one, and of all of the page together. */
function cut(text: string, budget: { left: number; cut: boolean }): string {
  const kept = text
    .replace(/\r\n?/g, '\n')
    .slice(0, Math.min(limits.annotationCharacters, budget.left))
  budget.left -= kept.length
  if (kept.length < text.replace(/\r\n?/g, '\n').length) budget.cut = true
  return kept
}
