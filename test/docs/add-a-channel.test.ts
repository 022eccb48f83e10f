import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createHmac } from 'node:crypto'
import fs from 'node:fs/promises'
import type { ChannelRequest, ChannelRoute } from '../../core/intake/channel.ts'
import { registerChannels } from '../../channels/register.ts'
import { draftSchema } from '../../core/envelope.ts'
import { pigeonSms } from '../../docs/examples/pigeon-sms/index.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'

let runtime: TestRuntime
let route: ChannelRoute
beforeAll(async () => {
  runtime = await createTestRuntime()
  route = registerChannels(runtime, [pigeonSms]).routes[0]!
})
afterAll(() => runtime.remove())

const message = {
  id: 'p-4711',
  from: '+15550100',
  to: '+15550199',
  text: 'The playground gate is broken'
}

function post(
  body: string,
  signature = createHmac('sha256', runtime.secret('pigeon')).update(body).digest('hex')
) {
  const request: ChannelRequest = {
    method: 'POST',
    path: route.path,
    url: `http://localhost${route.path}`,
    headers: { 'x-pigeon-signature': signature },
    query: new URLSearchParams(),
    params: {},
    cookies: {},
    body: Buffer.from(body),
    remoteAddress: '127.0.0.1'
  }
  return route.handle(request)
}

function find(receipt: unknown) {
  return runtime.db
    .selectFrom('contacts')
    .selectAll()
    .where('receipt', '=', String(receipt))
    .executeTakeFirstOrThrow()
}

test.each(['docs/examples/pigeon-sms/index.ts', 'test/docs/pigeon-contract.test.ts'])(
  'the guide shows %s as it is',
  async (example) => {
    const guide = await fs.readFile('docs/add-a-channel.md', 'utf8')
    expect(guide).toContain(`\`\`\`ts\n${await fs.readFile(example, 'utf8')}\`\`\`\n`)
  }
)

test('a signed message is accepted, and a repeat of it gets the same receipt', async () => {
  const first = await post(JSON.stringify(message))
  const again = await post(JSON.stringify(message))
  expect(first).toEqual({ status: 200, body: expect.stringMatching(/^\w{6}-\w{6}-\w{6}$/) })
  expect(again).toEqual(first)
  expect(await find(first.body)).toMatchObject({
    channel: 'sms',
    source: 'pigeon',
    external_id: 'p-4711',
    recipients: ['+15550199']
  })
})

test("a message with a wrong signature is kept for a person, and does not take the real one's identity", async () => {
  const forged = await post(JSON.stringify({ ...message, id: 'p-4712' }), '00')
  const contact = await find(forged.body)
  expect(contact.external_id).toMatch(/^sha256:/)
  expect(contact.evidence).toMatchObject({ quarantine: expect.stringContaining('signature') })
})

test('what is no message is accepted too: a person looks at it', async () => {
  const { status, body } = await post('not json')
  expect(status).toBe(200)
  expect(await find(body)).toMatchObject({ channel: 'sms', state: 'accepted' })
})

test('its envelope is one that the core takes', async () => {
  const raw = pigeonSms.fromFile(
    'message.json',
    Buffer.from(JSON.stringify(message)),
    runtime.agency()
  )
  const [translation] = await pigeonSms.translate({ ...raw, sha256: '' })
  expect(draftSchema.parse(translation!.envelope)).toMatchObject({
    channel: 'sms',
    text: message.text,
    sender: { phones: [message.from] },
    recipients: [message.to]
  })
})

test('what cannot be read is refused with a code of the catalogue', async () => {
  const raw = pigeonSms.fromFile('message.json', Buffer.from('{"id":"p-1"}'), runtime.agency())
  await expect(pigeonSms.translate({ ...raw, sha256: '' })).rejects.toMatchObject({
    code: 'READ_UNPARSEABLE'
  })
})

test('with the database gone the provider is asked to try again', async () => {
  const broken = await createTestRuntime()
  const { routes } = registerChannels(broken, [pigeonSms])
  await broken.database.close()
  const body = Buffer.from(JSON.stringify(message))
  const answer = await routes[0]!.handle({
    method: 'POST',
    path: '',
    url: '',
    headers: {},
    query: new URLSearchParams(),
    params: {},
    cookies: {},
    body,
    remoteAddress: '127.0.0.1'
  })
  expect(answer).toEqual({ status: 503, headers: { 'retry-after': '30' } })
  await broken.queues.close()
})
