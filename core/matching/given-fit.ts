/**
 * Whether two people go by the same given name. In a household everything else may be shared
 * (family name, mailbox, telephone, house), so what only looks alike (Juan and Juana), is short for
 * it (Sam, Samantha) or begins like it (J., Jane) may be a spouse or a child.
 */
import type { PersonName } from './person.ts'

/**
 * The same word; the same with a second name left out; anything else; or nothing to compare, as one
 * of them gives no name.
 */
export type GivenFit = 'same' | 'second left out' | 'other' | 'unsaid'

/**
 * Of several names the best fit counts. Names are folded already: capitals and accents do not
 * matter.
 */
export function fitGivenNames(left: readonly PersonName[], right: readonly PersonName[]): GivenFit {
  if (left.length === 0 || right.length === 0) return 'unsaid'
  const fits = new Set(left.flatMap((a) => right.map((b) => fitOf(a, b))))
  return fits.has('same') ? 'same' : fits.has('second left out') ? 'second left out' : 'other'
}

function fitOf(a: PersonName, b: PersonName): GivenFit {
  if (a.given === '' || b.given === '') return 'other'
  if (a.given === b.family && a.family === b.given) return 'same'
  if (a.written !== undefined || b.written !== undefined)
    return a.written === b.written ? 'same' : 'other'
  const [mine, theirs] = [
    [a.given, ...a.middle],
    [b.given, ...b.middle]
  ]
  if (
    mine.join('') === theirs.join('') ||
    mine.toSorted().join(' ') === theirs.toSorted().join(' ')
  )
    return 'same'
  return a.given === b.given ? fitOfSeconds(a.middle, b.middle) : 'other'
}

// "John" is "John Q.", but María may be the mother of María Elena, who is the sister of María
// Luisa.
function fitOfSeconds(mine: readonly string[], theirs: readonly string[]): GivenFit {
  const [more, less] = [lacking(mine, theirs), lacking(theirs, mine)]
  if (more.length > 0 && less.length > 0) return 'other'
  return [...more, ...less].some((name) => name.length > 1) ? 'second left out' : 'same'
}

function lacking(names: readonly string[], others: readonly string[]): string[] {
  return names.filter(
    (name) =>
      !others.some(
        (other) =>
          name === other || ((name.length === 1 || other.length === 1) && name[0] === other[0])
      )
  )
}
