import type { Twilio } from 'twilio'
import type { Intake } from '../../core/channel.ts'
import { oldestFirst, takeEach, type Look } from '../../core/twilio/missed.ts'
import { parametersOf } from '../../core/twilio/webhook.ts'
import { identityOf, readCall } from './call.ts'
import { choiceEvidence, choiceOf } from './choice.ts'
import { rawCall } from './receive.ts'

type Recording = Awaited<ReturnType<Twilio['recordings']['list']>>[number]
type Parties = Pick<Awaited<ReturnType<ReturnType<Twilio['calls']>['fetch']>>, 'from' | 'to'>

/**
 * Messages left on our numbers that Twilio has recorded and we do not know of; held ones that it confirms are released. Which key was pressed in
 * one that is new to us is not known any more: a person listens.
 */
export async function findMissedCalls(collect: Intake, { client, since, until, numbers }: Look): Promise<void> {
  const recordings = oldestFirst(since, until, (span) => client.recordings.list({ dateCreatedAfter: span.since, dateCreatedBefore: span.until, ...(span.limit ? { limit: span.limit } : {}) }))
  await takeEach(collect, recordings, async (recording) => {
    const { sid, callSid, source, dateCreated } = recording
    const id = `${callSid}/${sid}`
    if (source !== 'RecordVerb' || dateCreated > until || await collect.receiptOf('twilio', id) !== undefined) return
    const parties = await client.calls(callSid).fetch()
    if (!numbers.has(parties.to)) return
    const isSame = (bytes: Uint8Array, mediaType: string) => says(bytes, mediaType, recording, parties)
    if (!await collect.confirmed('twilio', { id, evidence: { callSid, recordingSid: sid }, isSame })) await take(collect, recording, parties)
  })
}

/** A recording's own report names neither caller nor number; what is named has to be right. */
function says(bytes: Uint8Array, mediaType: string, { sid, callSid, accountSid, duration }: Recording, { from, to }: Parties): boolean {
  const call = readCall(parametersOf(bytes, mediaType))
  return call !== undefined && identityOf(call) === `${callSid}/${sid}` && call.account === accountSid && call.recordingStatus === 'completed'
    && ['', from].includes(call.from) && ['', to].includes(call.to) && (call.seconds === undefined || call.seconds === Number(duration))
}

async function take(collect: Intake, { sid, callSid, accountSid, duration, dateCreated }: Recording, { from, to }: Parties): Promise<void> {
  const form = new URLSearchParams({ AccountSid: accountSid, CallSid: callSid, RecordingSid: sid, RecordingStatus: 'completed', RecordingDuration: duration, From: from, To: to }).toString()
  const raw = rawCall(Buffer.from(form), 'application/x-www-form-urlencoded', true, choiceEvidence(choiceOf(new URLSearchParams(), collect.agency()), collect.agency()))
  await collect.accept({ ...raw, evidence: { ...raw.evidence, signature: 'asked for at the provider', providerTime: dateCreated.toISOString() } })
}
