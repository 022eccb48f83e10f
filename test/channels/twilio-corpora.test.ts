import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { phone } from '../../channels/phone/index.ts'
import { sms } from '../../channels/sms/index.ts'
import { alertCounts } from '../../platform/alerts.ts'
import type { ChannelRequest, ChannelRoute } from '../../core/intake/channel.ts'
import { registerChannels } from '../../channels/register.ts'
import { verify } from '../../platform/providers/twilio/webhook.ts'
import { corpusTest, readCorpus } from '../helpers/corpora.ts'
import { createTestRuntime, testSettings, type TestRuntime } from '../helpers/runtime.ts'
import { openPipeline, type Pipeline } from '../helpers/pipeline.ts'
import { openTwilio, TOKEN, type TwilioStandIn } from '../helpers/twilio.ts'

interface Sample {
  readonly name: string
  readonly method: string
  readonly url: string
  readonly signed_url?: string
  readonly headers: Record<string, string>
  readonly params: Record<string, string>
  readonly raw_body: string
  /**
   * A sentence where it is valid only for one who takes the public address, or both ways to write a
   * port: so do we.
   */
  readonly signature_valid: boolean | string
}

/** Where the samples' addresses lead with us. */
const ours: Readonly<Record<string, string>> = {
  '/hooks/twilio/sms': '/hooks/sms/twilio',
  '/hooks/twilio/message-status': '/hooks/sms/twilio/status',
  '/hooks/twilio/voice': '/hooks/phone/twilio',
  '/hooks/twilio/voice/menu': '/hooks/phone/twilio/menu',
  '/hooks/twilio/voice/agent': '/hooks/phone/twilio',
  '/hooks/twilio/voicemail/done': '/hooks/phone/twilio/recorded',
  '/hooks/twilio/recording': '/hooks/phone/twilio/recording',
  '/hooks/twilio/transcription': '/hooks/phone/twilio/transcription',
  '/hooks/twilio/call-status': '/hooks/phone/twilio/status'
}

let runtime: TestRuntime
let twilio: TwilioStandIn
let pipeline: Pipeline
let routes: readonly ChannelRoute[]
beforeAll(async () => {
  twilio = await openTwilio()
  runtime = await createTestRuntime('postgres', {
    ...twilio.environment,
    PUBLIC_URL: 'https://intake.example.gov'
  })
  routes = registerChannels(runtime, [sms, phone]).routes
  pipeline = openPipeline(runtime)
})
afterAll(async () => {
  await pipeline.close()
  await runtime.remove()
  await twilio.close()
})

function requestOf({
  method,
  url,
  signed_url: signed,
  headers,
  raw_body: body
}: Sample): ChannelRequest {
  // What a proxy hides is rebuilt from PUBLIC_URL, as the web process does; a port is left as it
  // was shown.
  const address = new URL(url).hostname === 'intake.example.gov' ? url : (signed ?? url)
  return {
    method,
    url: address,
    path: ours[new URL(address).pathname]!,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
    ),
    query: new URL(address).searchParams,
    params: {},
    cookies: {},
    body: Buffer.from(method === 'GET' ? '' : body),
    remoteAddress: '10.0.0.1'
  }
}

async function send(sample: Sample): Promise<number> {
  for (const [name, url] of Object.entries(sample.params))
    if (name.startsWith('MediaUrl'))
      twilio.keep(
        new URL(url).pathname,
        Buffer.from(`file of ${sample.name}`),
        sample.params[name.replace('Url', 'ContentType')]!
      )
  if (sample.params['RecordingUrl'])
    twilio.keep(
      `${new URL(sample.params['RecordingUrl']).pathname}.wav`,
      Buffer.from('RIFF'),
      'audio/x-wav'
    )
  if (sample.params['CallSid'])
    twilio.keep(
      `/2010-04-01/Accounts/${sample.params['AccountSid']}/Calls/${sample.params['CallSid']}.json`,
      Buffer.from('{"from":"+12025550123","to":"+17035550100"}'),
      'application/json'
    )
  const request = requestOf(sample)
  const route = routes.find(
    ({ method, path }) => method === request.method.toLowerCase() && path === request.path
  )!
  return (await route.handle(request)).status
}

async function outcomes(): Promise<Record<string, number>> {
  const waiting = await runtime.db
    .selectFrom('contacts')
    .select('id')
    .where('state', 'in', ['accepted', 'documents', 'read'])
    .execute()
  await pipeline.run(waiting.map(({ id }) => id))
  const rows = await runtime.db
    .selectFrom('contacts')
    .select([
      'channel',
      'outcome',
      'quarantine_code',
      ({ fn }) => fn.countAll<string>().as('count')
    ])
    .groupBy(['channel', 'outcome', 'quarantine_code'])
    .execute()
  return Object.fromEntries(
    rows.map((row) => [
      [row.channel, row.outcome, row.quarantine_code].filter(Boolean).join(' '),
      Number(row.count)
    ])
  )
}

const files = [
  'incoming_call',
  'record_action',
  'recording_status',
  'transcription',
  'call_status',
  'incoming_mms',
  'message_status',
  'rejected'
]

function readSamples(): Sample[] {
  return files.flatMap(
    (file) => JSON.parse(readCorpus(`webhooks/twilio-voice/${file}.json`)) as Sample[]
  )
}

corpusTest(
  ['webhooks/twilio-voice'],
  "each of Twilio's sample requests is answered with 2xx and ends in a stated outcome",
  async () => {
    const samples = readSamples()
    const before = Object.fromEntries(alertCounts())
    const statuses = await Promise.all(samples.map(send))
    expect(statuses.filter((status) => status < 200 || status > 299)).toEqual([])
    const alerts = ['unsigned-sms', 'unsigned-phone'].map(
      (what) => (alertCounts().get(what) ?? 0) - (before[what] ?? 0)
    )
    const stated = await outcomes()
    expect(
      Object.keys(stated).filter(
        (name) => !/ (case|auto-reply|quarantined (HELD_BY_CHANNEL|TEXT_UNSURE))$/.test(name)
      )
    ).toEqual([])
    // 16 texts of which STOP and HELP are no case, and two bring a picture without a word that no
    // machine can read; two forged ones. Four messages left by telephone, told by ten requests; one
    // of two seconds, one absent, one failed.
    expect(stated).toEqual({
      'sms case': 12,
      'sms auto-reply': 2,
      'sms quarantined HELD_BY_CHANNEL': 2,
      'sms quarantined TEXT_UNSURE': 2,
      'phone quarantined TEXT_UNSURE': 5
    })
    expect(alerts).toEqual([2, 5])
    return samples.length
  }
)

corpusTest(
  ['webhooks/twilio-voice'],
  "each of Twilio's sample requests is told apart as its list says: signed or not",
  () => {
    const samples = readSamples()
    const settings = testSettings({ TWILIO_AUTH_TOKEN: TOKEN })
    expect(
      samples
        .filter(
          (sample) =>
            (verify(requestOf(sample), settings) === true) !== (sample.signature_valid !== false)
        )
        .map(({ name }) => name)
    ).toEqual([])
    return samples.length
  }
)

interface Vector {
  readonly name: string
  readonly auth_token: string
  readonly url_as_received: string
  readonly post_params: Record<string, string>
  readonly raw_body: string | null
  readonly x_twilio_signature: string | null
  readonly valid: boolean
}

corpusTest(
  ['webhooks/twilio/signature_vectors.json'],
  'published signature vectors: all valid ones are accepted, all others not',
  () => {
    const vectors = JSON.parse(readCorpus('webhooks/twilio/signature_vectors.json')) as Vector[]
    const wrong = vectors.filter((vector) => {
      const headers = {
        'content-type':
          vector.raw_body === null ? 'application/x-www-form-urlencoded' : 'application/json',
        ...(vector.x_twilio_signature === null
          ? {}
          : { 'x-twilio-signature': vector.x_twilio_signature })
      }
      const body = Buffer.from(
        vector.raw_body ?? new URLSearchParams(vector.post_params).toString()
      )
      const request = {
        method: 'POST',
        path: '',
        url: vector.url_as_received,
        headers,
        query: new URLSearchParams(),
        params: {},
        cookies: {},
        body,
        remoteAddress: ''
      }
      return (
        (verify(request, testSettings({ TWILIO_AUTH_TOKEN: vector.auth_token })) === true) !==
        vector.valid
      )
    })
    expect(wrong.map(({ name }) => name)).toEqual([])
    return vectors.length
  }
)

test('what other providers post to the text door waits for a person, answered like any other', async () => {
  const bodies = [
    '{"ID":"1234","MSISDN":"07111111111","Message":"Some message to notify","Number":"testing"}',
    'source=07999999999&destination=07111111111&message=this is a message&time=2017-01-01 12:00:00'
  ]
  for (const body of bodies) {
    const request = {
      method: 'POST',
      path: '/hooks/sms/twilio',
      url: 'https://intake.example.gov/hooks/sms/twilio',
      headers: {
        'content-type': body.startsWith('{')
          ? 'application/json'
          : 'application/x-www-form-urlencoded'
      },
      query: new URLSearchParams(),
      params: {},
      cookies: {},
      body: Buffer.from(body),
      remoteAddress: ''
    }
    expect((await routes.find(({ path }) => path === request.path)!.handle(request)).status).toBe(
      200
    )
  }
  expect((await outcomes())['sms quarantined READ_UNPARSEABLE']).toBe(2)
})
