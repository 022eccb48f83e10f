/**
 * Shared by the hooks of providers: accept first, answer 2xx, or ask to try later if it cannot be
 * stored.
 */
import { asEvenhandError } from '../../platform/errors.ts'
import type { ChannelResponse, Intake, RawContact } from './channel.ts'
import type { UnverifiedLimit } from './unverified-limit.ts'

/**
 * Accepts a delivery and answers in the provider's terms. A delivery held for its signature is
 * reported to the administrator, and their number is limited.
 * @param proved false if nothing shows that the provider sent it
 */
export async function acceptHook(
  intake: Intake,
  held: UnverifiedLimit,
  raw: RawContact,
  proved = raw.quarantine === undefined
): Promise<ChannelResponse> {
  if (!proved) {
    intake.alert(`unsigned-${raw.channel}`, raw.quarantine ?? '')
    if (!held.mayKeep(raw.bytes.length)) return heldEnough
  }
  try {
    const { receipt } = await intake.accept(raw)
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: receipt }
  } catch (error) {
    const { code } = asEvenhandError(error)
    intake.log.warn({ code, source: raw.source }, `a delivery (${raw.channel}) was not accepted`)
    return notStored(error)
  }
}

/**
 * The answer of a hook whose delivery could not be stored: that the provider has to try again,
 * where it helps.
 */
export function notStored(error: unknown): ChannelResponse {
  const { status, retry } = asEvenhandError(error)
  return { status, ...(retry ? { headers: { 'retry-after': '30' } } : {}) }
}

/** The answer where too much is held in this minute that nothing proves. */
export const heldEnough: ChannelResponse = { status: 503, headers: { 'retry-after': '60' } }

/** Answers events that are no delivery, such as those about what we sent. */
export function nothingToTake(intake: Intake, source: string, event: string): ChannelResponse {
  intake.log.debug({ source, event }, 'an event of the provider that brings nothing')
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'nothing to take' }
}
