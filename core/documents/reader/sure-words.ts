import type { Word } from '../types.ts'
import { joinPieces, keepPieces, toPieces } from './pieces.ts'
import type { Recognised } from './tsv.ts'

/**
 * A word read with less confidence is not taken as text; it stays among the page's words. Measured
 * with `bench/read-words.ts`: below 0.5 at most half of the words are right, so that of 28 thermal
 * receipts the text is right as often as that of `tesseract` or more on 27.
 */
export const SURE_WORD = 0.5
/**
 * A page read this well, as letters and faxes are, has hard words rather than invented ones: of
 * those below 0.5 two in three are right.
 */
export const GOOD_PAGE = 0.9
const SURE_WORD_OF_GOOD_PAGE = 0.2
/**
 * A page whose words have less mean confidence than this has no text at all: handwriting,
 * photographs, noise come out at 0.2 to 0.5.
 */
export const SURE_PAGE = 0.5
/**
 * Text read with less than this mean confidence decides nothing. See docs/decisions/0006 for the
 * pages it was measured on.
 */
export const SURE = 0.75

/** The text of those words that were read surely enough. */
export function sureText(found: Recognised): string {
  return joinPieces(keepPieces(toPieces(found.text, found.words), sureWordsOf(found))).text
}

/** Tells the words of a page, or of a part of one, that are taken as text. */
export function sureWordsOf({
  confidence: page
}: Pick<Recognised, 'confidence'>): (word: Pick<Word, 'confidence'>) => boolean {
  const least = page >= GOOD_PAGE ? SURE_WORD_OF_GOOD_PAGE : SURE_WORD
  return ({ confidence }) => confidence >= least
}

/**
 * Why a page read by OCR with this confidence is not taken as read, as staff read it; undefined
 * where it is.
 */
export function unsurePage(confidence: number): string | undefined {
  if (confidence >= SURE) return undefined
  if (confidence === 0) return 'No words could be read on it.'
  return `It was read with a confidence of ${confidence.toFixed(2)}, and ${SURE} is needed: words may be wrong or missing.`
}
