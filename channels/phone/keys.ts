import type { ChannelResponse } from '../../core/channel.ts'
import { plainPhone } from '../../config/phone-schema.ts'
import { isSid } from '../../core/twilio/api.ts'
import { callerNumber, readCall } from './call.ts'
import { speak, speechFor, type Step } from './receive.ts'
import { Speech } from './speech.ts'

/** The first menu: a language begins it anew, a topic goes to the recording, anything else goes there without one. */
export function menu(at: Step): ChannelResponse {
  const { parameters, collect, choice } = at
  const agency = collect.agency()
  const phone = agency.phone ?? plainPhone
  const pressed = parameters['Digits']
  const [language] = Object.entries(phone.languages).find(([, key]) => key === pressed) ?? []
  if (language) return speak(new Speech(agency, { ...choice, language }).greet())
  const key = phone.menu.find((item) => item.key === pressed)?.key
  return speak(new Speech(agency, { ...choice, key }).record())
}

/** After the receipt: 1 says it again, 2 sends it as a text. Only Twilio's own word gets a receipt that was given before. */
export async function receiptKeys(at: Step): Promise<ChannelResponse> {
  const { parameters, request, collect, verdict } = at
  const recordingId = request.query.get('r') ?? ''
  const call = readCall(parameters)
  const pressed = parameters['Digits']
  if (verdict !== true || !call?.callId || !isSid(recordingId, 'RE')) return speak(speechFor(at).say('phone.goodbye'))
  const identity = `${call.callId}/${recordingId}`
  const mayText = callerNumber(call.from) !== undefined
  if (pressed === '2' && mayText) {
    await collect.textReceipt('twilio', identity)
    return speak(speechFor(at).say('phone.texted'))
  }
  const receipt = pressed === '1' ? await collect.receiptOf('twilio', identity) : undefined
  return speak(receipt ? speechFor(at).receipt(receipt, recordingId, mayText) : speechFor(at).say('phone.goodbye'))
}
