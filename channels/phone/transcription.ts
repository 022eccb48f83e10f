import type { ChannelResponse } from '../../core/channel.ts'
import { asEvenhandError } from '../../core/errors.ts'
import { readCall } from './call.ts'
import type { Step } from './receive.ts'

/** What Twilio's engine wrote down, before the contact or long after, or that it could not. It gives no confidence, so none is claimed. */
export async function transcription({ collect, parameters, verdict }: Step): Promise<ChannelResponse> {
  const call = readCall(parameters)
  if (verdict !== true || !call?.callId || !call.recordingId) return { status: 204 }
  const text = parameters['TranscriptionText'] ?? ''
  try {
    await collect.transcribed({ callId: call.callId, recordingId: call.recordingId, engine: 'twilio', status: parameters['TranscriptionStatus'] === 'completed' ? 'completed' : 'failed', text })
    return { status: 204 }
  } catch (error) {
    return { status: asEvenhandError(error).status, headers: { 'retry-after': '30' } }
  }
}
