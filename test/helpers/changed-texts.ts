/**
 * One thing changed in a text, so that it says something else. Seeded: the same text and seed
 * always give the same change.
 */
import { seeded } from '../../bench/random.ts'

export interface Change {
  readonly name: string
  /** Undefined where the text has nothing to change so. */
  readonly change: (text: string, random: () => number) => string | undefined
}

const negation =
  /(?<![\p{L}'’])(not|never|without|nor|no|nunca|jamás|sin|ni|tampoco)(?![\p{L}'’])\s*|n['’]t(?!\p{L})/giu
const word = /(?<![\p{L}\p{N}])\p{L}{2,}(?![\p{L}\p{N}])/gu
const figure = /\p{N}/gu
/**
 * Words put in the place of others: of every kind, in both languages, some near in letters to
 * common ones.
 */
const others = (
  'tenant landlord house horse north south Zambia Jamaica Maple Oak increase decrease mother brother accept except Monday Sunday June July paid unpaid legal illegal his her before after ' +
  'vecino calle casa cosa ayer lunes martes abierto cerrado antes después'
).split(' ')

export const changes: readonly Change[] = [
  {
    name: 'a negation put in',
    change: (text, random) => insert(text, pick(['not', 'never', 'no', 'nunca'], random), random)
  },
  {
    name: 'a negation taken out',
    change: (text, random) => replaceOne(text, negation, () => '', random)
  },
  {
    name: 'a word exchanged',
    change: (text, random) => replaceOne(text, word, (old) => other(old, random), random)
  },
  { name: 'a word lost', change: (text, random) => replaceOne(text, word, () => '', random) },
  { name: 'a word added', change: (text, random) => insert(text, pick(others, random), random) },
  {
    name: 'a figure exchanged',
    change: (text, random) =>
      replaceOne(
        text,
        figure,
        (old) => String((Number(old) + 1 + Math.floor(random() * 9)) % 10),
        random
      )
  },
  { name: 'two words changed about', change: (text, random) => swap(text, random) }
]

function insert(text: string, added: string, random: () => number): string | undefined {
  const gaps = [...text.matchAll(/(?<=\p{L}) (?=\p{L})/gu)]
  return gaps.length === 0 ? undefined : put(text, pick(gaps, random).index, 0, ` ${added}`)
}

function replaceOne(
  text: string,
  pattern: RegExp,
  by: (old: string) => string,
  random: () => number
): string | undefined {
  const found = [...text.matchAll(pattern)]
  if (found.length === 0) return undefined
  const { 0: old, index } = pick(found, random)
  return put(text, index, old.length, by(old))
}

function swap(text: string, random: () => number): string | undefined {
  const found = [...text.matchAll(word)]
  if (found.length < 2) return undefined
  const [one, two] = [pick(found, random), pick(found, random)].toSorted(
    (a, b) => a.index - b.index
  ) as [RegExpExecArray, RegExpExecArray]
  if (one[0].toLowerCase() === two[0].toLowerCase()) return undefined
  return put(put(text, two.index, two[0].length, one[0]), one.index, one[0].length, two[0])
}

function other(old: string, random: () => number): string {
  const found = pick(others, random)
  return found.toLowerCase() === old.toLowerCase() ? 'otherwise' : found
}

function put(text: string, at: number, gone: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at + gone)
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T
}

export { seeded }
