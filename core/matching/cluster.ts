/** A pair the model would link, by index, with its score. */
export interface Edge {
  readonly left: number
  readonly right: number
  readonly bits: number
}

/** How two persons go together: their score, and whether something plainly contradicts. */
export interface Fit {
  readonly bits: number
  readonly against: boolean
}

export type FitOf = (left: number, right: number) => Fit

/**
 * A cluster never grows beyond this: larger ones are relatives or a shared address chained
 * together.
 */
export const MAX_CLUSTER = 60
/** Pairs compared between two clusters before they join; the rest is taken to be alike. */
const SAMPLE = 49
/**
 * Some pairs of rows may contradict: slips do that. A second person in the cluster contradicts in
 * half of them or more.
 */
const CONTRADICTING_SHARE = 0.45
/** One pair that agrees on everything does not outvote many that do not agree. */
const BITS_CAP = 10

/**
 * Joins groups by pairs of groups, surest first. Two groups join only where they agree as a whole,
 * so one odd link cannot chain two families together. `fit` is asked about members; `coherentFrom`
 * is the mean of its bits that two groups need.
 */
export function clusterEdges(
  groups: readonly (readonly number[])[],
  edges: readonly Edge[],
  fit: FitOf,
  coherentFrom: number
): number[][] {
  const owner = groups.map((_, index) => index)
  const inside = owner.map((index) => [index])
  const members = groups.map((group) => [...group])
  for (const { left, right } of [...edges].sort(
    (a, b) => b.bits - a.bits || a.left - b.left || a.right - b.right
  )) {
    const [a, b] = [owner[left]!, owner[right]!]
    if (
      a === b ||
      members[a]!.length + members[b]!.length > MAX_CLUSTER ||
      !coherent(members[a]!, members[b]!, fit, coherentFrom)
    )
      continue
    const [kept, gone] = members[a]!.length >= members[b]!.length ? [a, b] : [b, a]
    for (const index of inside[gone]!) owner[index] = kept
    inside[kept]!.push(...inside[gone]!)
    members[kept]!.push(...members[gone]!)
    members[gone] = []
  }
  return members.filter((list) => list.length > 0)
}

function coherent(
  a: readonly number[],
  b: readonly number[],
  fit: FitOf,
  coherentFrom: number
): boolean {
  const step = Math.max(1, Math.floor((a.length * b.length) / SAMPLE))
  let bits = 0
  let against = 0
  let seen = 0
  for (let at = 0; at < a.length * b.length; at += step) {
    const found = fit(a[Math.floor(at / b.length)]!, b[at % b.length]!)
    bits += Math.max(-BITS_CAP, Math.min(BITS_CAP, found.bits))
    against += Number(found.against)
    seen++
  }
  return bits >= seen * coherentFrom && against <= seen * CONTRADICTING_SHARE
}
