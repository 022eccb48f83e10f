import {
  personOfRow,
  recogniseColumns,
  type ColumnMap,
  type ReadingOptions
} from '../matching/columns.ts'
import { readCsv, type CsvTable } from '../matching/csv.ts'
import { linkPersons, type Linkage } from '../matching/link.ts'
import { compareUnder, scoreOf, waterfall, type WaterfallBar } from '../matching/model.ts'
import type { Person } from '../matching/person.ts'
import { judge, LINK_BITS, POSSIBLE_BITS, type PairVerdict } from '../matching/verdict.ts'

export interface Figures {
  readonly foundPairs: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Probability from which a pair counts as found. */
  readonly threshold: number
}

/**
 * How matching does against known pairs. The outer figures are all pairs it finds (linked, or put
 * before a person with nothing plain against them), clustered; `automatic` is what a machine links
 * unasked. `possiblePairs` is what a person reviews.
 */
export interface Evaluation extends Figures {
  readonly truePairs: number
  readonly automatic: Figures
  readonly possiblePairs: number
  /** Rows of the files that could not be read. */
  readonly rejectedRows: number
  readonly seconds: number
}

export interface Explanation {
  readonly bits: number
  readonly probability: number
  readonly verdict: PairVerdict
  /** Prior first, then every field that has a value on both sides. */
  readonly bars: readonly WaterfallBar[]
}

/** The result of an evaluation, and its way to explain any pair of ids (the left file's first). */
export interface Evaluated {
  readonly figures: Evaluation
  /** False where a side has no row, or no column that says anything about a person. */
  readonly comparable: boolean
  explain(left: string, right: string): Explanation | undefined
}

interface Side {
  readonly ids: readonly string[]
  readonly persons: readonly Person[]
  readonly rejected: number
  readonly comparable: boolean
}

/**
 * Matches two files without labels and compares the result with known pairs (columns `left` and
 * `right`, ids). The same text given twice means finding the duplicates within it; the order of the
 * two ids then does not matter.
 */
export function evaluate(
  left: string,
  right: string,
  truth: string,
  options: ReadingOptions = {}
): Evaluated {
  const started = performance.now()
  const within = left === right
  const [a, b] = sidesOf(left, right, options)
  const persons = within ? a.persons : [...a.persons, ...b.persons]
  const split = within ? undefined : a.persons.length
  const linkage = linkPersons(
    persons,
    split === undefined ? undefined : (x, y) => x < split !== y < split
  )
  const index = indexOf(a, b, within)
  const known = truePairs(readCsv(truth), index)
  const figures: Evaluation = {
    truePairs: known.count,
    ...countPairs(linkage.believed, known, split, POSSIBLE_BITS),
    automatic: countPairs(linkage.clusters, known, split, LINK_BITS),
    possiblePairs: linkage.possible.length,
    rejectedRows: within ? a.rejected : a.rejected + b.rejected,
    seconds: (performance.now() - started) / 1000
  }
  return {
    figures,
    comparable: a.comparable && b.comparable,
    explain: (x, y) => explainPair(linkage, persons, index.left.get(x), index.right.get(y))
  }
}

function sidesOf(left: string, right: string, options: ReadingOptions): [Side, Side] {
  const first = readSide(left, options)
  return [first, left === right ? first : readSide(right, options)]
}

function readSide(text: string, options: ReadingOptions): Side {
  const table = readCsv(text)
  const map: ColumnMap = recogniseColumns(table, options.map)
  return {
    ids: table.rows.map((row) => row[map.id] ?? ''),
    persons: table.rows.map((row) => personOfRow(row, map, options)),
    rejected: table.rejects.length,
    comparable: table.rows.length > 0 && [...map.columns.keys()].some((role) => role !== 'id')
  }
}

interface Index {
  readonly left: ReadonlyMap<string, number>
  readonly right: ReadonlyMap<string, number>
  readonly count: number
}

function indexOf(a: Side, b: Side, within: boolean): Index {
  const left = new Map(a.ids.map((id, at) => [id, at]))
  const right = within ? left : new Map(b.ids.map((id, at) => [id, at + a.ids.length]))
  return { left, right, count: a.ids.length + b.ids.length }
}

interface Known {
  readonly pairs: ReadonlySet<number>
  readonly count: number
  readonly span: number
}

// Pairs whose ids are in neither file still count as true: they were not found.
function truePairs(table: CsvTable, index: Index): Known {
  const [leftColumn, rightColumn] = [
    Math.max(0, table.columns.indexOf('left')),
    table.columns.includes('right') ? table.columns.indexOf('right') : 1
  ]
  const pairs = new Set<number>()
  const missing = new Set<string>()
  for (const row of table.rows) {
    const [x, y] = [row[leftColumn] ?? '', row[rightColumn] ?? '']
    if (x === '' || y === '') continue
    const pair = pairOf(x, y, index) ?? pairOf(y, x, index)
    if (pair === undefined) missing.add([x, y].sort().join('\u0000'))
    else if (pair >= 0) pairs.add(pair)
  }
  return { pairs, count: pairs.size + missing.size, span: index.count }
}

function pairOf(x: string, y: string, index: Index): number | undefined {
  const [a, b] = [index.left.get(x), index.right.get(y)]
  if (a === undefined || b === undefined) return undefined
  return a === b ? -1 : Math.min(a, b) * index.count + Math.max(a, b)
}

function countPairs(
  clusters: readonly (readonly number[])[],
  known: Known,
  split: number | undefined,
  bits: number
): Figures {
  let found = 0
  let right = 0
  for (const members of clusters) {
    for (const x of members) {
      for (const y of members) {
        if (x >= y || (split !== undefined && x < split === y < split)) continue
        found++
        if (known.pairs.has(x * known.span + y)) right++
      }
    }
  }
  const precision = found === 0 ? 1 : right / found
  const recall = known.count === 0 ? 1 : right / known.count
  return {
    foundPairs: found,
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    threshold: probabilityOf(bits)
  }
}

/** Bits as a probability. */
export function probabilityOf(bits: number): number {
  return 1 / (1 + 2 ** -bits)
}

function explainPair(
  { model }: Linkage,
  persons: readonly Person[],
  left: number | undefined,
  right: number | undefined
): Explanation | undefined {
  const [a, b] = [persons[left ?? -1], persons[right ?? -1]]
  if (!a || !b) return undefined
  const comparison = compareUnder(model, a, b)
  const bits = scoreOf(model, comparison)
  return {
    bits,
    probability: probabilityOf(bits),
    verdict: judge(bits, comparison),
    bars: waterfall(model, comparison)
  }
}
