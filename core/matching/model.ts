import { compare, type Comparison } from './compare.ts'
import { fields, MISSING, type FieldName } from './fields.ts'
import type { Person } from './person.ts'

/** What training learns, as plain data: it is stored, and shown as the weight chart. */
export interface Model {
  /** Share of all pairs that are one person. */
  readonly prior: number
  readonly m: readonly (readonly number[])[]
  readonly u: readonly (readonly number[])[]
  /**
   * Share of persons that hold a value, by field; only values more frequent than the field's u need
   * be here.
   */
  readonly frequencies: Readonly<Partial<Record<FieldName, ReadonlyMap<string, number>>>>
  /** Share of organisations that hold a word. */
  readonly words: ReadonlyMap<string, number>
  /** Persons that were seen in training; 0 for the model before any. */
  readonly trainedOn: number
}

/**
 * The model before training, for a register of a given size: one other entry per person is expected
 * at most.
 */
export function startingModel(registerSize = 10_000): Model {
  return {
    prior: 1 / Math.max(100, registerSize),
    m: fields.map((field) => field.levels.map((level) => level.m)),
    u: fields.map((field) => field.levels.map((level) => level.u)),
    frequencies: {},
    words: new Map(),
    trainedOn: 0
  }
}

/**
 * A crosswise agreement of names costs this much: about one true pair in sixteen has its names
 * swapped somewhere.
 */
export const SWAP_BITS = -4

/** One bar of the waterfall. */
export interface WaterfallBar {
  readonly field: FieldName | 'prior' | 'name order'
  readonly level: string
  readonly bits: number
}

/** The weight of one field at a level, in bits. */
export function weightOf(
  model: Model,
  field: number,
  level: number,
  comparison?: Comparison
): number {
  if (level === MISSING) return 0
  const m = model.m[field]![level]!
  const u =
    level === 0 && comparison ? sharedFrequency(model, field, comparison) : model.u[field]![level]!
  return Math.log2(m / u)
}

// A shared "Smith" says less than the average shared name, a shared "Zwickelbauer" more
// (term-frequency adjustment).
function sharedFrequency(model: Model, field: number, comparison: Comparison): number {
  const average = model.u[field]![0]!
  const value = comparison.shared[field]
  const known = model.frequencies[fields[field]!.name]
  if (!known || value === undefined || value === '') return average
  const frequency = known.get(value)
  // A value not on record is rare; how rare cannot be known, so a rare value earns at most three
  // bits over the average.
  return frequency === undefined ? average / 2 : Math.max(frequency, average / 8)
}

/** A pair's score in bits: the log odds that both are one person. */
export function scoreOf(model: Model, comparison: Comparison): number {
  let bits = Math.log2(model.prior / (1 - model.prior)) + (comparison.swapped ? SWAP_BITS : 0)
  for (let field = 0; field < fields.length; field++)
    bits += weightOf(model, field, comparison.levels[field]!, comparison)
  return bits
}

/** The score bar by bar: prior first, then every field that has a value on both sides. */
export function waterfall(model: Model, comparison: Comparison): WaterfallBar[] {
  const bars: WaterfallBar[] = [
    { field: 'prior', level: 'any two persons', bits: Math.log2(model.prior / (1 - model.prior)) }
  ]
  for (const [index, field] of fields.entries()) {
    const level = comparison.levels[index]!
    if (level !== MISSING)
      bars.push({
        field: field.name,
        level: field.levels[level]!.label,
        bits: weightOf(model, index, level, comparison)
      })
  }
  if (comparison.swapped)
    bars.push({ field: 'name order', level: 'given and family name swapped', bits: SWAP_BITS })
  return bars
}

/** Compares under a model, which knows how rare words are. */
export function compareUnder(model: Model, a: Person, b: Person): Comparison {
  return compare(a, b, { wordWeight: (word) => wordWeight(model, word) })
}

// Words of an unknown register weigh the same; one letter or a number says little.
function wordWeight(model: Model, word: string): number {
  if (model.words.size === 0) return word.length < 3 ? 1 : 3
  return Math.min(9, -Math.log(model.words.get(word) ?? 0.0005))
}
