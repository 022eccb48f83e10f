import type { ChannelResponse } from '../../core/intake/channel.ts'
import { callIdentity } from '../../core/intake/call-transcript.ts'
import { plainPhone } from '../../config/phone-schema.ts'
import { isSid } from '../../platform/providers/twilio/api.ts'
import { callerNumber, readCall } from './call.ts'
import { speak, speechFor, type CallStep } from './receive.ts'
import { Speech } from './speech.ts'

/**
 * The first menu. A language key starts it again in that language, a topic key leads to the
 * recording, any other to the recording without a topic.
 */
export function menu(at: CallStep): ChannelResponse {
  const { parameters, intake, choice } = at
  const agency = intake.agency()
  const phone = agency.phone ?? plainPhone
  const pressed = parameters['Digits']
  const [language] = Object.entries(phone.languages).find(([, key]) => key === pressed) ?? []
  if (language) return speak(new Speech(agency, { ...choice, language }).greet())
  const key = phone.menu.find((item) => item.key === pressed)?.key
  return speak(new Speech(agency, { ...choice, key }).record())
}

/**
 * Keys after the receipt: 1 repeats it, 2 sends it as a text. A receipt given before is repeated
 * only if Twilio's signature is valid.
 */
export async function receiptKeys(at: CallStep): Promise<ChannelResponse> {
  const { parameters, request, intake, verdict } = at
  const recordingId = request.query.get('r') ?? ''
  const call = readCall(parameters)
  const pressed = parameters['Digits']
  if (verdict !== true || !call?.callId || !isSid(recordingId, 'RE'))
    return speak(speechFor(at).say('phone.goodbye'))
  const identity = callIdentity(call.callId, recordingId)
  const mayText = callerNumber(call.from) !== undefined
  if (pressed === '2' && mayText) {
    await intake.textReceipt('twilio', identity)
    return speak(speechFor(at).say('phone.texted'))
  }
  const receipt = pressed === '1' ? await intake.receiptOf('twilio', identity) : undefined
  return speak(
    receipt
      ? speechFor(at).receipt(receipt, recordingId, mayText)
      : speechFor(at).say('phone.goodbye')
  )
}
