import type { ChannelRequest, ChannelResponse, Intake, RawContact } from '../../core/channel.ts'
import { asEvenhandError } from '../../core/errors.ts'
import { HeldRate } from '../../core/held-rate.ts'
import { contentTypeOf, parametersOf, verify, type Verdict } from '../../core/twilio/webhook.ts'
import { readMessage } from './message.ts'

/** An empty answer in Twilio's tongue: the receipt goes out as a text of its own, once the message stands in its line. */
const NOTHING_TO_SAY: ChannelResponse = { status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' }

const held = new HeldRate()

/**
 * A text that Twilio brings. One that cannot be shown to be Twilio's is kept for a person and answered like any other: a refusal would make an
 * honest provider give up, and say to a forger which forgeries work.
 */
export async function receive(collect: Intake, request: ChannelRequest): Promise<ChannelResponse> {
  const verdict = verify(request, collect.settings)
  if (verdict !== true) {
    collect.alert('unsigned-sms', verdict)
    if (!held.mayKeep(request.body.length)) return { status: 503, headers: { 'retry-after': '60' } }
  }
  try {
    await collect.accept(rawContact(request.body, contentTypeOf(request), verdict))
    return NOTHING_TO_SAY
  } catch (error) {
    const { status, retry } = asEvenhandError(error)
    return { status, ...(retry ? { headers: { 'retry-after': '30' } } : {}) }
  }
}

/** A signed message is known by the provider's id; one that is not must not take that id from the real one. */
export function rawContact(bytes: Uint8Array, mediaType: string, verdict: Verdict): RawContact {
  const message = readMessage(parametersOf(bytes, mediaType))
  return {
    channel: 'sms', source: 'twilio', bytes, mediaType, recipients: message?.to ? [message.to] : [],
    evidence: { provider: 'twilio', signature: verdict === true ? 'valid' : 'not valid', ...(message?.sid ? { messageSid: message.sid } : {}) },
    ...(verdict === true && message?.sid ? { externalId: message.sid } : {}),
    ...(verdict === true ? {} : { quarantine: verdict })
  }
}
