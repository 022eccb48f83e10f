import { OPS, Util } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { PDFPageProxy } from 'pdfjs-dist/types/src/display/api.js'
import { limits } from '../limits.ts'
import type { Box, Word } from '../types.ts'
import { identity, multiply, type Matrix } from './page-content.ts'

export interface TextLayer {
  readonly words: readonly Word[]
  readonly text: string
}

interface Item { readonly str: string, readonly transform: number[], readonly width: number, readonly height: number, readonly hasEOL: boolean }

/** The page's own text, with word boxes in pixels at `scale` pixels per point. */
export async function textLayer(page: PDFPageProxy, scale: number): Promise<TextLayer> {
  const viewport = page.getViewport({ scale })
  const content = await page.getTextContent({ includeMarkedContent: false })
  const words: Word[] = []
  let text = ''
  for (const item of content.items as Item[]) {
    if (text.length > limits.textCharacters) break
    text += item.str + (item.hasEOL ? '\n' : '')
    if (words.length < limits.wordsPerPage) words.push(...wordsOf(item, viewport.transform as unknown as Matrix, scale))
  }
  return { words, text: text.trim() }
}

/** Splits a run of text into words, each with its share of the run's width. */
function wordsOf(item: Item, view: Matrix, scale: number): Word[] {
  const [a, b, , , x, y] = Util.transform(view, item.transform) as number[] as [number, number, number, number, number, number]
  const length = Math.hypot(a, b) || 1
  const along = [a / length * item.width * scale, b / length * item.width * scale] as const
  const up = [b / length * item.height * scale, -a / length * item.height * scale] as const
  return [...item.str.matchAll(/\S+/g)].map((match) => {
    const from = match.index / item.str.length
    const to = (match.index + match[0].length) / item.str.length
    return { text: match[0], confidence: 1, box: boxAround(x + along[0] * from, y + along[1] * from, x + along[0] * to, y + along[1] * to, up) }
  })
}

function boxAround(x0: number, y0: number, x1: number, y1: number, [ux, uy]: readonly [number, number]): Box {
  const xs = [x0, x1, x0 + ux, x1 + ux].map(Math.round)
  const ys = [y0, y1, y0 + uy, y1 + uy].map(Math.round)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

/** Characters that a font without a usable map gives: replacement, private use, controls. */
const unusable = /[\uFFFD]|\p{Private_Use}|(?!\s)\p{Control}/gu

/** True where the characters look like writing. An empty layer is not good. */
export function isLegible({ text }: TextLayer): boolean {
  const characters = text.replace(/\s/g, '')
  if (characters.length === 0) return false
  const letters = characters.match(/[\p{L}\p{N}]/gu)?.length ?? 0
  return (characters.match(unusable)?.length ?? 0) < characters.length * 0.1 && letters > characters.length * 0.3
}

/** True where an image of at least a tenth of the page has no text over it: it may hold writing of its own. */
export async function hasUnreadImage(page: PDFPageProxy, { words }: TextLayer, scale: number): Promise<boolean> {
  const viewport = page.getViewport({ scale })
  const boxes = await imageBoxes(page, viewport.transform as unknown as Matrix)
  return boxes.some((box) => area(box) > 0.1 * viewport.width * viewport.height && words.filter((word) => isInside(word.box, box)).length < 5)
}

const drawing = new Set<number>([OPS.paintImageXObject, OPS.paintInlineImageXObject, OPS.paintImageMaskXObject])

async function imageBoxes(page: PDFPageProxy, view: Matrix): Promise<Box[]> {
  const { fnArray, argsArray } = await page.getOperatorList()
  const boxes: Box[] = []
  const saved: Matrix[] = []
  let matrix: Matrix = identity
  for (let i = 0; i < fnArray.length && boxes.length < limits.imagesPerPage; i++) {
    const operation = fnArray[i]!
    if (operation === OPS.save || operation === OPS.paintFormXObjectBegin) saved.push(matrix)
    if (operation === OPS.restore || operation === OPS.paintFormXObjectEnd) matrix = saved.pop() ?? identity
    const given = operation === OPS.transform ? argsArray[i] : operation === OPS.paintFormXObjectBegin ? argsArray[i]?.[0] : undefined
    if (given) matrix = multiply(Array.from(given as ArrayLike<number>) as unknown as Matrix, matrix)
    if (drawing.has(operation)) boxes.push(unitSquare(multiply(matrix, view)))
  }
  return boxes
}

function unitSquare([a, b, c, d, e, f]: Matrix): Box {
  const xs = [e, e + a, e + c, e + a + c]
  const ys = [f, f + b, f + d, f + b + d]
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

function area([x0, y0, x1, y1]: Box): number { return (x1 - x0) * (y1 - y0) }

function isInside([x0, y0, x1, y1]: Box, [X0, Y0, X1, Y1]: Box): boolean {
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2]
  return x >= X0 && x <= X1 && y >= Y0 && y <= Y1
}
