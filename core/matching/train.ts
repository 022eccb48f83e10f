import { compareUnder, startingModel, weightOf, type Model } from './model.ts'
import { fields, MISSING, type FieldName } from './fields.ts'
import { addressValue, placeValue } from './value-levels.ts'
import { candidatePairs } from './blocks.ts'
import { rules, type Rule } from './keys.ts'
import { fullForm } from './normalise/names.ts'
import type { Person } from './person.ts'

/** Random pairs compared to learn u, and pairs per blocking rule to learn m. */
const RANDOM_PAIRS = 200_000
const PAIRS_PER_RULE = 40_000
/**
 * The starting m count as much as this many true pairs, so that a rule with few pairs cannot
 * overturn them.
 */
const PRIOR_PAIRS = 30
const EM_ROUNDS = 12

/** Comparison patterns and how often each was seen; EM needs no more, however many the pairs. */
type Patterns = Map<string, { levels: Uint8Array; swapped: boolean; count: number }>

/**
 * Learns a model from persons without any labels: u from random pairs, m by
 * expectation–maximisation on the pairs of each blocking rule in turn, averaged by how many true
 * pairs each rule is expected to hold (Fellegi & Sunter 1969; Winkler 2000; the way Splink combines
 * rules). Same persons, same model: sampling uses a fixed sequence.
 */
export function trainModel(
  persons: readonly Person[],
  blocks: ReadonlyMap<Rule, readonly number[][]>
): Model {
  if (persons.length < 2) return startingModel()
  const base: Model = {
    ...startingModel(persons.length),
    frequencies: frequenciesOf(persons),
    words: wordsOf(persons),
    trainedOn: persons.length
  }
  const random = randomPatterns(persons, base)
  const byRule = [...blocks].map(([rule, lists]) => ({
    rule,
    patterns: rulePatterns(persons, lists, base)
  }))
  let model: Model = { ...base, u: learnU(random, base) }
  // Two rounds: true pairs among the random ones, which a small register has, are weighed out of u
  // by the first round's model.
  for (let round = 0; round < 2; round++) {
    model = { ...model, m: learnM(byRule, model) }
    model = { ...model, u: learnU(random, model) }
  }
  return model
}

function learnU(random: Patterns, model: Model): number[][] {
  const trained = model.trainedOn > 0
  const counts = fields.map((field) => field.levels.map((level) => level.u * 20))
  for (const { levels, swapped, count } of random.values()) {
    const share = trained ? 1 - probability(patternBits(model, levels, swapped)) : 1
    for (let field = 0; field < fields.length; field++)
      if (levels[field] !== MISSING) counts[field]![levels[field]!]! += count * share
  }
  return counts.map(normalised)
}

function learnM(byRule: readonly { rule: Rule; patterns: Patterns }[], model: Model): number[][] {
  const totals = fields.map((field) => field.levels.map((level) => level.m * PRIOR_PAIRS))
  for (const { rule, patterns } of byRule) {
    const learned = expectationMaximisation(patterns, rules[rule], model)
    for (let field = 0; field < fields.length; field++) {
      if ((rules[rule] as readonly number[]).includes(field)) continue
      for (const [level, count] of learned[field]!.entries()) totals[field]![level]! += count
    }
  }
  return totals.map(normalised)
}

/**
 * Expected counts of true pairs by field and level, after EM over one rule's patterns with u held
 * fixed.
 */
function expectationMaximisation(
  patterns: Patterns,
  excluded: readonly number[],
  model: Model
): number[][] {
  let m: readonly (readonly number[])[] = model.m
  let prior = 0.1
  let counts: number[][] = []
  for (let round = 0; round < EM_ROUNDS; round++) {
    const current: Model = { ...model, m, prior: Math.min(0.999, Math.max(1e-6, prior)) }
    counts = fields.map((field) => field.levels.map((level) => (level.m * PRIOR_PAIRS) / 4))
    let matches = 0
    let all = 0
    for (const { levels, swapped, count } of patterns.values()) {
      const share = probability(patternBits(current, levels, swapped, excluded)) * count
      matches += share
      all += count
      for (let field = 0; field < fields.length; field++)
        if (levels[field] !== MISSING) counts[field]![levels[field]!]! += share
    }
    prior = all === 0 ? prior : matches / all
    m = counts.map(normalised)
  }
  return counts
}

function patternBits(
  model: Model,
  levels: Uint8Array,
  swapped: boolean,
  excluded: readonly number[] = []
): number {
  let bits = Math.log2(model.prior / (1 - model.prior)) + (swapped ? -4 : 0)
  for (let field = 0; field < fields.length; field++)
    if (!excluded.includes(field)) bits += weightOf(model, field, levels[field]!)
  return bits
}

function probability(bits: number): number {
  return 1 / (1 + 2 ** -bits)
}

function normalised(counts: readonly number[]): number[] {
  const sum = counts.reduce((total, count) => total + count, 0)
  return counts.map((count) => count / sum)
}

function randomPatterns(persons: readonly Person[], model: Model): Patterns {
  const patterns: Patterns = new Map()
  const next = sequence(20_311)
  const wanted = Math.min(RANDOM_PAIRS, (persons.length * (persons.length - 1)) / 2)
  for (let i = 0; i < wanted; i++) {
    const left = Math.floor(next() * persons.length)
    const right = Math.floor(next() * persons.length)
    if (left !== right) addPattern(patterns, persons[left]!, persons[right]!, model)
  }
  return patterns
}

function rulePatterns(
  persons: readonly Person[],
  lists: readonly number[][],
  model: Model
): Patterns {
  const patterns: Patterns = new Map()
  const pairs = candidatePairs([lists], persons.length, () => true)
  const step = Math.max(1, pairs.length / PAIRS_PER_RULE)
  for (let at = 0; at < pairs.length; at += step) {
    const pair = pairs[Math.floor(at)]!
    addPattern(
      patterns,
      persons[Math.floor(pair / persons.length)]!,
      persons[pair % persons.length]!,
      model
    )
  }
  return patterns
}

function addPattern(patterns: Patterns, a: Person, b: Person, model: Model): void {
  const { levels, swapped } = compareUnder(model, a, b)
  const key = levels.join() + (swapped ? 's' : '')
  const known = patterns.get(key)
  if (known) known.count++
  else patterns.set(key, { levels, swapped, count: 1 })
}

/** Park and Miller's sequence: repeatable, and good enough to draw pairs. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

type ValuesOf = (person: Person) => readonly string[]

const common: readonly [FieldName, ValuesOf][] = [
  ['given', (person) => person.names.map((name) => name.given)],
  ['family', (person) => person.names.map((name) => name.family)],
  ['place', (person) => person.addresses.map(placeValue)],
  ['organisation', (person) => person.organisations],
  ['birthplace', (person) => person.birthplaces],
  ['occupation', (person) => person.occupations]
]

// Values that belong to one person or household unless they are a filler, a clinic's or a
// shelter's.
const own: readonly [FieldName, ValuesOf][] = [
  ['birth', (person) => person.births],
  ['email', (person) => person.emails],
  ['phone', (person) => person.phones.map((phone) => phone.slice(-7))],
  ['identifier', (person) => person.identifiers],
  ['address', (person) => person.addresses.map(addressValue)]
]

/**
 * So many names on one value are a household with its slips of the pen; only more make the value
 * common.
 */
const HOUSEHOLD = 3

/**
 * How common each value is, counting a person who stands in the register several times once as far
 * as that shows.
 */
export function frequenciesOf(persons: readonly Person[]): Model['frequencies'] {
  const found: Partial<Record<FieldName, Map<string, number>>> = {}
  for (const [name, valuesOf] of common)
    found[name] = shares(persons, valuesOf, profileWithout(name), 0)
  for (const [name, valuesOf] of own) found[name] = shares(persons, valuesOf, holderOf, HOUSEHOLD)
  return found
}

type ProfileOf = (person: Person) => string

function profileWithout(field: FieldName): ProfileOf {
  return (person) => {
    const name = person.names[0]
    const family = field === 'family' ? '' : (name?.family ?? '')
    const given = field === 'given' ? '' : (name?.given ?? '')
    return `${given}|${family}|${person.births[0] ?? ''}|${field === 'organisation' ? (person.phones[0] ?? '') : (person.organisations[0] ?? '')}`
  }
}

// The first letters survive most slips.
function holderOf(person: Person): string {
  const name = person.names[0]
  return name
    ? fullForm(name.given).slice(0, 2) + name.family.slice(0, 1)
    : (person.organisations[0]?.slice(0, 3) ?? '')
}

function shares(
  persons: readonly Person[],
  valuesOf: ValuesOf,
  profileOf: ProfileOf,
  free: number
): Map<string, number> {
  const holders = new Map<string, Set<string>>()
  let all = 0
  for (const person of persons) {
    const profile = profileOf(person)
    for (const value of valuesOf(person)) {
      if (value === '') continue
      const known = holders.get(value) ?? new Set()
      if (!known.has(profile)) all++
      holders.set(value, known.add(profile))
    }
  }
  return new Map([...holders].map(([value, set]) => [value, Math.max(0, set.size - free) / all]))
}

function wordsOf(persons: readonly Person[]): Map<string, number> {
  const counts = new Map<string, number>()
  let all = 0
  for (const name of new Set(persons.flatMap((person) => person.organisations))) {
    all++
    for (const word of new Set(name.split(' '))) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return new Map([...counts].map(([word, count]) => [word, Math.max(count, 1) / all]))
}

/**
 * Expected share of true pairs among all, from the candidates' scores: they hold nearly all there
 * are.
 */
export function learnPrior(model: Model, scores: Iterable<number>, allPairs: number): number {
  const shift = Math.log2(model.prior / (1 - model.prior))
  let prior = model.prior
  const weights = [...scores].map((bits) => bits - shift)
  for (let round = 0; round < 5; round++) {
    const base = Math.log2(prior / (1 - prior))
    const expected = weights.reduce((sum, bits) => sum + probability(bits + base), 0)
    prior = Math.min(0.2, Math.max(0.5 / allPairs, expected / allPairs))
  }
  return prior
}
