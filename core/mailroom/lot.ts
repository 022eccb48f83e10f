/**
 * Drawing by lot, so that it can be checked. When a tray is logged, before anything is scanned, 32 random bytes are drawn and their
 * hash goes into the ledger: nobody can draw again. At release the sheets get numbers 0, 1, 2 … in scanning order, the batch gets as
 * many ordinals, and the numbers are sorted by HMAC-SHA-256(seed, number): the sheet whose code is smallest has the first ordinal.
 * A letter's place is its first sheet's, so that one found later by a split has its place already, and as good a one as any.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'

const SEED_BYTES = 32

export function newSeed(): Buffer {
  return randomBytes(SEED_BYTES)
}

/** What the ledger holds of a seed until it is used. */
export function sealOf(seed: Uint8Array): string {
  return createHash('sha256').update(seed).digest('hex')
}

/** For each of the numbers 0 to count − 1, its rank from 0: a shuffle that anyone with the seed can do again. */
export function drawRanks(seed: Uint8Array, count: number): number[] {
  const codes = Array.from({ length: count }, (_, number) => ({ number, code: createHmac('sha256', seed).update(String(number)).digest('hex') }))
  const ranks: number[] = Array.from({ length: count })
  codes.sort((left, right) => left.code < right.code ? -1 : 1).forEach(({ number }, rank) => { ranks[number] = rank })
  return ranks
}

/** Numbers in rising order as [first, last] runs: a batch's ordinals are nearly always one run. */
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
  return runs.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index))
}
