/**
 * A stamp is for the letters in the tray at that time. Scans that come long after it may be of
 * letters that arrived later. They hold the batch until a person says why they belong to it, or
 * gives them a tray of their own with the present time.
 */
import type { Selectable } from 'kysely'
import type { Tables } from '../../platform/db/tables.ts'
import { plural } from './sentences.ts'

type Stamped = Pick<Selectable<Tables['batches']>, 'received_at' | 'origin'>
type Added = Pick<Selectable<Tables['scans']>, 'added_at'>

const HOUR_MS = 3_600_000

/**
 * Scans that came too long after the stamp. Files from a mail count as having come with it,
 * whenever they were unpacked.
 */
export function lateScans<S extends Added>(
  batch: Stamped,
  scans: readonly S[],
  lateHours: number
): S[] {
  if (batch.origin?.startsWith('mail/')) return []
  return scans.filter(
    ({ added_at: at }) => at.getTime() - batch.received_at.getTime() > lateHours * HOUR_MS
  )
}

export function sentenceOfLate(
  batch: Stamped,
  scans: readonly Added[],
  lateHours: number
): string[] {
  const late = lateScans(batch, scans, lateHours)
  if (late.length === 0) return []
  const hours = Math.floor(
    (Math.min(...late.map(({ added_at: at }) => at.getTime())) - batch.received_at.getTime()) /
      HOUR_MS
  )
  return [
    `${plural(late.length, 'scan', 'scans')} came more than ${plural(lateHours, 'hour', 'hours')} after the stamp, the first of them ${plural(hours, 'hour', 'hours')} after it: letters that lay in the tray then, or later ones?`
  ]
}
