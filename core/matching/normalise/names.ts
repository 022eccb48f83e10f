import type { PersonName } from '../person.ts'
import { commonGivenNames } from '../data/given-names.ts'
import { nicknameGroups } from '../data/nicknames.ts'
import { fold, words } from './text.ts'

const titles = new Set(
  'mr mrs ms miss mx dr prof professor rev reverend fr father sister sir lady dame lord hon honorable judge capt captain lt sgt col maj gen rabbi imam sheikh esq esquire md phd dds rn cpa rt admiral adm lieutenant colonel major general brigadier commander sergeant corporal private baron baroness earl viscount duke duchess count countess bishop archbishop canon venerable reverent master'.split(
    ' '
  )
)
const suffixes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    jr: 'jr',
    jnr: 'jr',
    junior: 'jr',
    sr: 'sr',
    snr: 'sr',
    senior: 'sr',
    ii: 'ii',
    '2nd': 'ii',
    iii: 'iii',
    '3rd': 'iii',
    iv: 'iv',
    '4th': 'iv'
  })
)
// Words that open a family name of several words: "Ludwig van Beethoven", "Maria de la Cruz".
const particles = new Set(
  'van von der den de del della di da dos das du la le las los el al bin ibn ben abu st san santa ter ten zu af'.split(
    ' '
  )
)

const nothing: PersonName = { given: '', middle: [], family: '', suffix: '' }

/**
 * A name from its parts as a register holds them. A suffix is taken from wherever it stands; a
 * given name of several words leaves its later words as middle names.
 */
export function nameOfParts(parts: {
  given?: string
  middle?: string
  family?: string
  suffix?: string
}): PersonName | undefined {
  const given = withoutTitles(words(fold(parts.given ?? '')))
  const family = withoutTitles(words(fold(parts.family ?? '')))
  const middle = words(fold(parts.middle ?? ''))
  const suffix =
    takeSuffix(words(fold(parts.suffix ?? ''))) || takeSuffix(family) || takeSuffix(given)
  if (given.length === 0 && family.length === 0) return undefined
  return {
    given: given[0] ?? '',
    middle: [...given.slice(1), ...middle],
    family: family.join(' '),
    suffix
  }
}

/** Rank after a name: "Henry Bowles, 1st Baronet". */
const rank = /,?\s+\d*(st|nd|rd|th)?\s*(baronet|baron|viscount|earl|marquess|duke)\b.*$/i

/**
 * A name written in one piece: "Dr. Ana María de la Cruz", "Smith, John Q., Jr.". Undefined where
 * no letter is left.
 */
export function nameOfText(written: string): PersonName | undefined {
  const text = written.replace(rank, '')
  const comma = text.indexOf(',')
  if (comma > 0 && comma < text.length - 1 && !onlySuffix(text.slice(comma + 1)))
    return nameOfParts(splitAtComma(text, comma))
  const all = withoutTitles(words(fold(text)))
  const suffix = takeSuffix(all)
  if (all.length === 0) return undefined
  if (all.length === 1) return { ...nothing, given: all[0]!, suffix }
  const start = familyStart(all)
  return { given: all[0]!, middle: all.slice(1, start), family: all.slice(start).join(' '), suffix }
}

function splitAtComma(
  text: string,
  comma: number
): { given: string; family: string; suffix?: string } {
  const rest = text.slice(comma + 1)
  const second = rest.indexOf(',')
  if (second < 0) return { family: text.slice(0, comma), given: rest }
  return {
    family: text.slice(0, comma),
    given: rest.slice(0, second),
    suffix: rest.slice(second + 1)
  }
}

function onlySuffix(text: string): boolean {
  const rest = words(fold(text))
  return rest.length > 0 && rest.every((word) => suffixes.has(word) || titles.has(word))
}

/** True where a word is a form of address and no name. */
export function isTitle(text: string): boolean {
  return titles.has(fold(text)) || /^\d+(st|nd|rd|th)$/i.test(text)
}

function withoutTitles(list: string[]): string[] {
  const kept = list.filter(
    (word, index) => !titles.has(word) && !(index === 0 && /^\d+(st|nd|rd|th)$/.test(word))
  )
  // Some titles are names as well (Earl, Duke, Dean): alone they stay.
  return kept.length > 0 ? kept : list.slice(0, 1)
}

function takeSuffix(list: string[]): string {
  const at = list.findIndex((word, index) => suffixes.has(word) && (index > 0 || list.length === 1))
  if (at < 0) return ''
  return suffixes.get(list.splice(at, 1)[0]!)!
}

function familyStart(all: readonly string[]): number {
  let start = all.length - 1
  while (start > 1 && particles.has(all[start - 1]!)) start--
  return start
}

const groupsByName = new Map<string, Set<number>>()
for (const [index, group] of nicknameGroups.entries()) {
  for (const name of group.split(' '))
    groupsByName.set(name, (groupsByName.get(name) ?? new Set()).add(index))
}

/**
 * True where both given names are known forms of one name: Bob and Robert, Katya's Kate and
 * Catherine.
 */
export function sameGivenName(a: string, b: string): boolean {
  if (a === b) return true
  const groups = groupsByName.get(a)
  const others = groupsByName.get(b)
  if (!groups || !others) return false
  for (const group of groups) if (others.has(group)) return true
  return false
}

/** True where the given name is one of several forms of a name. */
export function hasOtherForms(given: string): boolean {
  return groupsByName.has(given)
}

const knownNames = new Set([...groupsByName.keys(), ...commonGivenNames])

/**
 * True where both are names in their own right, and no forms of one: Mark and Mary, Jayden and
 * Hayden.
 */
export function distinctGivenNames(a: string, b: string): boolean {
  return knownNames.has(a) && knownNames.has(b) && !sameGivenName(a, b)
}

/** One name to stand for all its forms, for keys: the first group's full form. */
export function fullForm(given: string): string {
  const groups = groupsByName.get(given)
  if (!groups) return given
  const [first] = groups
  return nicknameGroups[first!]!.split(' ', 1)[0]!
}
