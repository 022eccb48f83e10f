/** What the hooks of all fax providers share: accept first, answer 2xx, say "later" when it cannot be stored. */
import type { ChannelResponse, Intake, RawContact } from '../../core/channel.ts'
import { asEvenhandError } from '../../core/errors.ts'
import type { HeldRate } from '../../core/held-rate.ts'

/** Accepts, and answers as a provider understands it. A delivery held for its signature is told to the administrator, and only so many are kept. */
export async function acceptHook(collect: Intake, held: HeldRate, raw: RawContact): Promise<ChannelResponse> {
  if (raw.quarantine) {
    collect.alert('unsigned-fax', raw.quarantine)
    if (!held.mayKeep(raw.bytes.length)) return { status: 503, headers: { 'retry-after': '60' } }
  }
  try {
    const { receipt } = await collect.accept(raw)
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: receipt }
  } catch (error) {
    const { code, status, retry } = asEvenhandError(error)
    collect.log.warn({ code, source: raw.source }, 'a fax could not be accepted')
    return { status, ...(retry ? { headers: { 'retry-after': '30' } } : {}) }
  }
}

/** For events that are no delivery (of our own sendings, or of a call that brought no page). */
export function nothingToTake(collect: Intake, source: string, event: string): ChannelResponse {
  collect.log.debug({ source, event }, 'an event of the fax provider that brings no fax')
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'nothing to take' }
}
