/**
 * Sets of contacts with scanned copies among them, made from any texts: the same input always gives
 * the same set.
 */
import { ocrNoise } from './ocr-noise.ts'
import { seeded } from './random.ts'

export interface CopiesOptions {
  /** Character error rate of a copy, 0–1. */
  readonly rate: number
  /**
   * Each person writes so many different contacts, so that telling a copy from the same person's
   * other letters is tested.
   */
  readonly perPerson: number
  /** Without people nothing but the words can tell. */
  readonly people: boolean
}

/**
 * JSON Lines: every distinct text once as written, and once misread within two days, `cluster`
 * naming the original.
 */
export function ocrCopies(
  texts: readonly string[],
  { rate, perPerson, people }: CopiesOptions
): string {
  const distinct = [...new Set(texts)]
  const random = seeded(distinct.length)
  return distinct
    .flatMap((text, no) => {
      const at = Date.UTC(2026, 0, 1) + Math.floor(random() * 48) * 3_600_000
      const row = {
        cluster: `c${no}`,
        ...(people ? { person: `p${Math.floor(no / perPerson)}` } : {})
      }
      return [
        { ...row, id: `${no}-written`, text, received_at: new Date(at).toISOString() },
        {
          ...row,
          id: `${no}-scanned`,
          channel: 'fax',
          text: ocrNoise(text, rate, no + 1),
          received_at: new Date(at + 3_600_000).toISOString()
        }
      ]
    })
    .map((row) => JSON.stringify(row))
    .join('\n')
}
