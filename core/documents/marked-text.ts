/** A page's text cut into runs, so that what the machine was not sure of can be shown as such. */
import { SURE_WORD } from './reader/sure-words.ts'
import type { Word } from './types.ts'

export interface Run {
  readonly text: string
  readonly unsure: boolean
}

/** As sure as a page has to be for anything to be decided by it. */
export const UNSURE_BELOW = 0.75
/**
 * How far ahead a word is looked for: the words come in the order of the text, so the next one is
 * near.
 */
const LOOK_AHEAD = 400

/**
 * The text with the words of low confidence marked; text that no word can be found for is left as
 * it is.
 */
export function markUnsure(text: string, words: readonly Word[]): Run[] {
  const runs: Run[] = []
  let done = 0
  let at = 0
  for (const word of words) {
    const found =
      word.text === '' ? -1 : text.slice(at, at + LOOK_AHEAD + word.text.length).indexOf(word.text)
    // Words that are too unsure for the text are left out of it: they may only be the very next.
    if (word.confidence < SURE_WORD && text.slice(at, at + Math.max(found, 0)).trim() !== '')
      continue
    if (found === -1) continue
    const start = at + found
    at = start + word.text.length
    if (word.confidence >= UNSURE_BELOW) continue
    if (start > done) runs.push({ text: text.slice(done, start), unsure: false })
    runs.push({ text: text.slice(start, at), unsure: true })
    done = at
  }
  if (done < text.length) runs.push({ text: text.slice(done), unsure: false })
  return runs
}
