import { Util } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { PDFPageProxy } from 'pdfjs-dist/types/src/display/api.js'
import { limits } from '../limits.ts'
import type { Box, Word } from '../types.ts'
import { around } from './boxes.ts'
import type { Matrix } from './page-content.ts'

export interface TextLayer {
  readonly words: readonly Word[]
  readonly text: string
  /** There were more words or letters than are read of a page. */
  readonly cut?: boolean
}

interface Item {
  readonly str: string
  readonly transform: number[]
  readonly width: number
  readonly height: number
  readonly hasEOL: boolean
  readonly fontName: string
}

/** The page's own text, with word boxes in pixels at `scale` pixels per point. */
export async function textLayer(page: PDFPageProxy, scale: number): Promise<TextLayer> {
  const viewport = page.getViewport({ scale })
  const content = await page.getTextContent({ includeMarkedContent: false })
  const words: Word[] = []
  let text = ''
  for (const item of content.items as Item[]) {
    const left = limits.wordsPerPage - words.length
    const vertical = content.styles[item.fontName]?.vertical ?? false
    const some = wordsOf(item, viewport.transform as unknown as Matrix, { scale, left, vertical })
    text += item.str + (item.hasEOL ? '\n' : '')
    for (const word of some.slice(0, left)) words.push(word)
    if (some.length > left || text.length > limits.textCharacters)
      return { words, text: text.slice(0, limits.textCharacters).trim(), cut: true }
  }
  return { words, text: text.trim() }
}

/** Splits a run of text into words, each with its share of the run's width; one over `left`. */
function wordsOf(
  item: Item,
  view: Matrix,
  {
    scale,
    left,
    vertical
  }: { readonly scale: number; readonly left: number; readonly vertical: boolean }
): Word[] {
  const [a, b, , , startX, startY] = Util.transform(view, item.transform) as number[] as [
    number,
    number,
    number,
    number,
    number,
    number
  ]
  const length = Math.hypot(a, b) || 1
  const [right, top] = [
    [(a / length) * item.width * scale, (b / length) * item.width * scale],
    [(b / length) * item.height * scale, (-a / length) * item.height * scale]
  ] as const
  // Vertical writing runs down from the middle of its first letter's head.
  const along = vertical ? ([-top[0], -top[1]] as const) : right
  const up = vertical ? right : top
  const [x, y] = vertical ? [startX - right[0] / 2, startY - right[1] / 2] : [startX, startY]
  return [...item.str.matchAll(/\S+/g).take(left + 1)].map((match) => {
    const from = match.index / item.str.length
    const to = (match.index + match[0].length) / item.str.length
    return {
      text: match[0],
      confidence: 1,
      box: boxAround(
        x + along[0] * from,
        y + along[1] * from,
        x + along[0] * to,
        y + along[1] * to,
        up
      )
    }
  })
}

function boxAround(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  [ux, uy]: readonly [number, number]
): Box {
  return around([
    [x0, y0],
    [x1, y1],
    [x0 + ux, y0 + uy],
    [x1 + ux, y1 + uy]
  ])
}

/** Characters that a font without a usable map gives: replacement, private use, controls. */
const unusable = /[\uFFFD]|\p{Private_Use}|(?!\s)\p{Control}/gu

/** True where the characters look like writing. An empty layer is not good. */
export function isLegible({ text }: TextLayer): boolean {
  const characters = text.replace(/\s/g, '')
  if (characters.length === 0) return false
  const letters = characters.match(/[\p{L}\p{N}]/gu)?.length ?? 0
  return (
    (characters.match(unusable)?.length ?? 0) < characters.length * 0.1 &&
    letters > characters.length * 0.3
  )
}

/**
 * The commonest short words of languages in Latin letters: a page of prose has one in every few
 * words.
 */
const common = new Set(
  (
    'the of and to in is for on you your that with be this are or at by a an it de la que el en y los del se las por un para con no una su al lo ' +
    'le les et des du pour dans est sur ou der die und das von zu mit den ist nicht il di e che per non o da os as em um uma na do dos com não i w z na się nie ang ng sa mga của và'
  ).split(' ')
)
/** Words of letters without which nothing can be told. */
const LEAST_WORDS = 12
/**
 * Letters that are vowels: 36 % in German to 50 % in Italian; exchanged letters come out at 20 % or
 * less, or above 60 %.
 */
const VOWELS = [0.24, 0.6] as const

/**
 * True where Latin letters do not look like a language, as fonts give whose codes are not letters:
 * then the page is looked at. Forms of names and numbers can come out so too, and cost a look.
 */
export function isOdd({ text }: TextLayer): boolean {
  const words =
    text
      .toLowerCase()
      .match(/\p{L}+/gu)
      ?.filter((word) => /^\p{Script=Latin}+$/u.test(word)) ?? []
  if (words.length < LEAST_WORDS) return false
  const letters = words.join('').normalize('NFD').replace(/\p{M}/gu, '')
  const vowels = (letters.match(/[aeiouyæœøı]/g)?.length ?? 0) / letters.length
  return vowels < VOWELS[0] || vowels > VOWELS[1] || !words.some((word) => common.has(word))
}
