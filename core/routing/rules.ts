/**
 * The agency's own rules from config/routes.yaml: the first that matches decides, and the decision
 * says which and why.
 */
import type { Routes, Rule } from '../../config/schema.ts'
import type { RoutingInput } from './input.ts'

export interface RoutingDecision {
  readonly department: string
  /** Undefined when nothing matched and the contact goes to general intake. */
  readonly rule: string | undefined
  readonly version: string
  readonly reason: string
  readonly evidence: Readonly<Record<string, unknown>>
}

export class Router {
  readonly #version: string
  readonly #rules: readonly Compiled[]
  readonly #general: string

  constructor(routes: Routes, general: string) {
    this.#version = routes.version
    this.#rules = routes.rules.map(compile)
    this.#general = general
  }

  /**
   * Where a contact goes: one decision for each department that one of its recipients leads to. A
   * mail to the parks and the water department is one contact with a case in each line. What no
   * rule claims goes to general intake, never nowhere.
   */
  decide(input: RoutingInput): RoutingDecision[] {
    const named = input.recipients.filter((recipient) =>
      this.#rules.some(({ rule }) =>
        rule.when.recipient?.some((wanted) => sameAddress(recipient, wanted))
      )
    )
    const scopes =
      named.length > 0 ? named.map((recipient) => ({ ...input, recipients: [recipient] })) : [input]
    const decisions = new Map<string, RoutingDecision>()
    for (const scope of scopes) {
      const decision = this.#firstMatch(scope) ?? this.#firstInWhole(scope)
      if (decision && !decisions.has(decision.department))
        decisions.set(decision.department, decision)
    }
    return decisions.size > 0 ? [...decisions.values()] : [this.#fallback()]
  }

  #firstMatch(input: RoutingInput): RoutingDecision | undefined {
    for (const { rule, tests } of this.#rules) {
      const evidence = matchAll(tests, input)
      if (evidence)
        return {
          department: rule.department,
          rule: rule.id,
          version: this.#version,
          reason: `rule "${rule.id}" matched`,
          evidence
        }
    }
    return undefined
  }

  /** By what a mail quotes or passes on, where its new words say nothing. */
  #firstInWhole({ whole, ...input }: RoutingInput): RoutingDecision | undefined {
    const decision = whole === undefined ? undefined : this.#firstMatch({ ...input, text: whole })
    return (
      decision && {
        ...decision,
        reason: `rule "${decision.rule}" matched in what the mail quotes or passes on`
      }
    )
  }

  #fallback(): RoutingDecision {
    return {
      department: this.#general,
      rule: undefined,
      version: this.#version,
      reason: 'no rule matched, so general intake',
      evidence: {}
    }
  }
}

type Test = readonly [name: string, match: (input: RoutingInput) => string | undefined]
interface Compiled {
  readonly rule: Rule
  readonly tests: readonly Test[]
}

function matchAll(tests: readonly Test[], input: RoutingInput): Record<string, string> | undefined {
  const evidence: Record<string, string> = {}
  for (const [name, match] of tests) {
    const found = match(input)
    if (found === undefined) return undefined
    evidence[name] = found
  }
  return evidence
}

function compile(rule: Rule): Compiled {
  const { recipient, form, service, answer, subjectWords, bodyWords, words } = rule.when
  const tests: Test[] = []
  if (recipient)
    tests.push([
      'recipient',
      (input) =>
        input.recipients.find((address) => recipient.some((wanted) => sameAddress(address, wanted)))
    ])
  if (form) tests.push(['form', (input) => form.find((id) => id === input.form)])
  if (service) tests.push(['service', (input) => service.find((code) => code === input.service)])
  for (const [field, values] of Object.entries(answer ?? {}))
    tests.push([
      `answer.${field}`,
      (input) => values.find((value) => chosen(input, field).includes(value))
    ])
  if (subjectWords) tests.push(['subjectWords', wordTest(subjectWords, (input) => input.subject)])
  if (bodyWords) tests.push(['bodyWords', wordTest(bodyWords, (input) => input.text)])
  if (words) tests.push(['words', wordTest(words, (input) => `${input.subject}\n${input.text}`)])
  return { rule, tests }
}

/** What was chosen in a field; a field of several choices has them on lines. */
function chosen(input: RoutingInput, field: string): string[] {
  return Object.hasOwn(input.answers, field) ? input.answers[field]!.split('\n') : []
}

/** "parks" means parks@ any domain of ours; "parks+anything@" is parks (RFC 5233 subaddressing). */
function sameAddress(address: string, wanted: string): boolean {
  const [local = '', domain = ''] = address.toLowerCase().split('@')
  const [wantedLocal = '', wantedDomain] = wanted.toLowerCase().split('@')
  return (
    local.split('+', 1)[0] === wantedLocal &&
    (wantedDomain === undefined || domain === wantedDomain)
  )
}

/**
 * Scripts that write words without spaces between them: a neighbouring letter there says nothing
 * about where a word ends.
 */
const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`
const startsUnspaced = new RegExp(`^[${UNSPACED}]`, 'u')
const endsUnspaced = new RegExp(`[${UNSPACED}]$`, 'u')

/**
 * Whole words or phrases, whatever their case and accents; spaces in a phrase match any run of
 * white space.
 */
function wordTest(
  words: readonly string[],
  pick: (input: RoutingInput) => string
): (input: RoutingInput) => string | undefined {
  // A word of blanks or accents alone is nothing once folded, and would be found in every text.
  const alternatives = words
    .map((word) => fold(word).trim())
    .filter(Boolean)
    .map(wordPattern)
  if (alternatives.length === 0) return () => undefined
  const pattern = new RegExp(alternatives.join('|'), 'iu')
  return (input) => pattern.exec(foldOnce(pick(input)))?.[0]
}

function wordPattern(word: string): string {
  const phrase = word
    .split(/\s+/)
    .map((part) => RegExp.escape(part))
    .join(String.raw`\s+`)
  return `${startsUnspaced.test(word) ? '' : String.raw`(?<![\p{L}\p{N}])`}${phrase}${endsUnspaced.test(word) ? '' : String.raw`(?![\p{L}\p{N}])`}`
}

/** Texts folded last: every rule asks for the same ones. */
const lately: { readonly text: string; readonly folded: string }[] = []
/** The subject, the text, and both together, of a contact. */
const LATELY = 3
/**
 * Letters that are looked at once folded: one may fold to eighteen, and a text of 50,000 must not
 * become a million.
 */
const FOLDED_LIMIT = 100_000

function foldOnce(text: string): string {
  const known = lately.find((one) => one.text === text)
  if (known) return known.folded
  const folded = fold(text).slice(0, FOLDED_LIMIT)
  lately.unshift({ text, folded })
  lately.length = Math.min(lately.length, LATELY)
  return folded
}

/**
 * Compatibility forms unified and accents taken off, so that "semáforo" and "SEMAFORO" are one
 * word.
 */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '')
}
