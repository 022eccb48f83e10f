/** Where two sequences of words differ, in their order. */

export interface DiffHunk {
  /**
   * Words that only the first text has at this place, and words that only the second has: start and
   * count of each.
   */
  readonly a: number
  readonly aCount: number
  readonly b: number
  readonly bCount: number
}

/**
 * The differences in order, by the shortest way from one to the other (Myers 1986). @returns
 * undefined if more than `most` words are added and lost, because the cost grows with the square of
 * that number
 */
export function diffWords(
  a: readonly string[],
  b: readonly string[],
  most: number
): DiffHunk[] | undefined {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let [aEnd, bEnd] = [a.length, b.length]
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd -= 1
    bEnd -= 1
  }
  if (Math.abs(aEnd - start - (bEnd - start)) > most) return undefined
  const steps = shortestWay(a.slice(start, aEnd), b.slice(start, bEnd), most)
  return steps && toHunks(steps, start)
}

type Step = readonly [kind: 'lost' | 'added', a: number, b: number]

/**
 * For each number of edits, how far each diagonal was reached; the path is traced back from the
 * end. Diagonal d is at index d + most + 1.
 */
function shortestWay(a: readonly string[], b: readonly string[], most: number): Step[] | undefined {
  const reached = new Int32Array(2 * most + 3).fill(-1)
  const middle = most + 1
  reached[middle + 1] = 0
  const trail: Int32Array[] = []
  for (let edits = 0; edits <= Math.min(a.length + b.length, most); edits++) {
    trail.push(reached.slice(middle - edits - 1, middle + edits + 2))
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const [left, right] = [reached[middle + diagonal - 1]!, reached[middle + diagonal + 1]!]
      let x = goesDown(left, right, diagonal, edits) ? right : left + 1
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1
      reached[middle + diagonal] = x
      if (x >= a.length && x - diagonal >= b.length) return walkBack(trail, a.length, b.length)
    }
  }
  return undefined
}

function goesDown(left: number, right: number, diagonal: number, edits: number): boolean {
  return diagonal === -edits || (diagonal !== edits && left < right)
}

function walkBack(trail: readonly Int32Array[], aLength: number, bLength: number): Step[] {
  const steps: Step[] = []
  let [x, y] = [aLength, bLength]
  for (let edits = trail.length - 1; edits > 0; edits--) {
    const [diagonal, at] = [x - y, (d: number) => trail[edits]![d + edits + 1]!]
    const down = goesDown(at(diagonal - 1), at(diagonal + 1), diagonal, edits)
    const from = down ? diagonal + 1 : diagonal - 1
    ;[x, y] = [at(from), at(from) - from]
    steps.push([down ? 'added' : 'lost', x, y])
  }
  return steps.toReversed()
}

function toHunks(steps: readonly Step[], offset: number): DiffHunk[] {
  const hunks: { a: number; aCount: number; b: number; bCount: number }[] = []
  for (const [kind, a, b] of steps) {
    let last = hunks.at(-1)
    if (!last || last.a + last.aCount !== a + offset || last.b + last.bCount !== b + offset) {
      last = { a: a + offset, aCount: 0, b: b + offset, bCount: 0 }
      hunks.push(last)
    }
    if (kind === 'lost') last.aCount += 1
    else last.bCount += 1
  }
  return hunks
}
