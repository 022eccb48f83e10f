import type { Intake } from '../../core/channel.ts'
import { MOST_AT_ONCE, type Look } from '../../core/twilio/missed.ts'
import { rawCall } from './receive.ts'
import { choiceEvidence, choiceOf } from './choice.ts'

/** Messages left on our numbers that Twilio has recorded and we do not know of. Which key was pressed is not known any more: a person listens. */
export async function findMissedCalls(collect: Intake, { client, since, until, numbers }: Look): Promise<void> {
  const recordings = await client.recordings.list({ dateCreatedAfter: since, limit: MOST_AT_ONCE })
  for (const { sid, callSid, accountSid, duration, source, dateCreated } of recordings.toReversed()) {
    if (source !== 'RecordVerb' || dateCreated > until || await collect.receiptOf('twilio', `${callSid}/${sid}`) !== undefined) continue
    const { from, to } = await client.calls(callSid).fetch()
    if (!numbers.has(to)) continue
    const form = new URLSearchParams({ AccountSid: accountSid, CallSid: callSid, RecordingSid: sid, RecordingStatus: 'completed', RecordingDuration: duration, From: from, To: to }).toString()
    const raw = rawCall(Buffer.from(form), 'application/x-www-form-urlencoded', true, choiceEvidence(choiceOf(new URLSearchParams(), collect.agency()), collect.agency()))
    await collect.accept({ ...raw, evidence: { ...raw.evidence, signature: 'asked for at the provider', providerTime: dateCreated.toISOString() } })
  }
}
