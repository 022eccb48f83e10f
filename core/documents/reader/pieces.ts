import type { Word } from '../types.ts'

/** A word and what stands before it in the text: nothing, a space, a new line, an empty line. */
export interface SpacedWord {
  readonly before: string
  readonly word: Word
}

/** Takes a text apart at its words, which stand in it in this order. */
export function toPieces(text: string, words: readonly Word[]): SpacedWord[] {
  let from = 0
  return words.map((word) => {
    const at = text.indexOf(word.text, from)
    if (at < 0) return { before: ' ', word }
    const before = text.slice(from, at)
    from = at + word.text.length
    return { before, word }
  })
}

export function joinPieces(pieces: readonly SpacedWord[]): { words: Word[]; text: string } {
  return {
    words: pieces.map(({ word }) => word),
    text: pieces
      .map(({ before, word }) => before + word.text)
      .join('')
      .trim()
  }
}

/** The pieces that stay, with the widest gap of those left out between them. */
export function keepPieces(
  pieces: readonly SpacedWord[],
  stays: (word: Word) => boolean
): SpacedWord[] {
  const kept: SpacedWord[] = []
  let gap = ''
  for (const { before, word } of pieces) {
    gap = wider(gap, before)
    if (!stays(word)) continue
    kept.push({ before: kept.length > 0 ? gap : '', word })
    gap = ''
  }
  return kept
}

function wider(one: string, other: string): string {
  const [mine, theirs] = [one.split('\n').length, other.split('\n').length]
  return mine > theirs || (mine === theirs && one.length > other.length) ? one : other
}
