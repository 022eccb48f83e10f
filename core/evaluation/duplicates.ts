/**
 * `evenhand duplicates evaluate`: every contact is judged against earlier ones in order of arrival,
 * as it would be on the day.
 */
import { evaluateCampaigns, type CampaignEvaluation } from './campaigns.ts'
import { comparable } from '../duplicates/comparable.ts'
import {
  DEFAULT_WINDOW_HOURS,
  judge,
  thresholds,
  type Comparand,
  type SameParty
} from '../duplicates/judge.ts'
import { KeyIndex, leastShared } from '../duplicates/key-index.ts'
import { pairFigures, pairsWithin, type PairFigures } from '../duplicates/pair-figures.ts'
import { locationKeys } from '../duplicates/location.ts'
import { readRows, type EvaluationRow } from '../duplicates/records.ts'
import { sketch } from '../duplicates/sketch.ts'

export interface DuplicateEvaluation extends PairFigures {
  /**
   * What the figures above count: pairs of duplicates, or, in a file that has campaigns and no
   * clusters, pairs of one campaign.
   */
  readonly kind: 'duplicates' | 'campaigns'
  readonly rows: number
  readonly rejected: number
  /** Least similarity of a copy; the same for every file. */
  readonly threshold: number
  readonly windowHours: number
  readonly seconds: number
  /** The pairs that would be joined without a person's look. */
  readonly sure?: PairFigures
  /** Found pairs by the reason given, and how many of them are true. */
  readonly reasons?: readonly {
    readonly reason: string
    readonly pairs: number
    readonly true: number
  }[]
  readonly campaigns?: CampaignEvaluation
}

interface Found {
  readonly kind: 'sure' | 'likely'
  readonly reason: string
  readonly true: boolean
}

/**
 * A person's own earlier contacts that are compared whatever their words; settle bounds them
 * likewise.
 */
const OWN_EARLIER = 100

/**
 * Finds duplicates (and campaigns, where the file names them) among the rows of a JSON Lines text
 * and measures the pairs.
 */
export function evaluateDuplicates(
  jsonl: string,
  windowHours = DEFAULT_WINDOW_HOURS
): DuplicateEvaluation {
  const started = performance.now()
  const { rows, rejected } = readRows(jsonl)
  const campaigns = rows.some((row) => row.campaign !== undefined)
    ? evaluateCampaigns(rows)
    : undefined
  const clustered = campaigns === undefined || rows.some((row) => row.cluster !== undefined)
  const figures = clustered ? evaluateClusters(rows, windowHours) : pick(campaigns)
  return {
    kind: clustered ? 'duplicates' : 'campaigns',
    ...figures,
    rows: rows.length,
    rejected,
    threshold: thresholds.copy,
    windowHours,
    seconds: Math.round(performance.now() - started) / 1000,
    ...(campaigns ? { campaigns } : {})
  }
}

function pick({ truePairs, foundPairs, precision, recall, f1 }: PairFigures): PairFigures {
  return { truePairs, foundPairs, precision, recall, f1 }
}

function evaluateClusters(
  rows: readonly EvaluationRow[],
  windowHours: number
): PairFigures & Pick<DuplicateEvaluation, 'sure' | 'reasons'> {
  const found = findPairs(rows, windowHours)
  const truePairs = pairsWithin(rows.map((row) => row.cluster))
  const count = (pairs: readonly Found[]): PairFigures =>
    pairFigures(truePairs, pairs.length, pairs.filter((pair) => pair.true).length)
  const reasons = [...Map.groupBy(found, (pair) => pair.reason)]
    .map(([reason, pairs]) => ({
      reason,
      pairs: pairs.length,
      true: pairs.filter((pair) => pair.true).length
    }))
    .sort((a, b) => b.pairs - a.pairs)
  return { ...count(found), sure: count(found.filter((pair) => pair.kind === 'sure')), reasons }
}

function findPairs(rows: readonly EvaluationRow[], windowHours: number): Found[] {
  const ordered = [...rows].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  const contacts: Comparand[] = ordered.map((row) => ({
    text: comparable(row.text),
    content: row.content,
    at: row.at,
    location: row.location,
    category: row.category
  }))
  const earlier = new Earlier()
  return ordered.flatMap((row, no) => {
    const contact = contacts[no] as Comparand
    const candidates = earlier.find(row, contact)
    earlier.add(no, row, contact)
    return candidates.flatMap((other): Found[] => {
      const known = ordered[other] as EvaluationRow
      const verdict = judge(
        contacts[other] as Comparand,
        contact,
        sameParty(known, row),
        windowHours
      )
      if (verdict.kind === 'none') return []
      return [
        {
          kind: verdict.kind,
          reason: verdict.reason,
          true: row.cluster !== undefined && row.cluster === known.cluster
        }
      ]
    })
  })
}

function sameParty(a: EvaluationRow, b: EvaluationRow): SameParty {
  if (a.person === undefined || b.person === undefined) return 'unknown'
  return a.person === b.person ? 'same' : 'different'
}

/** The three ways to earlier contacts: shared wording, the same place, the same person. */
class Earlier {
  readonly #texts = new KeyIndex()
  readonly #locations = new KeyIndex()
  readonly #people = new Map<string, number[]>()

  find(row: EvaluationRow, { text, location }: Comparand): number[] {
    const keys = sketch(text.letters)
    const own =
      row.person === undefined ? [] : (this.#people.get(row.person)?.slice(-OWN_EARLIER) ?? [])
    const near = location ? this.#locations.find(locationKeys(location, 'near'), 1) : []
    return [
      ...new Set([
        ...own,
        ...this.#texts.find(keys, leastShared(keys)).map(({ no }) => no),
        ...near.map(({ no }) => no)
      ])
    ]
  }

  add(no: number, row: EvaluationRow, { text, location }: Comparand): void {
    this.#texts.add(no, sketch(text.letters))
    if (location) this.#locations.add(no, locationKeys(location, 'own'))
    if (row.person === undefined) return
    const own = this.#people.get(row.person)
    if (own) own.push(no)
    else this.#people.set(row.person, [no])
  }
}
