import type { ChannelRequest, ChannelResponse, Intake } from '../../core/channel.ts'
import { asEvenhandError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { contentTypeOf, parametersOf, verify } from '../../core/twilio/webhook.ts'

/** What the carrier says of a text of ours. One that is not shown to be Twilio's says nothing, and is answered alike. */
export async function delivered(collect: Intake, request: ChannelRequest): Promise<ChannelResponse> {
  const verdict = verify(request, collect.settings)
  if (verdict !== true) {
    collect.alert('unsigned-delivery-report', verdict)
    return { status: 204 }
  }
  const parameters = parametersOf(request.body, contentTypeOf(request)) ?? {}
  const outboundId = request.query.get('m') ?? ''
  const errorCode = /^\d{3,6}$/.exec(parameters['ErrorCode'] ?? '')?.[0]
  try {
    if (isId(outboundId)) await collect.delivered({ outboundId, providerId: (parameters['MessageSid'] ?? '').slice(0, 40), status: parameters['MessageStatus'] ?? '', ...(errorCode ? { errorCode } : {}) })
    return { status: 204 }
  } catch (error) {
    return { status: asEvenhandError(error).status, headers: { 'retry-after': '30' } }
  }
}
