/** A report's arguments as sent. By the specification, an empty one counts as not sent. */
import type { Submission } from '../../platform/http-bodies/form.ts'
import { isBlank } from '../../platform/text/visible.ts'

export interface ReportArguments {
  /** The first value of an argument, or undefined. */
  one(name: string): string | undefined
  /**
   * Answers by attribute code, in the order sent. `attribute[code]=…` and `attribute[code][]=…`
   * mean the same.
   */
  readonly attributes: ReadonlyMap<string, readonly string[]>
}

export function readArguments({ fields }: Pick<Submission, 'fields'>): ReportArguments {
  const given = fields
    .map(([name, value]) => [name, value.trim()] as const)
    .filter(([, value]) => !isBlank(value))
  const attributes = new Map<string, string[]>()
  for (const [name, value] of given) {
    const code = /^attribute\[([^\]]+)\](?:\[\d*\])?$/.exec(name)?.[1]
    if (code !== undefined) attributes.set(code, [...(attributes.get(code) ?? []), value])
  }
  return { attributes, one: (wanted) => given.find(([name]) => name === wanted)?.[1] }
}

/** Both coordinates in degrees (WGS 84); undefined if either is missing or invalid. */
export function readPlace({ one }: ReportArguments): { lat: number; long: number } | undefined {
  const [lat, long] = [degrees(one('lat'), 90), degrees(one('long'), 180)]
  return lat === undefined || long === undefined ? undefined : { lat, long }
}

/** Digits before and after the decimal point; nobody measures finer than 12 of them. */
function degrees(text: string | undefined, most: number): number | undefined {
  const value =
    text !== undefined && /^[+-]?\d{1,3}(\.\d{1,20})?$/.test(text) ? Number(text) : Number.NaN
  return Math.abs(value) <= most ? value : undefined
}
