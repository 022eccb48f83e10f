import type { ChannelResponse } from '../../core/intake/channel.ts'
import { notStored } from '../../core/intake/provider-hook.ts'
import { readCall } from './call.ts'
import type { CallStep } from './receive.ts'

/**
 * The transcript by Twilio's engine, or its failure. It may come before the contact or long after.
 * Twilio gives no confidence, so none is recorded.
 */
export async function transcription({
  intake,
  parameters,
  verdict
}: CallStep): Promise<ChannelResponse> {
  const call = readCall(parameters)
  if (verdict !== true || !call?.callId || !call.recordingId) return { status: 204 }
  const text = parameters['TranscriptionText'] ?? ''
  try {
    await intake.transcribed({
      callId: call.callId,
      recordingId: call.recordingId,
      engine: 'twilio',
      status: parameters['TranscriptionStatus'] === 'completed' ? 'completed' : 'failed',
      text
    })
    return { status: 204 }
  } catch (error) {
    return notStored(error)
  }
}
