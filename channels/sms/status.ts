import type { ChannelRequest, ChannelResponse } from '../../core/intake/channel.ts'
import type { SmsIntake } from './intake.ts'
import { notStored } from '../../core/intake/provider-hook.ts'
import { isId } from '../../platform/ids.ts'
import { contentTypeOf, parametersOf, verify } from '../../platform/providers/twilio/webhook.ts'

/**
 * Takes a carrier's report on a text of ours. One without a valid signature is ignored and gets the
 * same answer.
 */
export async function delivered(
  intake: SmsIntake,
  request: ChannelRequest
): Promise<ChannelResponse> {
  const verdict = verify(request, intake.settings)
  if (verdict !== true) {
    intake.alert('unsigned-delivery-report', verdict)
    return { status: 204 }
  }
  const parameters = parametersOf(request.body, contentTypeOf(request)) ?? {}
  const outboundId = request.query.get('m') ?? ''
  const errorCode = /^\d{3,6}$/.exec(parameters['ErrorCode'] ?? '')?.[0]
  try {
    if (isId(outboundId))
      await intake.delivered({
        outboundId,
        providerId: (parameters['MessageSid'] ?? '').slice(0, 40),
        status: parameters['MessageStatus'] ?? '',
        ...(errorCode ? { errorCode } : {})
      })
    return { status: 204 }
  } catch (error) {
    return notStored(error)
  }
}
