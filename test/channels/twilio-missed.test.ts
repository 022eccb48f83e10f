import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { findMissedCalls } from '../../channels/phone/missed.ts'
import { phone } from '../../channels/phone/index.ts'
import { findMissedTexts } from '../../channels/sms/missed.ts'
import { sms } from '../../channels/sms/index.ts'
import type { AnyChannel, IntakeWith, Ports } from '../../core/intake/channel.ts'
import { verifyAudit } from '../../core/audit/verify.ts'
import { sha256 } from '../../platform/storage/blob-store.ts'
import { registerChannels } from '../../channels/register.ts'
import { releaseContact } from '../../core/contacts/quarantine.ts'
import { lookOnce } from '../../platform/providers/twilio/missed.ts'
import { openHttpDoor, type HttpDoor } from '../contract/http-door.ts'
import { contactRow } from '../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { openPipeline, type Pipeline } from '../helpers/pipeline.ts'
import {
  callParameters,
  incomingText,
  newSid,
  openTwilio,
  OUR_NUMBER,
  signedWebhook,
  type TwilioStandIn
} from '../helpers/twilio.ts'

const PUBLIC_URL = 'https://intake.town.example'
const PATH = '/hooks/sms/twilio'
let twilio: TwilioStandIn
let runtime: TestRuntime
let door: HttpDoor
let calls: HttpDoor
let pipeline: Pipeline
let intakes: Record<'sms' | 'phone', IntakeWith<keyof Ports>>

beforeAll(async () => {
  twilio = await openTwilio()
  runtime = await createTestRuntime('postgres', { PUBLIC_URL, ...twilio.environment })
  door = await openHttpDoor(runtime, sms)
  calls = await openHttpDoor(runtime, phone)
  pipeline = openPipeline(runtime)
  intakes = { sms: intakeFor(sms), phone: intakeFor(phone) }
})
beforeEach(() => {
  twilio.inbox.length = 0
  twilio.recordings.length = 0
})
afterAll(async () => {
  await door.close()
  await calls.close()
  await pipeline.close()
  await runtime.remove()
  await twilio.close()
})

/** What a channel is given at start. */
function intakeFor(channel: AnyChannel): IntakeWith<keyof Ports> {
  const given: IntakeWith<keyof Ports>[] = []
  registerChannels(runtime, [
    {
      ...channel,
      start: (intake) => {
        given.push(intake)
      }
    }
  ])
  return given[0]!
}

const look = () =>
  lookOnce(intakes.sms, 'missed-texts', 0, (one) => findMissedTexts(intakes.sms, one))
const count = async () =>
  Number(
    (
      await runtime.db
        .selectFrom('contacts')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow()
    ).count
  )
const byId = (id: string) =>
  runtime.db
    .selectFrom('contacts')
    .select(['id', 'ordinal'])
    .where('external_id', '=', id)
    .executeTakeFirst()

test('a text that never reached us is taken in with its pictures, once; what we have is left alone', async () => {
  const picture = { sid: newSid('ME'), mediaType: 'image/png' }
  const [known, missed] = [
    incomingText({ Body: 'This one came through' }),
    incomingText({ Body: 'This one did not: the swing is broken' }, [picture])
  ]
  twilio.keep(
    `Messages/${missed['MessageSid']}/Media/${picture.sid}`,
    Buffer.from('png'),
    'image/png'
  )
  await door.post(signedWebhook(PUBLIC_URL, PATH, known))
  twilio.inbox.push(known, missed)
  const before = await count()
  expect([await look(), await look()]).toEqual([true, true])
  expect(await count()).toBe(before + 1)
  const { id } = (await byId(missed['MessageSid']!))!
  await pipeline.run([id])
  expect(await contactRow(runtime, id)).toMatchObject({
    outcome: 'case',
    envelope: {
      text: 'This one did not: the swing is broken',
      documents: [{ sha256: sha256(Buffer.from('png')) }],
      evidence: { signature: 'asked for at the provider' }
    }
  })
  // The web hook that comes after all is the same delivery.
  await door.post(signedWebhook(PUBLIC_URL, PATH, missed))
  expect(await count()).toBe(before + 1)
})

test('several are taken in oldest first, and only those to our numbers', async () => {
  const texts = [
    incomingText({ Body: 'first' }),
    incomingText({ Body: 'second', To: '+17035550101' }),
    incomingText({ Body: 'of another program', To: '+17035550177' }),
    incomingText({ Body: 'third' })
  ]
  twilio.inbox.push(...texts)
  await look()
  const rows = await Promise.all(texts.map((text) => byId(text['MessageSid']!)))
  expect(rows[2]).toBeUndefined()
  const ordinals = [0, 1, 3].map((index) => Number(rows[index]!.ordinal))
  expect(ordinals).toEqual(ordinals.toSorted((a, b) => a - b))
})

test('with our settings wrong, held texts that Twilio has word for word are released at their first place; a forged one stays', async () => {
  const genuine = incomingText({ Body: 'The swing is broken' })
  const forged = incomingText({ Body: 'Pay me' })
  for (const text of [genuine, { ...forged, Body: 'Pay me twice' }])
    await door.post(signedWebhook(PUBLIC_URL, PATH, text, 'a'.repeat(32)))
  const held = await runtime.db
    .selectFrom('contacts')
    .select(['id', 'ordinal'])
    .orderBy('ordinal', 'desc')
    .limit(2)
    .execute()
  await pipeline.run(held.map(({ id }) => id))
  twilio.inbox.push(genuine, forged)
  const before = await count()
  await look()
  await pipeline.run(held.map(({ id }) => id))
  expect(await contactRow(runtime, held[1]!.id)).toMatchObject({
    outcome: 'case',
    ordinal: held[1]!.ordinal,
    external_id: genuine['MessageSid']
  })
  expect((await verifyAudit(runtime.db)).problems).toEqual([])
  expect((await contactRow(runtime, held[1]!.id)).trail).toContainEqual(
    expect.objectContaining({ step: 'release', evidence: { by: 'system:twilio' } })
  )
  expect(await contactRow(runtime, held[0]!.id)).toMatchObject({ outcome: 'quarantined' })
  // The genuine text under the forged one's id was missed and is here now.
  expect(await count()).toBe(before + 1)
})

test('a recording that nobody told us of is taken in, and a person listens, as the key is not known', async () => {
  const [ours, theirs, old] = ['RecordVerb', 'RecordVerb', 'Conference'].map((source) => ({
    sid: newSid('RE'),
    call_sid: newSid('CA'),
    duration: '41',
    source
  }))
  twilio.recordings.push(ours!, theirs!, old!)
  const call = (sid: string, to: string) =>
    twilio.keep(
      `Calls/${sid}.json`,
      Buffer.from(JSON.stringify({ sid, from: '+12025550111', to })),
      'application/json'
    )
  call(ours!.call_sid, OUR_NUMBER)
  call(theirs!.call_sid, '+17035550177')
  twilio.keep(`Recordings/${ours!.sid}.wav`, Buffer.from('RIFF'), 'audio/x-wav')
  const before = await count()
  for (let time = 0; time < 2; time += 1)
    expect(
      await lookOnce(intakes.phone, 'missed-calls', 0, (one) => findMissedCalls(intakes.phone, one))
    ).toBe(true)
  expect(await count()).toBe(before + 1)
  const { id } = (await byId(`${ours!.call_sid}/${ours!.sid}`))!
  await pipeline.run([id])
  expect(await contactRow(runtime, id)).toMatchObject({
    quarantine_code: 'TEXT_UNSURE',
    envelope: { sender: { phones: ['+12025550111'] }, documents: [{ name: 'recording.wav' }] }
  })
})

const lookForCalls = () =>
  lookOnce(intakes.phone, 'missed-calls', 0, (one) => findMissedCalls(intakes.phone, one))

/** A recording on our number as Twilio keeps it, with its call unless that was deleted. */
function keepRecording(how: { deleted?: true } = {}) {
  const one = { sid: newSid('RE'), call_sid: newSid('CA'), duration: '41', source: 'RecordVerb' }
  twilio.recordings.push(one)
  if (!how.deleted)
    twilio.keep(
      `Calls/${one.call_sid}.json`,
      Buffer.from(JSON.stringify({ sid: one.call_sid, from: '+12025550143', to: OUR_NUMBER })),
      'application/json'
    )
  twilio.keep(`Recordings/${one.sid}.wav`, Buffer.from('RIFF'), 'audio/x-wav')
  return one
}

/** The call's message as its web hook brings it while our settings are wrong. */
async function held({ sid, call_sid: callSid, duration }: ReturnType<typeof keepRecording>) {
  const parameters = {
    ...callParameters({ CallSid: callSid, Digits: '#' }),
    RecordingSid: sid,
    RecordingDuration: duration
  }
  await calls.post(
    signedWebhook(PUBLIC_URL, '/hooks/phone/twilio/recorded?l=en&k=1', parameters, 'a'.repeat(32))
  )
  const { id } = await runtime.db
    .selectFrom('contacts')
    .select('id')
    .orderBy('ordinal', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  return id
}

test('a recording whose call was deleted at Twilio holds up none that came after it', async () => {
  keepRecording({ deleted: true })
  const { sid, call_sid: callSid } = keepRecording()
  expect(await lookForCalls()).toBe(true)
  expect(await byId(`${callSid}/${sid}`)).toBeDefined()
})

test('with our settings wrong, a held call that Twilio has is released at its place with the key that was pressed, and is not taken in again', async () => {
  const recording = keepRecording()
  const id = await held(recording)
  await pipeline.run([id])
  const before = await count()
  for (let time = 0; time < 2; time += 1) expect(await lookForCalls()).toBe(true)
  await pipeline.run([id])
  expect(await count()).toBe(before)
  expect(await contactRow(runtime, id)).toMatchObject({
    external_id: `${recording.call_sid}/${recording.sid}`,
    outcome: 'case',
    envelope: { documents: [{ name: 'recording.wav' }] }
  })
})

test('what is only on its way to being held is not taken in again, and is released at a later look', async () => {
  const recording = keepRecording()
  const id = await held(recording)
  const before = await count()
  await lookForCalls()
  expect(await count()).toBe(before)
  await pipeline.run([id])
  await lookForCalls()
  await pipeline.run([id])
  expect(await count()).toBe(before)
  expect(await contactRow(runtime, id)).toMatchObject({ outcome: 'case' })
})

test("what a person released first is not taken in a second time, and is known by Twilio's id from then on", async () => {
  const text = incomingText({ Body: 'The bench is broken' })
  await door.post(signedWebhook(PUBLIC_URL, PATH, text, 'a'.repeat(32)))
  const { id } = await runtime.db
    .selectFrom('contacts')
    .select('id')
    .orderBy('ordinal', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  const recording = keepRecording()
  const call = await held(recording)
  await pipeline.run([id, call])
  for (const one of [id, call])
    await releaseContact(runtime.db, one, 'staff:ann', 'the number is known to us')
  await pipeline.run([id, call])
  twilio.inbox.push(text)
  const before = await count()
  expect([await look(), await lookForCalls()]).toEqual([true, true])
  expect(await count()).toBe(before)
  expect([await contactRow(runtime, id), await contactRow(runtime, call)]).toMatchObject([
    { external_id: text['MessageSid'], outcome: 'case' },
    { external_id: `${recording.call_sid}/${recording.sid}`, outcome: 'case' }
  ])
})

test('with Twilio out of reach nothing is lost and the next look begins as early', async () => {
  const unreachable = {
    ...intakes.sms,
    settings: { ...runtime.settings, TWILIO_API_URL: 'http://127.0.0.1:9' }
  }
  expect(
    await lookOnce(unreachable, 'missed-texts', 0, (one) => findMissedTexts(unreachable, one))
  ).toBe(false)
})
