import { keysOf, type Rule } from './keys.ts'
import type { Person } from './person.ts'

/**
 * A key that more persons share than this tells them apart too little; they meet through their
 * other keys.
 */
export const MAX_BLOCK = 800

/** Persons by key, of all rules or of one. */
export function blocksOf(persons: readonly Person[]): Map<Rule, number[][]> {
  const members = new Map<string, number[]>()
  for (const [index, person] of persons.entries()) {
    for (const { value } of keysOf(person)) {
      const list = members.get(value)
      if (list) list.push(index)
      else members.set(value, [index])
    }
  }
  const blocks = new Map<Rule, number[][]>()
  for (const [value, list] of members) {
    if (list.length < 2 || list.length > MAX_BLOCK) continue
    const rule = value.slice(0, value.indexOf(':')) as Rule
    const known = blocks.get(rule)
    if (known) known.push(list)
    else blocks.set(rule, [list])
  }
  return blocks
}

/**
 * Every pair that shares a block, each once; `wanted` leaves out pairs that need no comparison
 * (both of one file).
 */
export function candidatePairs(
  blocks: Iterable<readonly number[][]>,
  count: number,
  wanted: (left: number, right: number) => boolean
): Float64Array {
  let pairs = new Float64Array(1 << 16)
  let used = 0
  for (const lists of blocks) {
    for (const list of lists) {
      for (let i = 0; i < list.length; i++) {
        for (let j = i + 1; j < list.length; j++) {
          if (!wanted(list[i]!, list[j]!)) continue
          if (used === pairs.length) pairs = grown(pairs)
          pairs[used++] = list[i]! * count + list[j]!
        }
      }
    }
    // Rules overlap: dropping repeats after each keeps memory at the number of distinct pairs.
    used = dropRepeats(pairs, used)
  }
  return pairs.slice(0, used)
}

function grown(pairs: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(pairs.length * 2)
  larger.set(pairs)
  return larger
}

function dropRepeats(pairs: Float64Array, used: number): number {
  pairs.subarray(0, used).sort()
  let kept = 0
  for (let i = 0; i < used; i++) if (i === 0 || pairs[i] !== pairs[i - 1]) pairs[kept++] = pairs[i]!
  return kept
}
