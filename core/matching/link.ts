import { blocksOf, candidatePairs } from './blocks.ts'
import { clusterEdges, type Edge, type FitOf } from './cluster.ts'
import { compareUnder, scoreOf, type Model } from './model.ts'
import { learnPrior, trainModel } from './train.ts'
import { mergePersons, type Person } from './person.ts'
import { judge, plainContradiction } from './verdict.ts'

/** Rows that speak for a cluster in the second look; more add little and cost time. */
const MAX_PROFILE = 24

export interface Linkage {
  readonly model: Model
  /** Persons by cluster as a machine links them; most stand alone. */
  readonly clusters: readonly (readonly number[])[]
  /**
   * Persons by cluster as the model believes them to be: what is left to a person, and the model is
   * sure of, included.
   */
  readonly believed: readonly (readonly number[])[]
  /** Pairs left to a person, surest first. */
  readonly possible: readonly Edge[]
  readonly compared: number
}

/**
 * Finds who is who among persons, without labels: blocks, trains, scores, judges and clusters.
 * `wanted` says which pairs may be linked directly (across two files; any within one).
 */
export function linkPersons(
  persons: readonly Person[],
  wanted: (left: number, right: number) => boolean = () => true
): Linkage {
  const blocks = blocksOf(persons)
  const trained = trainModel(persons, blocks)
  const pairs = candidatePairs(blocks.values(), persons.length, wanted)
  const model = withPrior(trained, persons, pairs)
  const judged = judgePairs(model, persons, pairs)
  const fit = fitUnder(model, persons)
  const among = { model, persons, fit }
  const clusters = clustersOf(among, judged.links, 'linked')
  const believed = clustersOf(among, [...judged.links, ...judged.believed], 'believed')
  return {
    model,
    clusters,
    believed,
    possible: outside(judged.possible, clusters),
    compared: pairs.length
  }
}

function withPrior(model: Model, persons: readonly Person[], pairs: Float64Array): Model {
  const count = persons.length
  const scores: number[] = []
  const step = Math.max(1, Math.floor(pairs.length / 300_000))
  for (let at = 0; at < pairs.length; at += step)
    scores.push(
      scoreOf(
        model,
        compareUnder(model, persons[Math.floor(pairs[at]! / count)]!, persons[pairs[at]! % count]!)
      )
    )
  return { ...model, prior: learnPrior(model, scores, (count * (count - 1)) / 2 / step) }
}

interface Judged {
  links: Edge[]
  believed: Edge[]
  possible: Edge[]
}

function judgePairs(model: Model, persons: readonly Person[], pairs: Float64Array): Judged {
  const judged: Judged = { links: [], believed: [], possible: [] }
  for (const pair of pairs) {
    const left = Math.floor(pair / persons.length)
    const right = pair % persons.length
    const comparison = compareUnder(model, persons[left]!, persons[right]!)
    const bits = scoreOf(model, comparison)
    const verdict = judge(bits, comparison)
    if (verdict.kind === 'linked') judged.links.push({ left, right, bits })
    if (verdict.kind === 'possible') judged.possible.push({ left, right, bits })
    if (verdict.kind === 'possible' && verdict.believed) judged.believed.push({ left, right, bits })
  }
  return judged
}

// Rows of one person that leave much out score below nothing on average; those of different persons
// far below. A machine wants the
// rows it links to go together better than a person who looks at them all.
const coherentFrom = { linked: -2, believed: -5 }

type Certainty = keyof typeof coherentFrom

/** The persons to be told apart, and what their likeness is judged by. */
interface Among {
  readonly model: Model
  readonly persons: readonly Person[]
  readonly fit: FitOf
}

function clustersOf(among: Among, edges: readonly Edge[], certainty: Certainty): number[][] {
  const { persons, fit } = among
  const first = clusterEdges(
    persons.map((_, index) => [index]),
    edges,
    fit,
    coherentFrom[certainty]
  )
  const second = joinProfiles(among, first, certainty)
  // What the second look joined may be enough for a third; a fourth finds next to nothing.
  return second.length < first.length ? joinProfiles(among, second, certainty) : second
}

/**
 * A second look with what the first one brought together: a row that agrees with no single row well
 * enough may agree with the person they describe. Profiles join under the same rules, and only
 * where the rows cohere.
 */
function joinProfiles(
  { model, persons, fit }: Among,
  clusters: readonly number[][],
  certainty: Certainty
): number[][] {
  const profiles = clusters.map((members) =>
    mergePersons(members.slice(0, MAX_PROFILE).map((index) => persons[index]!))
  )
  const pairs = candidatePairs(
    blocksOf(profiles).values(),
    profiles.length,
    (left, right) => clusters[left]!.length + clusters[right]!.length > 2
  )
  const { links, believed } = judgePairs(model, profiles, pairs)
  return clusterEdges(
    clusters,
    certainty === 'linked' ? links : [...links, ...believed],
    fit,
    coherentFrom[certainty]
  )
}

function fitUnder(model: Model, persons: readonly Person[]): FitOf {
  return (left, right) => {
    const comparison = compareUnder(model, persons[left]!, persons[right]!)
    return {
      bits: scoreOf(model, comparison),
      against: plainContradiction(comparison) !== undefined
    }
  }
}

function outside(possible: readonly Edge[], clusters: readonly (readonly number[])[]): Edge[] {
  const owner = new Map(
    clusters.flatMap((list, index) => list.map((person) => [person, index] as const))
  )
  return possible
    .filter(({ left, right }) => owner.get(left) !== owner.get(right))
    .sort((a, b) => b.bits - a.bits)
}
