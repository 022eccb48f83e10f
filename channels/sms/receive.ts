import type { ChannelRequest, ChannelResponse, RawContact } from '../../core/intake/channel.ts'
import type { SmsIntake } from './intake.ts'
import { heldEnough, notStored } from '../../core/intake/provider-hook.ts'
import { UnverifiedLimit } from '../../core/intake/unverified-limit.ts'
import {
  contentTypeOf,
  parametersOf,
  verify,
  type SignatureVerdict
} from '../../platform/providers/twilio/webhook.ts'
import { readMessage } from './message.ts'

/**
 * An empty TwiML answer. The receipt is sent later as a text of its own, once the message is in its
 * line.
 */
const NOTHING_TO_SAY: ChannelResponse = {
  status: 200,
  headers: { 'content-type': 'text/xml; charset=utf-8' },
  body: '<?xml version="1.0" encoding="UTF-8"?><Response/>'
}

const held = new UnverifiedLimit()

/**
 * Takes a text that Twilio delivers. One without a valid signature is kept for a person and gets
 * the usual answer: after a refusal an honest provider would give up, and a forger would learn
 * which forgeries work.
 */
export async function receive(
  intake: SmsIntake,
  request: ChannelRequest
): Promise<ChannelResponse> {
  const verdict = verify(request, intake.settings)
  if (verdict !== true) {
    intake.alert('unsigned-sms', verdict)
    if (!held.mayKeep(request.body.length)) return heldEnough
  }
  try {
    await intake.accept(rawContact(request.body, contentTypeOf(request), verdict))
    return NOTHING_TO_SAY
  } catch (error) {
    return notStored(error)
  }
}

/**
 * A signed message is identified by the provider's id. An unsigned one must not take that id from
 * the real one.
 */
export function rawContact(
  bytes: Uint8Array,
  mediaType: string,
  verdict: SignatureVerdict
): RawContact {
  const message = readMessage(parametersOf(bytes, mediaType))
  return {
    channel: 'sms',
    source: 'twilio',
    bytes,
    mediaType,
    recipients: message?.to ? [message.to] : [],
    evidence: {
      provider: 'twilio',
      signature: verdict === true ? 'valid' : 'not valid',
      ...(message?.sid ? { messageSid: message.sid } : {})
    },
    ...(verdict === true && message?.sid ? { externalId: message.sid } : {}),
    ...(verdict === true ? {} : { quarantine: verdict })
  }
}
