import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/types/src/display/api.js'
import { limits } from '../limits.ts'
import type { Box, Field, Note, Word } from '../types.ts'
import { readAnnotations, type Annotations } from './pdf-annotations.ts'
import { Comparisons, TOO_MANY_MARKS } from './comparisons.ts'
import { MARKED, marksNeedLooking, nameMarks } from './pdf-marks.ts'
import { nameArrows } from './arrows.ts'
import { nameChosen } from './choices.ts'
import { DRAWN, nameDrawn } from './drawn-over.ts'
import { hiddenNote } from './hidden-words.ts'
import { nameShaded } from './shaded-words.ts'
import {
  areBoxesFilled,
  areCovered,
  areOverwritten,
  areTiny,
  OVERWRITTEN,
  TINY,
  UNSEEN
} from './covered-words.ts'
import { worthReading } from './small-pictures.ts'
import { whatIsDrawn, type Drawn } from './pdf-drawn.ts'
import { renderScale } from './pdf-render.ts'
import { isLegible, isOdd, textLayer, type TextLayer } from './pdf-text.ts'
import { pictureShare } from './uncovered.ts'

const CUT = `It has more than ${limits.wordsPerPage.toLocaleString('en')} words, of which the first were read.`

/** Resolution of a page drawn for reading. */
const drawDpi = 200

/**
 * What can be told of a page without drawing it. Boxes are in pixels at `scale` pixels per point.
 */
export interface PageLook {
  readonly page: PDFPageProxy
  readonly scale: number
  readonly layer: TextLayer
  readonly legible: boolean
  readonly fields: readonly Field[]
  readonly notes: readonly Note[]
  /** Pictures, stamps and shapes that may be letters. */
  readonly boxes: readonly Box[]
  /** The share of the page they take where no words lie over them, 0 to 1. */
  readonly pictures: number
  /**
   * The layer's words are not what is seen, or do not look like words: they are compared with the
   * page's look.
   */
  readonly doubtful: boolean
  /** The layer's words are written unseen over a picture: somebody else's OCR. */
  readonly unseen: boolean
  /** It has layers with text that are switched off. */
  readonly hidden: boolean
  /** Smaller pictures that may hold words. */
  readonly small: readonly Box[]
  /** Words of the layer may be covered, or in the colour of paper: they are looked for. */
  readonly covered: boolean
  /** The document holds other files. */
  readonly hasFiles: boolean
  readonly unread: string | undefined
}

export async function lookAt(pdf: PDFDocumentProxy, page: PDFPageProxy): Promise<PageLook> {
  const scale = renderScale(page, drawDpi)
  const layer = await textLayer(page, scale)
  const annotations = await readAnnotations(pdf, page, scale).catch(() => undefined)
  const drawn = await whatIsDrawn(pdf, page, scale).catch(() => undefined)
  const boxes = [...(drawn?.pictures ?? []), ...(annotations?.pictures ?? [])]
  const { width, height } = page.getViewport({ scale })
  const unseen = drawn?.unseen ?? false
  const { words } = layer
  const comparisons = new Comparisons()
  if (drawn?.more) comparisons.exceed()
  const marks = nameMarks(annotations?.marks ?? [], words, comparisons)
  const small = worthReading(boxes, words, scale, comparisons)
  const covered = (drawn?.pale ?? false) || areCovered(words, drawn?.covers ?? [], comparisons)
  const lines = drawn ? marksDrawn({ ...drawn, words, scale, comparisons }) : []
  const beyond = drawn?.beyond ? [hiddenNote(drawn.beyond, [0, 0, 1, 1])] : []
  const overwritten = areOverwritten(words, comparisons) || areBoxesFilled(words, comparisons)
  return {
    page,
    scale,
    layer,
    legible: isLegible(layer),
    fields: annotations?.fields ?? [],
    notes: [...(annotations?.notes ?? []), ...marks, ...lines, ...beyond],
    boxes,
    pictures: pictureShare(boxes, layer.words, { width, height }),
    doubtful: unseen || (drawn?.type3 ?? false) || isOdd(layer),
    unseen,
    hidden: (drawn?.hidden ?? 0) > 0,
    small,
    covered,
    hasFiles: Boolean(await pdf.getAttachments().catch(() => null)),
    unread:
      unreadOf(annotations) ??
      (lines.length > 0 ? DRAWN : undefined) ??
      (overwritten ? OVERWRITTEN : undefined) ??
      (layer.cut ? CUT : undefined) ??
      (areTiny(words, scale) ? TINY : undefined) ??
      (isSentence(drawn?.beyond ?? '') ? UNSEEN : undefined) ??
      (comparisons.inBounds ? undefined : TOO_MANY_MARKS) ??
      (drawn ? undefined : 'What it shows beside its text could not be told.')
  }
}

/** More than a mark for the printer. */
function isSentence(beyond: string): boolean {
  return (beyond.match(/\p{L}{2,}/gu)?.length ?? 0) > 1
}

/** What lines, colours and looks say of the words. */
function marksDrawn(
  page: Drawn & {
    readonly words: readonly Word[]
    readonly scale: number
    readonly comparisons: Comparisons
  }
): Note[] {
  return [
    ...nameDrawn(page),
    ...nameShaded(page.words, page.shades, page.comparisons),
    ...nameChosen(page),
    ...nameArrows(page)
  ]
}

function unreadOf(annotations: Annotations | undefined): string | undefined {
  if (!annotations) return 'Its form fields and comments could not be read.'
  if (marksNeedLooking(annotations.marks)) return MARKED
  return annotations.more
    ? `It has more or longer form fields and comments than are read: ${limits.annotationsPerPage.toLocaleString('en')} of at most ${limits.annotationCharacters.toLocaleString('en')} characters each, ${limits.annotationsCharacters.toLocaleString('en')} together.`
    : undefined
}
