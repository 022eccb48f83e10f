import type { Twilio } from 'twilio'
import { callIdentity } from '../../core/intake/call-transcript.ts'
import type { PhoneIntake } from './intake.ts'
import { oldestFirst, takeEach, type MissedQuery } from '../../platform/providers/twilio/missed.ts'
import { parametersOf } from '../../platform/providers/twilio/webhook.ts'
import { identityOf, readCall } from './call.ts'
import { choiceEvidence, choiceOf } from './choice.ts'
import { rawCall } from './receive.ts'

type Recording = Awaited<ReturnType<Twilio['recordings']['list']>>[number]
type Parties = Pick<Awaited<ReturnType<ReturnType<Twilio['calls']>['fetch']>>, 'from' | 'to'>

/**
 * Takes in messages on our numbers that Twilio recorded and we do not have, and releases held ones
 * that Twilio confirms. For a newly found message the pressed key is no longer known, so a person
 * listens to it.
 */
export async function findMissedCalls(
  intake: PhoneIntake,
  { client, since, until, numbers }: MissedQuery
): Promise<void> {
  const recordings = oldestFirst(since, until, (span) =>
    client.recordings.list({
      dateCreatedAfter: span.since,
      dateCreatedBefore: span.until,
      ...(span.limit ? { limit: span.limit } : {})
    })
  )
  await takeEach(intake, recordings, async (recording) => {
    const { sid, callSid, source, dateCreated } = recording
    const id = callIdentity(callSid, sid)
    if (
      source !== 'RecordVerb' ||
      dateCreated > until ||
      (await intake.receiptOf('twilio', id)) !== undefined
    )
      return
    const parties = await client.calls(callSid).fetch()
    if (!numbers.has(parties.to)) return
    const isSame = (bytes: Uint8Array, mediaType: string) =>
      says(bytes, mediaType, recording, parties)
    if (
      !(await intake.confirmed('twilio', { id, evidence: { callSid, recordingSid: sid }, isSame }))
    )
      await take(intake, recording, parties)
  })
}

/**
 * Whether the request agrees with the call. A recording's own report names neither caller nor
 * number, but what it names must be right.
 */
function says(
  bytes: Uint8Array,
  mediaType: string,
  { sid, callSid, accountSid, duration }: Recording,
  { from, to }: Parties
): boolean {
  const call = readCall(parametersOf(bytes, mediaType))
  return (
    call !== undefined &&
    identityOf(call) === callIdentity(callSid, sid) &&
    call.account === accountSid &&
    call.recordingStatus === 'completed' &&
    ['', from].includes(call.from) &&
    ['', to].includes(call.to) &&
    (call.seconds === undefined || call.seconds === Number(duration))
  )
}

async function take(
  intake: PhoneIntake,
  { sid, callSid, accountSid, duration, dateCreated }: Recording,
  { from, to }: Parties
): Promise<void> {
  const form = new URLSearchParams({
    AccountSid: accountSid,
    CallSid: callSid,
    RecordingSid: sid,
    RecordingStatus: 'completed',
    RecordingDuration: duration,
    From: from,
    To: to
  }).toString()
  const raw = rawCall(
    Buffer.from(form),
    'application/x-www-form-urlencoded',
    true,
    choiceEvidence(choiceOf(new URLSearchParams(), intake.agency()), intake.agency())
  )
  await intake.accept({
    ...raw,
    evidence: {
      ...raw.evidence,
      signature: 'asked for at the provider',
      providerTime: dateCreated.toISOString()
    }
  })
}
