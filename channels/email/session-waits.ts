/** How long after a session with a mailbox ended the next one begins. */
import { waitAfter, type RetryPolicy } from '../../platform/limits/retry-policy.ts'
import { pullLimits } from './limits.ts'
import { AskedToWait } from './mailbox.ts'

/** A server that is down comes back within minutes; asking it more often helps nobody. */
const policy: RetryPolicy = {
  attempts: Infinity,
  firstWait: 2,
  factor: 2,
  longestWait: 300
}

/**
 * A server that says how long is believed, up to a bound; if it goes on saying so, it is asked ever
 * less often.
 * @param failures sessions in a row that came to nothing, this one counted
 * @returns seconds
 */
export function waitForNextSession(cause: unknown, failures: number): number {
  const asked = cause instanceof AskedToWait ? cause.seconds : undefined
  if (asked === undefined) return waitAfter(policy, failures)
  const more = failures > 1 ? waitAfter(policy, failures - 1) : 0
  return Math.max(Math.min(asked, pullLimits.askedToWaitS), more)
}
