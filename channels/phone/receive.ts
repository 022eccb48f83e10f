import type { ChannelRequest, ChannelResponse, Intake, RawContact } from '../../core/channel.ts'
import { asEvenhandError } from '../../core/errors.ts'
import { HeldRate } from '../../core/held-rate.ts'
import { contentTypeOf, parametersOf, verify, type Parameters, type Verdict } from '../../core/twilio/webhook.ts'
import { callerNumber, identityOf, readCall, type Call } from './call.ts'
import { choiceEvidence, choiceOf, type Choice } from './choice.ts'
import { Speech } from './speech.ts'

const FORM = 'application/x-www-form-urlencoded'

/** One request of a call, taken apart. */
export interface Step {
  readonly collect: Intake
  readonly request: ChannelRequest
  readonly verdict: Verdict
  readonly parameters: Parameters
  readonly choice: Choice
}

/**
 * A step of a call. One that cannot be shown to be Twilio's is answered like any other, because only Twilio acts on the answer: an agency whose
 * settings are wrong still takes messages, and what comes of them is kept for a person. A forger gets a greeting to read.
 */
export function step(collect: Intake, request: ChannelRequest): Step {
  const verdict = verify(request, collect.settings)
  if (verdict !== true) collect.alert('unsigned-phone', verdict)
  return { collect, request, verdict, parameters: parametersOf(bytesOf(request), mediaTypeOf(request)) ?? {}, choice: choiceOf(request.query, collect.agency()) }
}

// A GET carries in its address what a POST has in its body.
function bytesOf(request: ChannelRequest): Uint8Array {
  return request.method === 'GET' ? Buffer.from(request.query.toString()) : request.body
}

function mediaTypeOf(request: ChannelRequest): string {
  return request.method === 'GET' ? FORM : contentTypeOf(request)
}

export function speak(speech: Speech): ChannelResponse {
  return { status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, body: speech.response.toString() }
}

export const speechFor = ({ collect, choice }: Step) => new Speech(collect.agency(), choice)

/** Where the message is left: stored with its place, and its receipt read out. */
export async function recorded(at: Step): Promise<ChannelResponse> {
  return answering(at, async () => {
    const call = readCall(at.parameters)
    const { receipt } = await at.collect.accept(raw(at))
    // After a hang-up nobody listens.
    if (call?.ended === 'hangup') return speak(speechFor(at))
    return speak(speechFor(at).receipt(receipt, call?.recordingId ?? '', at.verdict === true && callerNumber(call?.from ?? '') !== undefined))
  })
}

/** The caller stayed and said nothing: kept for a person, because a voice that is not heard may be a person who cannot speak. */
export async function silent(at: Step): Promise<ChannelResponse> {
  return answering(at, async () => {
    await at.collect.accept(raw(at))
    return speak(speechFor(at).say('phone.silent'))
  })
}

/** The recording's own report. It names the same message as the call does, and comes before it, after it, twice, or alone. */
export async function recordingReport(at: Step): Promise<ChannelResponse> {
  const call = readCall(at.parameters)
  // One that is still being made says nothing yet.
  if (call?.recordingStatus === 'in-progress') return { status: 204 }
  return answering(at, async () => {
    await at.collect.accept(raw(at))
    return { status: 204 }
  })
}

const held = new HeldRate()

async function answering({ verdict, request }: Step, work: () => Promise<ChannelResponse>): Promise<ChannelResponse> {
  if (verdict !== true && !held.mayKeep(bytesOf(request).length)) return { status: 503, headers: { 'retry-after': '60' } }
  try {
    return await work()
  } catch (error) {
    const { status, retry } = asEvenhandError(error)
    return { status, ...(retry ? { headers: { 'retry-after': '30' } } : {}) }
  }
}

function raw({ collect, request, verdict, choice }: Step): RawContact {
  return rawCall(bytesOf(request), mediaTypeOf(request), verdict, choiceEvidence(choice, collect.agency()))
}

export function rawCall(bytes: Uint8Array, mediaType: string, verdict: Verdict, choice: Record<string, unknown>): RawContact {
  const call = readCall(parametersOf(bytes, mediaType))
  const identity = call ? identityOf(call) : undefined
  return {
    channel: 'phone', source: 'twilio', bytes, mediaType, recipients: call?.to ? [call.to] : [],
    evidence: { provider: 'twilio', signature: verdict === true ? 'valid' : 'not valid', ...ids(call), ...choice },
    ...(verdict === true && identity ? { externalId: identity } : {}),
    ...(verdict === true ? {} : { quarantine: verdict })
  }
}

function ids(call: Call | undefined): Record<string, string> {
  return { ...(call?.callId ? { callSid: call.callId } : {}), ...(call?.recordingId ? { recordingSid: call.recordingId } : {}) }
}
