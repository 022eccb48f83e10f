import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/types/src/display/api.js'
import { limits } from '../limits.ts'
import type { Box } from '../types.ts'
import { area, around, holds, type Frame } from './boxes.ts'
import {
  beginning,
  fontOf,
  isBold,
  isPale,
  lookOf,
  type PageFont,
  type State
} from './drawing-state.ts'
import { identity, multiply, type Matrix } from './page-content.ts'
import { Strokes, THIN, type Stroke } from './pdf-strokes.ts'
import { Shades, type Shade } from './shades.ts'
import { TextPlace } from './text-place.ts'

/** What a page shows besides its text, and how it shows its text. */
export interface Drawn {
  /** Boxes of pictures, and of shapes that may be letters drawn as outlines, in pixels. */
  readonly pictures: readonly Box[]
  /**
   * Most of the text is not seen itself: written in rendering mode 3 or painted over, as in
   * searchable scans.
   */
  readonly unseen: boolean
  /**
   * Some text is in fonts whose shapes are drawn by the page (Type 3), whose codes need not be
   * letters.
   */
  readonly type3: boolean
  /** Characters in layers that are switched off. */
  readonly hidden: number
  readonly strokes: readonly Stroke[]
  /** Filled triangles, and shapes of arrows. */
  readonly heads: readonly Box[]
  readonly arrows: readonly Box[]
  /** Boxes of areas filled after words were written. */
  readonly covers: readonly Box[]
  /**
   * Words are written unseen, in the colour of paper or beyond what is shown of them: they are
   * looked for on the page's picture.
   */
  readonly pale: boolean
  /** Words that stand beyond the edges of the page, which are in no text layer. */
  readonly beyond: string
  /** Areas in a colour on which words were written, or that let them through. */
  readonly shades: readonly Shade[]
  /** Letters that are bold or coloured. */
  readonly runs: readonly Run[]
  /** There were more lines, fills or pictures than are looked at. */
  readonly more: boolean
}

/** Letters set at once in a look that is not plain. */
export interface Run {
  /** Along the middle of its letters. */
  readonly box: Box
  /** The same for what looks the same. */
  readonly look: string
}

const imageOps = new Set<number>([
  OPS.paintImageXObject,
  OPS.paintInlineImageXObject,
  OPS.paintImageMaskXObject,
  OPS.paintSolidColorImageMask
])
const groupOps = new Set<number>([OPS.paintInlineImageXObjectGroup, OPS.paintImageMaskXObjectGroup])
const textOps = new Set<number>([OPS.showText, OPS.showSpacedText])
/** Letters are filled by drawing programs, and stroked by plotters. */
const paints = new Set<number>([
  OPS.fill,
  OPS.eoFill,
  OPS.fillStroke,
  OPS.eoFillStroke,
  OPS.stroke,
  OPS.closeStroke
])
/**
 * Numbers of a path from which it is more than a frame or a rule: a letter has 40 to 200, a
 * rectangle 13.
 */
const SHAPE_NUMBERS = 24
/**
 * Shapes of so many numbers on a page may be writing: thirty letters. A logo has fewer, or is
 * looked at for nothing.
 */
const WRITING_NUMBERS = 1_500
/** An image of this share of the page hides the text painted before it. */
const COVERING = 0.5

/** Opacity under which letters are looked for on the page's picture; watermarks have 0.2 to 0.5. */
const FAINT = 0.2
const covering = new Set<number>([OPS.fill, OPS.eoFill, OPS.fillStroke, OPS.eoFillStroke])
/** Filled areas looked at of one page; a table of coloured cells has a thousand. */
const MOST_COVERS = 5_000
/** Points by which letters may stand out of what is shown of them: their feet do. */
const CUT = 1
/** Colours of patterns are not known; they are neither paper nor print. */
const PATTERN = '#808080'
/** Numbers of a path that is a box: a move, three or four lines, an end. */
const BOX_NUMBERS = 16

/** Walks the page's drawing. */
export async function whatIsDrawn(
  pdf: PDFDocumentProxy,
  page: PDFPageProxy,
  scale: number
): Promise<Drawn> {
  const viewport = page.getViewport({ scale })
  const [{ fnArray, argsArray }, layers] = await Promise.all([
    page.getOperatorList(),
    pdf.getOptionalContentConfig()
  ])
  const walk = new Walk(
    viewport.transform as unknown as Matrix,
    { width: viewport.width, height: viewport.height },
    scale
  )
  for (let i = 0; i < fnArray.length; i++)
    walk.step(fnArray[i]!, argsArray[i] as unknown[] | undefined, {
      page,
      isVisible: (group) => layers.isVisible(group) as boolean
    })
  return walk.drawn()
}

interface Around {
  readonly page: PDFPageProxy
  readonly isVisible: (group: unknown) => boolean
}

class Walk {
  readonly #size: Frame
  readonly #view: Matrix
  #state = beginning
  readonly #saved: State[] = []
  readonly #marked: boolean[] = []
  /** Marked parts around that are switched off. */
  #off = 0
  #more = false
  readonly #images: Box[] = []
  readonly #shapes: Box[] = []
  #numbers = 0
  #seen = 0
  #unseen = 0
  #hidden = 0
  #type3 = false

  readonly #scale: number
  readonly #strokes = new Strokes()
  readonly #covers: Box[] = []
  readonly #shades = new Shades()
  readonly #runs: Run[] = []
  readonly #place = new TextPlace()
  #pale = false
  #beyond = ''
  #clips = false
  /** What is drawn for one is named by its kind. */
  #inAnnotation = false

  constructor(view: Matrix, size: Frame, scale: number) {
    this.#view = view
    this.#size = size
    this.#scale = scale
  }

  drawn(): Drawn {
    const shapes = this.#numbers >= WRITING_NUMBERS ? this.#shapes : []
    return {
      pictures: [...this.#images, ...shapes],
      unseen: this.#unseen > this.#seen,
      type3: this.#type3,
      hidden: this.#hidden,
      strokes: this.#strokes.found,
      heads: this.#strokes.heads,
      arrows: this.#strokes.arrows,
      covers: this.#covers,
      pale: this.#pale,
      beyond: this.#beyond.trim(),
      shades: this.#shades.legible(),
      runs: this.#runs,
      more: this.#more || this.#strokes.more || this.#shades.more
    }
  }

  step(operation: number, args: unknown[] | undefined, { page, isVisible }: Around): void {
    this.#place.step(operation, args)
    if (operation === OPS.save) this.#save()
    else if (
      operation === OPS.restore ||
      operation === OPS.paintFormXObjectEnd ||
      operation === OPS.endAnnotation
    ) {
      if (operation === OPS.endAnnotation) this.#inAnnotation = false
      this.#restore()
    } else if (operation === OPS.transform) this.#apply(args)
    else if (operation === OPS.paintFormXObjectBegin) {
      this.#enter(args?.[0])
      if (args?.[1]) this.#clip(args[1] as ArrayLike<number>, false)
    } else if (operation === OPS.beginAnnotation) {
      this.#inAnnotation = true
      this.#enter(args?.[3], args?.[2])
      this.#set({ clip: undefined, bent: false })
    } else if (operation === OPS.beginMarkedContentProps)
      this.#mark(args?.[0] === 'OC' && !isVisible(args[1]))
    else if (operation === OPS.beginMarkedContent) this.#mark(false)
    else if (operation === OPS.endMarkedContent) this.#off -= this.#marked.pop() ? 1 : 0
    else if (operation === OPS.setFillRGBColor) this.#set({ colour: String(args?.[0]) })
    else if (operation === OPS.setFillColorN) this.#set({ colour: PATTERN })
    else if (operation === OPS.setGState) this.#take(args?.[0])
    else if (operation === OPS.setTextRenderingMode) this.#set({ mode: Number(args?.[0]) })
    else if (operation === OPS.setFont) this.#font(fontOf(page, String(args?.[0])), args?.[1])
    else if (operation === OPS.clip || operation === OPS.eoClip) this.#clips = true
    else if (textOps.has(operation)) this.#text(args?.[0])
    else if (this.#off === 0) this.#paint(operation, args)
  }

  #mark(off: boolean): void {
    this.#marked.push(off)
    if (off) this.#off += 1
  }

  #set(changed: Partial<State>): void {
    this.#state = { ...this.#state, ...changed }
  }

  #take(entries: unknown): void {
    for (const [key, value] of Array.isArray(entries) ? (entries as [string, unknown][]) : [])
      if (key === 'ca') this.#set({ alpha: Number(value) })
      else if (key === 'BM') this.#set({ multiplies: value !== 'source-over' })
  }

  #font(font: PageFont, size: unknown): void {
    this.#type3 ||= Boolean(font.isType3Font)
    this.#set({ bold: isBold(font) })
    this.#place.setFont(font, Math.abs(Number(size)))
  }

  #save(): void {
    this.#saved.push(this.#state)
    this.#place.save()
  }

  #restore(): void {
    this.#state = this.#saved.pop() ?? beginning
    this.#place.restore()
  }

  #enter(...matrices: unknown[]): void {
    this.#save()
    for (const matrix of matrices.toReversed()) this.#apply(matrix)
  }

  #apply(given: unknown): void {
    const numbers = given ? Array.from(given as ArrayLike<number>) : []
    if (numbers.length === 6 && numbers.every(Number.isFinite))
      this.#set({ matrix: multiply(numbers as unknown as Matrix, this.#state.matrix) })
  }

  #text(given: unknown): void {
    const glyphs = Array.isArray(given) ? (given as unknown[]) : []
    const text = glyphs.map(letterOf).join('')
    const length = text.replace(/\s/g, '').length
    const { matrix, alpha, colour, mode } = this.#state
    const box = around(this.#place.show(glyphs, multiply(matrix, this.#view)))
    if (length > 0 && (mode === 3 || alpha < FAINT || isPale(colour) || this.#isCut(box)))
      this.#pale = true
    if (length > 0 && this.#off === 0) this.#written(box, text)
    if (this.#off > 0) this.#hidden += length
    else if (mode === 3 || mode === 7) this.#unseen += length
    else this.#seen += length
  }

  #isCut([x0, y0, x1, y1]: Box): boolean {
    const { clip, bent } = this.#state
    if (!clip) return false
    const by = CUT * this.#scale
    const room: Box = [clip[0] - by, clip[1] - by, clip[2] + by, clip[3] + by]
    return bent || !holds(room, [x0, y0]) || !holds(room, [x1, y1])
  }

  #written(box: Box, text: string): void {
    this.#shades.write(box)
    if (isBeyond(box, this.#size) && this.#beyond.length < limits.annotationCharacters)
      this.#beyond += `${text} `
    const { bold, mode, colour } = this.#state
    const look = lookOf(bold || mode === 2, colour)
    if (look === '') return
    if (this.#runs.length < limits.wordsPerPage) this.#runs.push({ box, look })
    else this.#more = true
  }

  #paint(operation: number, args: unknown[] | undefined): void {
    if (imageOps.has(operation)) this.#image(identity)
    else if (groupOps.has(operation))
      for (const { transform } of groupOf(args)) this.#image(transform)
    else if (operation === OPS.paintImageXObjectRepeat)
      this.#repeat(args?.[3], [Number(args?.[1]), 0, 0, Number(args?.[2])])
    else if (operation === OPS.paintImageMaskXObjectRepeat)
      this.#repeat(args?.[5], [args?.[1], args?.[2] ?? 0, args?.[3] ?? 0, args?.[4]].map(Number))
    else if (operation === OPS.constructPath) this.#path(args)
  }

  #repeat(positions: unknown, [a = 1, b = 0, c = 0, d = 1]: readonly number[]): void {
    const at = Array.from((positions ?? []) as ArrayLike<number>)
    for (let i = 0; i + 1 < at.length; i += 2) this.#image([a, b, c, d, at[i]!, at[i + 1]!])
  }

  #image(inner: Matrix): void {
    if (this.#images.length >= limits.imagesPerPage) {
      this.#more = true
      return
    }
    const box = this.#box([0, 0, 1, 1], inner)
    this.#images.push(box)
    if (area(box) < COVERING * this.#size.width * this.#size.height) return
    this.#unseen += this.#seen
    this.#seen = 0
  }

  #path(args: unknown[] | undefined): void {
    const bounds = args?.[2] as ArrayLike<number> | null | undefined
    const path = (args?.[1] as (ArrayLike<number> | null)[] | undefined)?.[0]
    const numbers = path?.length ?? 0
    if (this.#clips) this.#clip(bounds ?? [0, 0, 0, 0], numbers > BOX_NUMBERS)
    this.#clips = false
    if (path && bounds && !this.#inAnnotation) this.#outline(Number(args?.[0]), path, bounds)
    if (!bounds || !paints.has(Number(args?.[0])) || numbers < SHAPE_NUMBERS) return
    if (this.#shapes.length >= limits.imagesPerPage) {
      this.#more = true
      return
    }
    this.#numbers += numbers
    this.#shapes.push(this.#box(Array.from(bounds) as unknown as Box, identity))
  }

  #clip(bounds: ArrayLike<number>, bent: boolean): void {
    const [x0, y0, x1, y1] = this.#box(Array.from(bounds) as unknown as Box, identity)
    const { clip = [x0, y0, x1, y1] as const, bent: before } = this.#state
    this.#set({
      clip: [
        Math.max(x0, clip[0]),
        Math.max(y0, clip[1]),
        Math.min(x1, clip[2]),
        Math.min(y1, clip[3])
      ],
      bent: bent || before
    })
  }

  #outline(operation: number, path: ArrayLike<number>, bounds: ArrayLike<number>): void {
    this.#strokes.add(operation, path, multiply(this.#state.matrix, this.#view), this.#scale)
    if (!covering.has(operation)) return
    const box = this.#box(Array.from(bounds) as unknown as Box, identity)
    const [wide, high] = [box[2] - box[0], box[3] - box[1]]
    if (wide <= 6 * this.#scale || high <= THIN * this.#scale) return
    this.#shades.add(box, this.#state, this.#scale)
    if (this.#seen + this.#unseen === 0) return
    if (this.#covers.length < MOST_COVERS) this.#covers.push(box)
    else this.#more = true
  }

  #box([x0, y0, x1, y1]: Box, inner: Matrix): Box {
    const [a, b, c, d, e, f] = multiply(multiply(inner, this.#state.matrix), this.#view)
    return around(
      [
        [x0, y0],
        [x1, y0],
        [x0, y1],
        [x1, y1]
      ].map(([x, y]) => [a * x! + c * y! + e, b * x! + d * y! + f] as const)
    )
  }
}

function groupOf(args: unknown[] | undefined): { transform: Matrix }[] {
  const entries = args?.find((argument) => Array.isArray(argument)) as
    { transform?: ArrayLike<number> }[] | undefined
  return (entries ?? []).flatMap(({ transform }) =>
    transform?.length === 6 ? [{ transform: Array.from(transform) as unknown as Matrix }] : []
  )
}

function letterOf(glyph: unknown): string {
  return typeof glyph === 'object' ? ((glyph as { unicode?: string } | null)?.unicode ?? '') : ''
}

function isBeyond([x0, y0, x1, y1]: Box, { width, height }: Frame): boolean {
  return x1 < 0 || y1 < 0 || x0 > width || y0 > height
}
