/**
 * Ink on a page read by OCR that no word of it lies over: handwriting beside print, and lines that
 * a pen stroke made the engine pass by. Its words may all be sure, and yet half be missing.
 */
import type { Word } from '../types.ts'
import { groupsOf } from './cell-groups.ts'
import { resample, type Raster } from './raster.ts'
import { GOOD_PAGE, SURE_WORD, unsurePage } from './sure-words.ts'
import type { Recognised } from './tsv.ts'

/** Resolution looked at, and pixels of a cell's side: a tenth of an inch. */
const DPI = 100
const CELL = 10
/** Scanner edges and punch holes lie within this share of each side. */
const EDGE = 0.03
/** Grey levels darker than the paper from which a pixel is ink. */
const INK = 70
/** A straight run so long, in pixels, is a rule or a frame. */
const RULE = 60
/** Dark pixels in a cell from which it is written on. */
const WRITTEN = 5

interface Leftover {
  /** Written cells that no word covers, in groups of a word's size and more. */
  readonly cells: number
  /** All written cells. */
  readonly all: number
}

/** Written cells without words from which more than a signature is missing. */
const MANY = 25
/**
 * Shares of what is written without words from which a page is not wholly read. Measured on 36 good
 * scans and faxes: at most 0.05, one with a drawing aside; on 28 receipts, whose logos and frames
 * are no words, at most 0.23; forms filled in by hand 0.2, a letter with a stroke across 0.5.
 */
const [SHARE_OF_GOOD_PAGE, SHARE] = [0.12, 0.25]

export interface PageVerdict {
  /** 0 to 1: of the words, lessened by what they do not cover where that is much. */
  readonly confidence: number
  /** Why the page is not taken as read, as staff read it. */
  readonly unread: string | undefined
}

/** What may be said of a page by what OCR found on it. */
export async function judgeLeftover(
  page: Raster,
  { words, confidence }: Recognised
): Promise<PageVerdict> {
  const unsure = unsurePage(confidence)
  if (unsure) return { confidence, unread: unsure }
  const { cells, all } = await leftover(
    page,
    words.filter((word) => word.confidence >= SURE_WORD)
  )
  const share = cells / Math.max(1, all)
  return cells >= MANY && share >= (confidence >= GOOD_PAGE ? SHARE_OF_GOOD_PAGE : SHARE)
    ? { confidence: confidence * (1 - share), unread: PARTLY }
    : { confidence, unread: undefined }
}

const PARTLY =
  'Only a part of what is written on it could be read: there are marks beside its words, as of handwriting or lines struck through.'

async function leftover(page: Raster, words: readonly Word[]): Promise<Leftover> {
  const scale = Math.min(1, DPI / page.dpi)
  const small = await resample(
    page,
    Math.max(1, Math.round(page.width * scale)),
    Math.max(1, Math.round(page.height * scale)),
    0.5
  )
  const ink = inkOf(small)
  eraseRules(ink, small.width, small.height)
  const all = cellsOf(ink, small.width, small.height)
  for (const { box } of words) {
    const by = (box[3] - box[1]) * 0.25
    const [x0, y0, x1, y1] = [box[0] - by, box[1] - by, box[2] + by, box[3] + by].map((side) =>
      Math.max(0, Math.round(side * scale))
    ) as [number, number, number, number]
    for (let y = y0; y < Math.min(small.height, y1); y++)
      ink.fill(0, y * small.width + x0, y * small.width + Math.min(small.width, x1))
  }
  const left = cellsOf(ink, small.width, small.height)
  const groups = groupsOf(left.cells, left.columns).filter((size) => size >= A_WORD)
  return {
    cells: groups.reduce((sum, size) => sum + size, 0),
    all: all.cells.reduce((sum, cell) => sum + cell, 0)
  }
}

/** Touching cells from which they may be a word: one of four letters by hand has five. */
const A_WORD = 5

function inkOf({ data, width, height }: Raster): Uint8Array {
  const paper = paperOf(data)
  const ink = new Uint8Array(data.length)
  const [left, right] = [Math.round(width * EDGE), Math.round(width * (1 - EDGE))]
  for (let y = Math.round(height * EDGE); y < Math.round(height * (1 - EDGE)); y++)
    for (let x = left; x < right; x++)
      if (paper - data[y * width + x]! > INK) ink[y * width + x] = 1
  return ink
}

/** The commonest of the lighter shades. */
function paperOf(data: Uint8Array): number {
  const counts = new Uint32Array(256)
  for (const value of data) counts[value]! += 1
  let best = 255
  for (let value = 255; value >= 96; value--) if (counts[value]! > counts[best]!) best = value
  return best
}

function eraseRules(ink: Uint8Array, width: number, height: number): void {
  const rules = new Uint8Array(ink.length)
  markRuns(ink, rules, height, width, (line, at) => line * width + at)
  markRuns(ink, rules, width, height, (line, at) => at * width + line)
  for (let at = 0; at < ink.length; at++) if (rules[at]) ink[at] = 0
}

/** Marks straight runs with what lies right beside them. */
function markRuns(
  ink: Uint8Array,
  rules: Uint8Array,
  lines: number,
  length: number,
  place: (line: number, at: number) => number
): void {
  for (let line = 0; line < lines; line++) {
    let from = -1
    for (let at = 0; at <= length; at++) {
      const dark = at < length && ink[place(line, at)]
      if (dark && from < 0) from = at
      if (dark || from < 0) continue
      if (at - from >= RULE)
        for (let one = from; one < at; one++)
          for (const near of [line - 1, line, line + 1])
            if (near >= 0 && near < lines) rules[place(near, one)] = 1
      from = -1
    }
  }
}

function cellsOf(
  ink: Uint8Array,
  width: number,
  height: number
): { cells: Uint8Array; columns: number } {
  const columns = Math.ceil(width / CELL)
  const counts = new Uint16Array(columns * Math.ceil(height / CELL))
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (ink[y * width + x]) counts[Math.floor(y / CELL) * columns + Math.floor(x / CELL)]! += 1
  return { cells: Uint8Array.from(counts, (count) => (count >= WRITTEN ? 1 : 0)), columns }
}
