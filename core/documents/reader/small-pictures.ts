/**
 * Pictures on a page with words of its own that are smaller than a scan: a line of text pasted as a
 * picture, a stamp, a logo. Each is read by itself; one that is the same on every page, once.
 */
import { createHash } from 'node:crypto'
import { limits } from '../limits.ts'
import type { Box, Word } from '../types.ts'
import { area, overlap } from './boxes.ts'
import { findMarks } from './blank.ts'
import type { Comparisons } from './comparisons.ts'
import type { Engine } from './recognise-words.ts'
import { readLevel } from './ocr.ts'
import { cut, padded, type Working } from './raster.ts'
import { SURE_PAGE, sureText, sureWordsOf } from './sure-words.ts'
import { nothing, type Recognised } from './tsv.ts'
import { cellsIn, uncoveredBy } from './uncovered.ts'

/** Points of height and width from which a picture may hold a word. */
const [LEAST_HIGH, LEAST_WIDE] = [8, 20]
/** Pictures so near are of one: strips, and letters drawn one by one. */
const TOUCHING = 2
/** Marked cells of a tenth of an inch from which a picture holds anything. */
const A_MARK = 3
/** White around a picture, in inches: the engine finds no line at the very edge. */
const EDGE = 0.1

export interface SmallPictures {
  /** The words read surely, with their places on the page. */
  readonly found: Recognised
  /** Of the picture read worst, of those with words; 1 where there is none. */
  readonly confidence: number
  /** Some held marks like writing that gave no sure words. */
  readonly unsure: number
  /** There were more than are read. */
  readonly more: boolean
}

/** Those of the boxes that may hold words, put together where they touch. */
export function worthReading(
  boxes: readonly Box[],
  words: readonly Word[],
  scale: number,
  comparisons: Comparisons
): Box[] {
  const joined: Box[] = []
  for (const box of boxes) {
    let all = box
    if (!comparisons.take(joined.length)) break
    for (let at = joined.length - 1; at >= 0; at--) {
      if (!touch(all, joined[at]!, TOUCHING * scale)) continue
      all = around2(all, joined[at]!)
      joined.splice(at, 1)
    }
    joined.push(all)
  }
  return joined.filter(
    (box) =>
      box[3] - box[1] >= LEAST_HIGH * scale &&
      box[2] - box[0] >= LEAST_WIDE * scale &&
      comparisons.take(words.length) &&
      !isCovered(box, words)
  )
}

function touch(a: Box, b: Box, by: number): boolean {
  return a[0] - by <= b[2] && b[0] - by <= a[2] && a[1] - by <= b[3] && b[1] - by <= a[3]
}

function around2(a: Box, b: Box): Box {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]
}

/** A picture behind words, such as a shade of a heading. */
function isCovered(box: Box, words: readonly Word[]): boolean {
  const under = words.filter(
    (word) => overlap(word.box, box) > 0.5 && area(word.box) < area(box) * 2
  )
  return under.reduce((sum, word) => sum + area(word.box), 0) > area(box) * 0.5
}

let read: { path: string; found: Map<string, Recognised>; runs: number } | undefined

export async function readSmall(
  working: Working,
  boxes: readonly Box[],
  words: readonly Word[],
  job: Engine & { readonly path: string }
): Promise<SmallPictures> {
  if (read?.path !== job.path) read = { path: job.path, found: new Map(), runs: 0 }
  const marks = uncoveredBy(await findMarks(working), words)
  const parts: Recognised[] = []
  let [confidence, unsure, more] = [1, 0, boxes.length > limits.smallPicturesPerPage]
  for (const box of boxes.slice(0, limits.smallPicturesPerPage)) {
    if (cellsIn(marks, box) < A_MARK) continue
    const found = await readOne(working, box, job)
    if (!found) {
      more = true
      continue
    }
    const sure = found.confidence < SURE_PAGE ? [] : found.words.filter(sureWordsOf(found))
    if (sure.length > 0) {
      parts.push({ ...found, text: sureText(found), words: sure })
      confidence = Math.min(confidence, found.confidence)
    } else if (found.words.length > 0) unsure += 1
  }
  return {
    found: {
      words: parts.flatMap((part) => part.words),
      text: parts.map((part) => part.text).join('\n\n'),
      confidence
    },
    confidence,
    unsure,
    more
  }
}

async function readOne(
  working: Working,
  [x0, y0, x1, y1]: Box,
  job: Engine
): Promise<Recognised | undefined> {
  const [left, top] = [Math.max(0, x0), Math.max(0, y0)]
  const [width, height] = [Math.min(working.width, x1) - left, Math.min(working.height, y1) - top]
  if (width < 4 || height < 4) return nothing
  const part = await cut(working, left, top, width, height)
  const key = createHash('sha256').update(`${width} ${height} `).update(part.data).digest('base64')
  const known = read!.found.get(key)
  if (!known && ++read!.runs > limits.smallPicturesPerDocument) return undefined
  const edge = Math.round(working.dpi * EDGE)
  const found = known ?? (await readLevel({ ...working, ...(await padded(part, edge)) }, job))
  read!.found.set(key, found)
  const move = ([a, b, c, d]: Box): Box => [
    a + left - edge,
    b + top - edge,
    c + left - edge,
    d + top - edge
  ]
  return { ...found, words: found.words.map((word) => ({ ...word, box: move(word.box) })) }
}
