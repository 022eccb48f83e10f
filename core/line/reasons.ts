import { EvenhandError } from '../errors.ts'
import { storableText } from '../envelope.ts'

const REASON_LIMIT = 2_000

/** A reason as it is recorded: bounded, storable. @throws EvenhandError REASON_REQUIRED when it says nothing. */
export function requireReason(reason: string): string {
  const text = optionalReason(reason)
  if (text === '') throw new EvenhandError('REASON_REQUIRED')
  return text
}

/** As requireReason, but may be empty. */
export function optionalReason(reason: string): string {
  return storableText(reason.trim().slice(0, REASON_LIMIT))
}
