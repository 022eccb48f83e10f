/** Twilio's words for a call and its recording, as ours. Parameters: twilio.com/docs/voice/twiml/record, /docs/voice/api/recording. */
import { storableText } from '../../core/envelope.ts'
import { isAccountSid, isSid } from '../../core/twilio/api.ts'
import type { Parameters } from '../../core/twilio/webhook.ts'
import { MAX_LABEL } from './limits.ts'

export interface Call {
  readonly callId: string | undefined
  readonly recordingId: string | undefined
  readonly account: string | undefined
  /** Empty where the request does not say: a recording's own report names no caller. */
  readonly from: string
  readonly to: string
  readonly seconds: number | undefined
  /** `completed` where it is not said otherwise. */
  readonly recordingStatus: string
  /** How the message ended: a key, or `hangup`. */
  readonly ended: string
}

export function readCall(parameters: Parameters | undefined): Call | undefined {
  if (!parameters) return undefined
  const given = (name: string) => storableText(parameters[name] ?? '').slice(0, MAX_LABEL).toWellFormed()
  const [callId, recordingId, account] = [given('CallSid'), given('RecordingSid'), given('AccountSid')]
  return {
    callId: isSid(callId, 'CA') ? callId : undefined, recordingId: isSid(recordingId, 'RE') ? recordingId : undefined, account: isAccountSid(account) ? account : undefined,
    from: given('From'), to: given('To'), seconds: /^\d{1,5}$/.test(given('RecordingDuration')) ? Number(given('RecordingDuration')) : undefined,
    recordingStatus: given('RecordingStatus') || 'completed', ended: given('Digits')
  }
}

/** Identity of what a caller left: the call and the recording, or the call alone where nothing was recorded. */
export function identityOf({ callId, recordingId, recordingStatus }: Call): string | undefined {
  if (!callId) return undefined
  return recordingId && recordingStatus !== 'absent' ? `${callId}/${recordingId}` : `${callId}/none`
}

// Withheld numbers come as words spelled on the keypad: ANONYMOUS, RESTRICTED, UNAVAILABLE, UNKNOWN, BLOCKED. They are nobody's.
const withheld = new Set(['+266696687', '+7378742833', '+86282452253', '+8656696', '+2562533'])

/** The caller's number as far as the network says; evidence, never identity. */
export function callerNumber(from: string): string | undefined {
  return /^\+[1-9]\d{6,14}$/.test(from) && !withheld.has(from) ? from : undefined
}
