import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { checkHeldByTwilio, checkTwilio } from '../../cli/doctor/twilio.ts'
import { rawContact } from '../../channels/sms/receive.ts'
import { createTestRuntime, testSettings } from '../helpers/runtime.ts'
import { ACCOUNT, openTwilio, TOKEN, type TwilioStandIn } from '../helpers/twilio.ts'

let twilio: TwilioStandIn
beforeAll(async () => {
  twilio = await openTwilio()
  twilio.keep(`/2010-04-01/Accounts/${ACCOUNT}.json`, Buffer.from('{}'), 'application/json')
})
afterAll(() => twilio.close())

const check = async (environment: Record<string, string>) =>
  (await checkTwilio(testSettings(environment))).map(
    ({ name, state, finding }) => `${name} ${state}: ${finding}`
  )

test('without an account nothing is wrong', async () => {
  expect(await check({})).toEqual([expect.stringMatching(/^twilio ok: no texts and calls/)])
})

test('half an account is said to be half', async () => {
  expect(await check({ TWILIO_ACCOUNT_SID: ACCOUNT })).toEqual([
    expect.stringMatching(/^twilio fail.*without TWILIO_AUTH_TOKEN/)
  ])
  expect(await check({ TWILIO_AUTH_TOKEN: TOKEN, PUBLIC_URL: 'https://town.example' })).toEqual([
    expect.stringMatching(/^twilio warn/),
    expect.stringMatching(/^twilio-hooks ok/)
  ])
})

test('with an account it is tried, and the addresses to paste are shown', async () => {
  const environment = { ...twilio.environment, PUBLIC_URL: 'https://town.example' }
  expect(await check(environment)).toEqual([
    'twilio ok: the account can be used',
    expect.stringMatching(
      /POST https:\/\/town\.example\/hooks\/sms\/twilio#rc=5&rp=all .* POST https:\/\/town\.example\/hooks\/phone\/twilio#rc=5&rp=all/
    )
  ])
  expect(await check({ ...environment, TWILIO_AUTH_TOKEN: 'f'.repeat(32) })).toContainEqual(
    expect.stringMatching(/^twilio fail.*401/)
  )
  expect(await check({ ...environment, TWILIO_API_URL: 'http://127.0.0.1:9' })).toContainEqual(
    expect.stringMatching(/^twilio fail.*cannot be reached/)
  )
  expect(await check({ ...environment, TWILIO_FROM: '' })).toContainEqual(
    expect.stringMatching(/^twilio warn.*TWILIO_FROM/)
  )
  expect(await check({ ...environment, PUBLIC_URL: 'http://town.example' })).toContainEqual(
    expect.stringMatching(/^twilio-hooks fail/)
  )
})

test("texts that were not shown to be Twilio's are counted", async () => {
  const runtime = await createTestRuntime()
  expect(await checkHeldByTwilio(runtime.db)).toEqual([])
  await runtime.acceptor.accept(
    rawContact(
      Buffer.from('From=%2B12025550143&Body=x'),
      'application/x-www-form-urlencoded',
      'It carries no signature of Twilio.'
    )
  )
  expect(await checkHeldByTwilio(runtime.db)).toMatchObject([
    { state: 'warn', finding: expect.stringMatching(/^1 text or call /) }
  ])
  await runtime.remove()
})
