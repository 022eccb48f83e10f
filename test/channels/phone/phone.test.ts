import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { phone } from '../../../channels/phone/index.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { sha256 } from '../../../platform/storage/blob-store.ts'
import { transcriptsOf } from '../../../core/transcription/machine-transcripts.ts'
import { openTranscription } from '../../../core/transcription/waiting-store.ts'
import { openHttpDoor, type HttpDoor } from '../../contract/http-door.ts'
import { contactRow } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { openPipeline, type Pipeline } from '../../helpers/pipeline.ts'
import {
  ACCOUNT,
  callParameters,
  newSid,
  openTwilio,
  OUR_NUMBER,
  signedWebhook,
  type TwilioStandIn
} from '../../helpers/twilio.ts'

const PUBLIC_URL = 'https://intake.town.example'
const BASE = '/hooks/phone/twilio'
let twilio: TwilioStandIn
let runtime: TestRuntime
let door: HttpDoor
let pipeline: Pipeline
let calls = 0
let caller = { CallSid: '', From: '' }

beforeAll(async () => {
  twilio = await openTwilio()
  runtime = await createTestRuntime('postgres', { PUBLIC_URL, ...twilio.environment })
  door = await openHttpDoor(runtime, phone)
  pipeline = openPipeline(runtime)
})
beforeEach(() => {
  calls += 1
  caller = { CallSid: newSid('CA'), From: `+1202555${String(calls).padStart(4, '0')}` }
})
afterAll(async () => {
  await door.close()
  await pipeline.close()
  await runtime.remove()
  await twilio.close()
})

/** Twilio asks what to do next in this call; answers with the TwiML. */
async function ask(
  path: string,
  more: Record<string, string> = {},
  token?: string
): Promise<string> {
  const { response } = await door.post(
    signedWebhook(PUBLIC_URL, path, { ...callParameters(caller), ...more }, token)
  )
  expect(response.status).toBeLessThan(300)
  return response.text()
}

/** What the caller hears. */
function heard(twiml: string): string {
  return [...twiml.matchAll(/<Say[^>]*>([^<]*)<\/Say>/g)].map(([, text]) => text).join(' ')
}

function next(twiml: string, verb: string): string {
  const action = new RegExp(`<${verb}[^>]* action="([^"]+)"`).exec(twiml)?.[1] ?? ''
  return action.replaceAll('&amp;', '&')
}

const leftNow = () =>
  runtime.db
    .selectFrom('contacts')
    .select(['id', 'receipt'])
    .where('external_id', 'like', `${caller.CallSid}%`)
    .execute()

/** A recording that Twilio keeps, and the parameters that name it. */
function keepRecording(seconds = '37', sound = `RIFF sound of ${caller.CallSid}`) {
  const RecordingSid = newSid('RE')
  twilio.keep(`Recordings/${RecordingSid}.wav`, Buffer.from(sound), 'audio/x-wav')
  return {
    RecordingSid,
    RecordingUrl: `https://api.twilio.com/2010-04-01/Accounts/${ACCOUNT}/Recordings/${RecordingSid}`,
    RecordingDuration: seconds
  }
}

test('a call with a key: greeted, recorded, its receipt read out twice, and at once in the line of what the key says', async () => {
  const greeting = await ask(BASE)
  expect(heard(greeting)).toMatch(
    /Town of Willow Creek.*recorded.*9 1 1.*Para español, oprima 9\..*For streets and sidewalks, press 1\./
  )
  expect(greeting).toContain('<Record')
  const menu = await ask(next(greeting, 'Gather'), { Digits: '2' })
  expect(menu).toMatch(/<Record[^>]* maxLength="300"[^>]*>/)
  const recording = keepRecording()
  const told = await ask(next(menu, 'Record'), { ...recording, Digits: '#' })
  const [{ id, receipt } = { id: '', receipt: '' }, ...more] = await leftNow()
  expect(more).toEqual([])
  const plain = heard(told).replace(/[^A-Z0-9]/g, '')
  for (const group of receipt.split('-')) expect(plain).toContain(group)
  expect(heard(told)).toMatch(/Once more/)
  expect(heard(told)).toMatch(
    /, as in (Alfa|Bravo|Charlie|Delta|Echo|Foxtrot|Golf|Hotel|Juliett|Kilo|Mike|November|Papa|Quebec|Romeo|Sierra|Tango|Victor|Whiskey|X-ray|Yankee|Zulu)\./
  )
  await pipeline.run([id])
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'settled',
    outcome: 'case',
    envelope: {
      text: '',
      answers: { topic: 'water' },
      language: 'en',
      sender: { phones: [caller.From] },
      recipients: [OUR_NUMBER],
      documents: [
        {
          name: 'recording.wav',
          mediaType: 'audio/x-wav',
          sha256: sha256(Buffer.from(`RIFF sound of ${caller.CallSid}`))
        }
      ]
    }
  })
  expect(
    await runtime.db.selectFrom('cases').select('department').where('contact_id', '=', id).execute()
  ).toEqual([{ department: 'water' }])
})

test('in Spanish by one key, the alphabet too', async () => {
  const spanish = await ask(next(await ask(BASE), 'Gather'), { Digits: '9' })
  expect(heard(spanish)).toMatch(
    /Usted se ha comunicado.*For English, press|Usted se ha comunicado/
  )
  expect(spanish).toContain('voice="Polly.Lupe"')
  const menu = await ask(next(spanish, 'Gather'), { Digits: '1' })
  const told = await ask(next(menu, 'Record'), { ...keepRecording(), Digits: '#' })
  expect(heard(told)).toMatch(
    /Este es su recibo.*, de (Antonio|Barcelona|Carmen|Dolores|Enrique|Francia|Gerona|Historia|José|Kilo|Madrid|Navarra|París|Querido|Ramón|Sábado|Tarragona|Valencia|Washington|Xilófono|Yegua|Zaragoza)\./
  )
  const [{ id } = { id: '' }] = await leftNow()
  await pipeline.run([id])
  expect(await contactRow(runtime, id)).toMatchObject({
    envelope: { language: 'es', answers: { topic: 'streets' } },
    outcome: 'case'
  })
})

test('who says nothing to the menu leaves a message all the same, and a person hears it before it is routed', async () => {
  const greeting = await ask(BASE)
  await ask(next(greeting, 'Record'), { ...keepRecording(), Digits: 'hangup' })
  const [{ id } = { id: '' }] = await leftNow()
  await pipeline.run([id])
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'quarantined',
    quarantine_code: 'TEXT_UNSURE',
    unsure: expect.stringContaining('no key')
  })
  await openTranscription(runtime).transcribe(id, 'staff:ann', {
    text: 'The playground slide is cracked'
  })
  await pipeline.run([id])
  expect(await contactRow(runtime, id)).toMatchObject({
    outcome: 'case',
    envelope: { text: 'The playground slide is cracked' }
  })
  expect(
    await runtime.db.selectFrom('cases').select('department').where('contact_id', '=', id).execute()
  ).toEqual([{ department: 'parks' }])
})

describe('the receipt', () => {
  async function leave() {
    const told = await ask(`${BASE}/recorded?l=en&k=1`, { ...keepRecording(), Digits: '#' })
    const [contact] = await leftNow()
    return { told, contact: contact! }
  }

  test('is said again on 1, and sent by text on 2, once, when the contact has been read', async () => {
    const { told, contact } = await leave()
    const again = await ask(next(told, 'Gather'), { Digits: '1' })
    expect(heard(again)).toBe(heard(told))
    for (let press = 0; press < 2; press += 1)
      expect(heard(await ask(next(told, 'Gather'), { Digits: '2' }))).toMatch(/sending it/)
    const acknowledger = openDispatcher(runtime, [phone])
    await acknowledger.acknowledge([contact.id])
    expect(twilio.sent.filter(({ to }) => to === caller.From)).toEqual([])
    await pipeline.run([contact.id])
    await acknowledger.acknowledge([contact.id])
    expect(twilio.sent.filter(({ to }) => to === caller.From)).toMatchObject([
      { body: expect.stringContaining(contact.receipt), from: OUR_NUMBER }
    ])
  })

  test('is not texted to a caller who did not ask', async () => {
    const { contact } = await leave()
    await pipeline.run([contact.id])
    await openDispatcher(runtime, [phone]).acknowledge([contact.id])
    expect(twilio.sent.filter(({ to }) => to === caller.From)).toEqual([])
    expect(
      await runtime.db
        .selectFrom('outbound')
        .select(['kind', 'state'])
        .where('contact_id', '=', contact.id)
        .execute()
    ).toEqual([{ kind: 'acknowledgement', state: 'undeliverable' }])
  })

  test('of a withheld number is read out, and no text is offered; nobody is known by it', async () => {
    caller.From = '+266696687'
    const { told, contact } = await leave()
    expect(heard(told)).not.toMatch(/text message/)
    await pipeline.run([contact.id])
    expect((await contactRow(runtime, contact.id)).envelope!.sender.phones).toEqual([])
  })

  test('is told to nobody who only claims to be Twilio', async () => {
    const { told, contact } = await leave()
    const forged = await ask(next(told, 'Gather'), { Digits: '1' }, 'd'.repeat(32))
    expect(forged).not.toContain(contact.receipt.slice(0, 2).split('').join('. '))
    expect(heard(forged)).toBe('Thank you for calling. Goodbye.')
    await ask(next(told, 'Gather'), { Digits: '2' }, 'd'.repeat(32))
    expect(
      await runtime.db
        .selectFrom('outbound')
        .select('id')
        .where('contact_id', '=', contact.id)
        .execute()
    ).toEqual([])
  })
})

describe('the same message told twice', () => {
  test("by the call and by its recording's report, in any order, is one contact with the first one's receipt", async () => {
    const recording = keepRecording()
    const report = {
      AccountSid: ACCOUNT,
      CallSid: caller.CallSid,
      ...recording,
      RecordingStatus: 'completed',
      RecordingSource: 'RecordVerb'
    }
    const { response } = await door.post(
      signedWebhook(PUBLIC_URL, `${BASE}/recording?l=en&k=3`, report)
    )
    expect(response.status).toBe(204)
    const told = await ask(`${BASE}/recorded?l=en&k=3`, { ...recording, Digits: '#' })
    await door.post(signedWebhook(PUBLIC_URL, `${BASE}/recording?l=en&k=3`, report))
    const contacts = await leftNow()
    expect(contacts).toHaveLength(1)
    expect(heard(told).replace(/[^A-Z0-9]/g, '')).toContain(contacts[0]!.receipt.slice(0, 6))
  })

  test("a report that names no caller has the provider's record of the call fetched", async () => {
    const recording = keepRecording()
    twilio.keep(
      `Calls/${caller.CallSid}.json`,
      Buffer.from(
        JSON.stringify({ sid: caller.CallSid, from: caller.From, to: OUR_NUMBER, duration: '61' })
      ),
      'application/json'
    )
    await door.post(
      signedWebhook(PUBLIC_URL, `${BASE}/recording?l=en&k=3`, {
        AccountSid: ACCOUNT,
        CallSid: caller.CallSid,
        ...recording,
        RecordingStatus: 'completed'
      })
    )
    const [{ id } = { id: '' }] = await leftNow()
    await pipeline.run([id])
    expect(await contactRow(runtime, id)).toMatchObject({
      outcome: 'case',
      envelope: {
        sender: { phones: [caller.From] },
        recipients: [OUR_NUMBER],
        documents: [{ name: 'recording.wav' }]
      }
    })
  })
})

describe('a person listens first to', () => {
  test.each([
    [
      'two seconds',
      () => ({ ...keepRecording('2'), Digits: 'hangup' }),
      '/recorded?l=en&k=1',
      /2 seconds/
    ],
    [
      'what was cut off at its longest',
      () => ({ ...keepRecording('300') }),
      '/recorded?l=en&k=1',
      /cut off/
    ],
    ['a caller who stayed and was not heard', () => ({}), '/silent?l=en&k=1', /silent call/],
    [
      'a recording that is absent',
      () => ({ RecordingSid: newSid('RE'), RecordingStatus: 'absent', RecordingDuration: '0' }),
      '/recording?l=en&k=1',
      /silent call/
    ],
    [
      'a recording that failed',
      () => ({ RecordingSid: newSid('RE'), RecordingStatus: 'failed' }),
      '/recording?l=en&k=1',
      /could not record/
    ]
  ])('%s', async (_name, parameters, path, reason) => {
    await ask(BASE + path, parameters())
    const [{ id } = { id: '' }] = await leftNow()
    await pipeline.run([id])
    expect(await contactRow(runtime, id)).toMatchObject({
      state: 'quarantined',
      quarantine_code: 'TEXT_UNSURE',
      unsure: expect.stringMatching(reason)
    })
  })
})

test('a call under a wrong signature goes on, and what comes of it waits for a person with nothing fetched', async () => {
  const wrong = 'c'.repeat(32)
  const greeting = await ask(BASE, {}, wrong)
  expect(greeting).toContain('<Record')
  const recording = keepRecording()
  const told = await ask(next(greeting, 'Record'), { ...recording, Digits: '#' }, wrong)
  const { id, receipt } = await runtime.db
    .selectFrom('contacts')
    .select(['id', 'receipt'])
    .orderBy('ordinal', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  expect(heard(told).replace(/[^A-Z0-9]/g, '')).toContain(receipt.slice(0, 6))
  await pipeline.run([id])
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'quarantined',
    quarantine_code: 'HELD_BY_CHANNEL'
  })
  expect(twilio.asked.filter(({ path }) => path.includes(recording.RecordingSid))).toEqual([])
})

describe('a transcript', () => {
  async function transcribed(
    recording: { RecordingSid: string },
    TranscriptionText: string,
    TranscriptionStatus = 'completed'
  ) {
    expect(
      await ask(`${BASE}/transcription`, {
        ...recording,
        TranscriptionSid: newSid('TR'),
        TranscriptionStatus,
        TranscriptionText
      })
    ).toBe('')
  }

  test('that comes before the contact, or long after, lies before the person who listens; nothing is decided by it', async () => {
    const recording = keepRecording()
    await transcribed(recording, 'the street light is out')
    await ask(`${BASE}/recorded?l=en`, { ...recording, Digits: '#' })
    const [{ id } = { id: '' }] = await leftNow()
    await pipeline.run([id])
    expect(await contactRow(runtime, id)).toMatchObject({
      quarantine_code: 'TEXT_UNSURE',
      envelope: { text: '' }
    })
    expect((await openTranscription(runtime).find(id))!.envelope.text).toBe(
      'the street light is out'
    )
    await transcribed(recording, 'the street light is out at Oak')
    await transcribed(recording, '', 'failed')
    expect(await transcriptsOf(runtime.db, id)).toEqual([
      {
        engine: 'twilio',
        text: 'the street light is out at Oak',
        language: undefined,
        confidence: undefined
      }
    ])
  })

  test('that nobody signed is not kept', async () => {
    const recording = keepRecording()
    await ask(
      `${BASE}/transcription`,
      { ...recording, TranscriptionStatus: 'completed', TranscriptionText: 'forged' },
      'b'.repeat(32)
    )
    expect(
      await runtime.db
        .selectFrom('call_transcripts')
        .select('text')
        .where('recording_id', '=', recording.RecordingSid)
        .execute()
    ).toEqual([])
  })
})

test('a call may come by GET, signed over its address alone', async () => {
  const query = new URLSearchParams(callParameters(caller)).toString()
  const { headers } = signedWebhook(PUBLIC_URL, `${BASE}?${query}`, {})
  const response = await fetch(`${door.url}${BASE}?${query}`, {
    headers: { 'x-twilio-signature': headers['x-twilio-signature']! }
  })
  expect([response.status, await response.text()]).toEqual([
    200,
    expect.stringContaining('<Gather')
  ])
})
