import type { ChannelRequest, ChannelResponse, RawContact } from '../../core/intake/channel.ts'
import type { PhoneIntake } from './intake.ts'
import { heldEnough, notStored } from '../../core/intake/provider-hook.ts'
import { UnverifiedLimit } from '../../core/intake/unverified-limit.ts'
import {
  contentTypeOf,
  parametersOf,
  verify,
  type TwilioParameters,
  type SignatureVerdict
} from '../../platform/providers/twilio/webhook.ts'
import { callerNumber, identityOf, readCall, type Call } from './call.ts'
import { choiceEvidence, choiceOf, type Choice } from './choice.ts'
import { Speech } from './speech.ts'

const FORM = 'application/x-www-form-urlencoded'

/** One parsed request of a call. */
export interface CallStep {
  readonly intake: PhoneIntake
  readonly request: ChannelRequest
  readonly verdict: SignatureVerdict
  readonly parameters: TwilioParameters
  readonly choice: Choice
}

/**
 * Handles a step of a call. A request without a valid Twilio signature gets the usual answer,
 * because only Twilio acts on it: an agency with wrong settings can still take messages, which are
 * then kept for a person. A forger learns only the greeting.
 */
export function step(intake: PhoneIntake, request: ChannelRequest): CallStep {
  const verdict = verify(request, intake.settings)
  if (verdict !== true) intake.alert('unsigned-phone', verdict)
  return {
    intake,
    request,
    verdict,
    parameters: parametersOf(bytesOf(request), mediaTypeOf(request)) ?? {},
    choice: choiceOf(request.query, intake.agency())
  }
}

// A GET has in its URL what a POST has in its body.
function bytesOf(request: ChannelRequest): Uint8Array {
  return request.method === 'GET' ? Buffer.from(request.query.toString()) : request.body
}

function mediaTypeOf(request: ChannelRequest): string {
  return request.method === 'GET' ? FORM : contentTypeOf(request)
}

export function speak(speech: Speech): ChannelResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: speech.response.toString()
  }
}

export const speechFor = ({ intake, choice }: CallStep) => new Speech(intake.agency(), choice)

/** The message was left: it is stored with its place, and its receipt is read out. */
export async function recorded(at: CallStep): Promise<ChannelResponse> {
  return answering(at, async () => {
    const call = readCall(at.parameters)
    const { receipt } = await at.intake.accept(raw(at))
    // After a hang-up nobody is listening.
    if (call?.ended === 'hangup') return speak(speechFor(at))
    return speak(
      speechFor(at).receipt(
        receipt,
        call?.recordingId ?? '',
        at.verdict === true && callerNumber(call?.from ?? '') !== undefined
      )
    )
  })
}

/**
 * The caller stayed on the line but said nothing. It is kept for a person, because the caller may
 * be unable to speak.
 */
export async function silent(at: CallStep): Promise<ChannelResponse> {
  return answering(at, async () => {
    await at.intake.accept(raw(at))
    return speak(speechFor(at).say('phone.silent'))
  })
}

/**
 * The recording's own report. It is about the same message as the call, and may come before it,
 * after it, twice, or alone.
 */
export async function recordingReport(at: CallStep): Promise<ChannelResponse> {
  const call = readCall(at.parameters)
  // A recording that is still in progress has nothing to store yet.
  if (call?.recordingStatus === 'in-progress') return { status: 204 }
  return answering(at, async () => {
    await at.intake.accept(raw(at))
    return { status: 204 }
  })
}

const held = new UnverifiedLimit()

async function answering(
  { verdict, request }: CallStep,
  work: () => Promise<ChannelResponse>
): Promise<ChannelResponse> {
  if (verdict !== true && !held.mayKeep(bytesOf(request).length)) return heldEnough
  try {
    return await work()
  } catch (error) {
    return notStored(error)
  }
}

function raw({ intake, request, verdict, choice }: CallStep): RawContact {
  return rawCall(
    bytesOf(request),
    mediaTypeOf(request),
    verdict,
    choiceEvidence(choice, intake.agency())
  )
}

export function rawCall(
  bytes: Uint8Array,
  mediaType: string,
  verdict: SignatureVerdict,
  choice: Record<string, unknown>
): RawContact {
  const call = readCall(parametersOf(bytes, mediaType))
  const identity = call ? identityOf(call) : undefined
  return {
    channel: 'phone',
    source: 'twilio',
    bytes,
    mediaType,
    recipients: call?.to ? [call.to] : [],
    evidence: {
      provider: 'twilio',
      signature: verdict === true ? 'valid' : 'not valid',
      ...ids(call),
      ...choice
    },
    ...(verdict === true && identity ? { externalId: identity } : {}),
    ...(verdict === true ? {} : { quarantine: verdict })
  }
}

function ids(call: Call | undefined): Record<string, string> {
  return {
    ...(call?.callId ? { callSid: call.callId } : {}),
    ...(call?.recordingId ? { recordingSid: call.recordingId } : {})
  }
}
