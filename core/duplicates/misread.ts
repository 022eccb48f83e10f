/**
 * Decides whether a difference between two texts is a machine's misreading. Only what can be
 * nothing else counts; for the rest a person looks.
 */
import { tesseractCode } from '../documents/languages.ts'
import { wordList } from '../documents/reader/word-list.ts'
import { edits } from './edits.ts'
import type { DiffHunk } from './word-diff.ts'
import type { Wording } from './wording.ts'
import {
  isKnownMisreading,
  isNearNegation,
  isPrefix,
  isDecisive,
  knowsLanguage,
  turningPrefix,
  decisiveWords
} from './decisive-words.ts'

/** Share of a word's letters that may be misread: one of three, three of nine. */
const MISREAD = 0.34
/**
 * In a language we do not know, a shorter word has no tolerance: it may be that language's "not".
 */
const SHORT = 6
/** Words in one misreading. More in a row are a different text. */
const MOST_WORDS = 4

/** What scanners read for what is printed, both ways round; only letters of similar shape. */
const confusions: readonly (readonly [read: string, is: string])[] = [
  ['rn', 'm'],
  ['m', 'rn'],
  ['vv', 'w'],
  ['cl', 'd'],
  ['d', 'cl'],
  ['li', 'h'],
  ['ri', 'n'],
  ['ii', 'u'],
  ['nn', 'm'],
  ['0', 'o'],
  ['1', 'l'],
  ['1', 'i'],
  ['l', 'i'],
  ['i', 'l'],
  ['5', 's'],
  ['8', 'b'],
  ['6', 'b'],
  ['9', 'g'],
  ['b', 'h'],
  ['h', 'b'],
  ['c', 'e'],
  ['e', 'c'],
  ['o', 'e'],
  ['e', 'o'],
  ['c', 'o'],
  ['o', 'c'],
  ['u', 'n'],
  ['n', 'u'],
  ['h', 'n'],
  ['n', 'h'],
  ['f', 't'],
  ['t', 'f'],
  ['l', 't'],
  ['t', 'l'],
  ['a', 'o'],
  ['o', 'a'],
  ['q', 'g'],
  ['g', 'q'],
  ['y', 'v'],
  ['v', 'y']
]

/**
 * True if both sides of a difference are the same words, misread on a side that a machine read.
 * Never true for words that change a meaning, for numbers, dates and names, or if what was read is
 * itself a word.
 */
export function isMisreading(a: Wording, b: Wording, hunk: DiffHunk): boolean {
  if (hunk.aCount === 0 || hunk.bCount === 0 || Math.max(hunk.aCount, hunk.bCount) > MOST_WORDS)
    return false
  const [left, right] = [
    a.tokens.slice(hunk.a, hunk.a + hunk.aCount),
    b.tokens.slice(hunk.b, hunk.b + hunk.bCount)
  ]
  if ([...left, ...right].some((token) => !/[\p{L}\p{N}]/u.test(token))) return false
  if (hunk.aCount !== hunk.bCount)
    return (
      shape(left.join('')) === shape(right.join('')) &&
      ![...left, ...right].some((token) => isPrefix(token) || isDecisive(token))
    )
  return left.every((word, at) =>
    isSameWord({ side: a, word, at: hunk.a + at }, { side: b, word: right[at]!, at: hunk.b + at })
  )
}

interface WordAt {
  readonly side: Wording
  readonly word: string
  readonly at: number
}

function isSameWord(a: WordAt, b: WordAt): boolean {
  if (a.word === b.word) return true
  const read = [a, b].filter(({ side, word }) => side.origin === 'read' && !isWord(word))
  if (read.length === 0) return false
  if (shape(a.word) === shape(b.word)) return true
  if (isDecisive(a.word) || isDecisive(b.word)) return false
  if (/\p{N}/u.test(a.word + b.word) || a.side.isName(a.at) || b.side.isName(b.at)) return false
  if (turningPrefix(a.word) !== turningPrefix(b.word) || shorter(a, b) < leastLetters(a, b))
    return false
  return (
    isNear(a.word, b.word) &&
    read.some((one) => cannotBeAnother(one.word, one === a ? b.word : a.word))
  )
}

function shorter(a: WordAt, b: WordAt): number {
  return Math.min(a.word.length, b.word.length)
}

function leastLetters(a: WordAt, b: WordAt): number {
  return knowsLanguage(a.side.language) || knowsLanguage(b.side.language) ? 3 : SHORT
}

// The text that was read must not be closer to another word, least of all to one that changes a
// meaning.
function cannotBeAnother(read: string, word: string): boolean {
  if (isNearNegation(read)) return false
  const meant = likelyMeant(read)
  return meant.length === 0 || meant.includes(word)
}

function likelyMeant(read: string): string[] {
  return confusions
    .flatMap(([as, is]) =>
      placesOf(read, as).map((at) => read.slice(0, at) + is + read.slice(at + as.length))
    )
    .filter(isWord)
}

function placesOf(text: string, part: string): number[] {
  const places: number[] = []
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) places.push(at)
  return places
}

/**
 * Looks in the lists of every language whose decisive words we know, because letters mix languages.
 */
function isWord(token: string): boolean {
  if (isKnownMisreading(token)) return false
  const capital = token.slice(0, 1).toUpperCase() + token.slice(1)
  return Object.keys(decisiveWords).some((language) => {
    const words = wordList(tesseractCode(language) ?? '')
    // Without a word list, anything may be a word.
    return !words || words.has(token) || words.has(capital)
  })
}

const alike: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', i: 'l', '5': 's', '8': 'b' }

/** Replaces letters that look alike by one of them. No two numbers get the same shape. */
function shape(token: string): string {
  return token
    .replace(/[01i58]/g, (letter) => alike[letter]!)
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
}

function isNear(a: string, b: string): boolean {
  const longest = Math.max(a.length, b.length)
  return Math.abs(a.length - b.length) / longest <= MISREAD && edits(a, b) / longest <= MISREAD
}
