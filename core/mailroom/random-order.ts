/**
 * Draws the order within a batch by lot, in a way that can be checked. When a tray is logged,
 * before anything is scanned, 32 random bytes (the seed) are drawn and their hash goes into the
 * ledger, so that nobody can draw again. At release the sheets get numbers 0, 1, 2 … in scanning
 * order, the batch gets as many ordinals, and the numbers are sorted by HMAC-SHA-256(seed, number):
 * the sheet whose code is smallest gets the first ordinal. A letter's place is that of its first
 * sheet. So a letter found later by a split already has a place, drawn as fairly as any.
 */
import { createHash, randomBytes } from 'node:crypto'
import { sign } from '../../platform/signing.ts'

const SEED_BYTES = 32

export function newSeed(): Buffer {
  return randomBytes(SEED_BYTES)
}

/** The hash of a seed, which the ledger holds until the seed is used. */
export function sealOf(seed: Uint8Array): string {
  return createHash('sha256').update(seed).digest('hex')
}

/**
 * The rank, from 0, of each number from 0 to count − 1: a shuffle that anyone with the seed can
 * repeat.
 */
export function drawRanks(seed: Uint8Array, count: number): number[] {
  const codes = Array.from({ length: count }, (_, number) => ({
    number,
    code: sign(seed, String(number)).toString('hex')
  }))
  const ranks: number[] = Array.from({ length: count })
  codes
    .sort((left, right) => (left.code < right.code ? -1 : 1))
    .forEach(({ number }, rank) => {
      ranks[number] = rank
    })
  return ranks
}

/** Rising numbers as [first, last] runs. A batch's ordinals are nearly always one run. */
export function toRuns(numbers: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last && last[1] === number - 1) last[1] = number
    else runs.push([number, number])
  }
  return runs
}

export function fromRuns(runs: readonly (readonly [number, number])[]): number[] {
  return runs.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index)
  )
}
