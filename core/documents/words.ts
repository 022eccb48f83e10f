/**
 * Words of a page as they are stored: arrays instead of objects, deflated. A dense letter of 500
 * words is 46 KB as jsonb (which repeats every key) and 6 KB like this; nothing searches inside
 * them, so the database need not know their shape.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { limits } from './limits.ts'
import type { Word } from './types.ts'

type Packed = readonly [
  text: string,
  confidence: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  from?: Word['from']
]

/** Inflated bytes of one page's words: 20,000 words of some hundred bytes. */
const INFLATED_BYTES = limits.wordsPerPage * 200

export function packWords(words: readonly Word[]): Buffer {
  const packed = words.map(({ text, confidence, box, from }): Packed => {
    const [x0, y0, x1, y1] = box.map(Math.round) as [number, number, number, number]
    const sure = Math.round(confidence * 1000) / 1000
    return from ? [text, sure, x0, y0, x1, y1, from] : [text, sure, x0, y0, x1, y1]
  })
  return deflateRawSync(JSON.stringify(packed))
}

/** @throws RangeError beyond the bound, SyntaxError for bytes that are none of ours */
export function unpackWords(bytes: Uint8Array): Word[] {
  if (bytes.length === 0) return []
  const packed = JSON.parse(
    inflateRawSync(bytes, { maxOutputLength: INFLATED_BYTES }).toString()
  ) as Packed[]
  return packed.map(([text, confidence, x0, y0, x1, y1, from]) => ({
    text,
    confidence,
    box: [x0, y0, x1, y1],
    ...(from ? { from } : {})
  }))
}
