import { EvenhandError } from '../../platform/errors.ts'
import { storableText } from '../../platform/text/storable.ts'
import { isBlank } from '../../platform/text/visible.ts'

const REASON_LIMIT = 2_000

/**
 * A reason as it is recorded: cut to a bound and storable. @throws EvenhandError REASON_REQUIRED if
 * it is blank.
 */
export function requireReason(reason: string): string {
  const text = optionalReason(reason)
  if (text === '') throw new EvenhandError('REASON_REQUIRED')
  return text
}

/** As requireReason, but a blank reason becomes the empty string. */
export function optionalReason(reason: string): string {
  return isBlank(reason) ? '' : storableText(reason.trim().slice(0, REASON_LIMIT))
}
