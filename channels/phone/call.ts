/**
 * Translates Twilio's parameters for a call and its recording: twilio.com/docs/voice/twiml/record,
 * /docs/voice/api/recording.
 */
import { callIdentity } from '../../core/intake/call-transcript.ts'
import { storableText } from '../../platform/text/storable.ts'
import { isAccountSid, isSid } from '../../platform/providers/twilio/api.ts'
import type { TwilioParameters } from '../../platform/providers/twilio/webhook.ts'
import { MAX_LABEL } from './limits.ts'

export interface Call {
  readonly callId: string | undefined
  readonly recordingId: string | undefined
  readonly account: string | undefined
  /** Empty if the request does not name it: a recording's own report names no caller. */
  readonly from: string
  readonly to: string
  readonly seconds: number | undefined
  /** `completed` if the request does not say otherwise. */
  readonly recordingStatus: string
  /** How the message ended: a key, or `hangup`. */
  readonly ended: string
}

export function readCall(parameters: TwilioParameters | undefined): Call | undefined {
  if (!parameters) return undefined
  const given = (name: string) =>
    storableText(parameters[name] ?? '')
      .slice(0, MAX_LABEL)
      .toWellFormed()
  const [callId, recordingId, account] = [
    given('CallSid'),
    given('RecordingSid'),
    given('AccountSid')
  ]
  return {
    callId: isSid(callId, 'CA') ? callId : undefined,
    recordingId: isSid(recordingId, 'RE') ? recordingId : undefined,
    account: isAccountSid(account) ? account : undefined,
    from: given('From'),
    to: given('To'),
    seconds: /^\d{1,5}$/.test(given('RecordingDuration'))
      ? Number(given('RecordingDuration'))
      : undefined,
    recordingStatus: given('RecordingStatus') || 'completed',
    ended: given('Digits')
  }
}

/** Identity of a message: the call and the recording, or only the call if nothing was recorded. */
export function identityOf({ callId, recordingId, recordingStatus }: Call): string | undefined {
  if (!callId) return undefined
  return callIdentity(callId, (recordingStatus !== 'absent' && recordingId) || 'none')
}

// Withheld numbers are sent as words spelled on the keypad: ANONYMOUS, RESTRICTED, UNAVAILABLE,
// UNKNOWN, BLOCKED. They belong to nobody.
const withheld = new Set(['+266696687', '+7378742833', '+86282452253', '+8656696', '+2562533'])

/** The caller's number as the network gives it: evidence, never identity. */
export function callerNumber(from: string): string | undefined {
  return /^\+[1-9]\d{6,14}$/.test(from) && !withheld.has(from) ? from : undefined
}
