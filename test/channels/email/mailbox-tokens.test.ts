import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { openDovecot, type Dovecot } from '../../helpers/dovecot.ts'
import { lyingMail, openAgency, stateOf, type Agency } from '../../helpers/mailboxes.ts'
import { openTokenService, type TokenService } from '../../helpers/token-service.ts'
import { until } from '../../helpers/until.ts'

const USER = 'hello'
let tokens: TokenService
let dovecot: Dovecot
beforeAll(async () => {
  tokens = await openTokenService(USER)
})
afterAll(() => tokens.close())

let agency: Agency | undefined
let running: { stop(): Promise<void> } | undefined
afterEach(async () => {
  tokens.gives = true
  tokens.asked.length = 0
  await running?.stop()
  await agency?.remove()
  await dovecot.remove()
})

async function pull(mechanisms: string, own: object, secrets: Record<string, string>) {
  dovecot = await openDovecot({ introspection: tokens.introspectionUrl, mechanisms })
  dovecot.deliver(USER, lyingMail(1))
  const oauth = { tokenUrl: tokens.tokenUrl, clientId: 'evenhand', ...own }
  agency = await openAgency(dovecot, { hello: { oauth } }, secrets)
  running = await agency.pulling()
}

const contacts = () => agency!.runtime.db.selectFrom('contacts').select('id').execute()
const untilTaken = () => until(async () => (await contacts()).length === 1)
const failure = () => until(async () => (await stateOf(agency!, dovecot, USER))?.failure ?? false)

test.each(['xoauth2', 'oauthbearer'])('a mailbox is opened by %s', async (mechanism) => {
  const secrets = { MAILBOX_HELLO_CLIENT_SECRET: 'kept' }
  await pull(mechanism, { scope: 'https://mail.example/.default' }, secrets)
  await untilTaken()
  expect(tokens.asked[0]).toEqual({
    grant_type: 'client_credentials',
    client_id: 'evenhand',
    client_secret: 'kept',
    scope: 'https://mail.example/.default'
  })
})

test('a refresh token is handed in for a token, and each connection has its own', async () => {
  await pull('xoauth2', { grant: 'refresh-token' }, { MAILBOX_HELLO_REFRESH_TOKEN: 'long-lived' })
  await untilTaken()
  tokens.revoke()
  await dovecot.kill()
  await dovecot.start()
  await until(() => tokens.asked.length === 2)
  expect(tokens.asked[1]).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'long-lived',
    client_id: 'evenhand'
  })
})

test('a service that gives none is said with its own word', async () => {
  tokens.gives = false
  await pull('xoauth2', {}, { MAILBOX_HELLO_CLIENT_SECRET: 'kept' })
  expect(await failure()).toMatch(/gave no token.*HTTP 400 invalid_grant/s)
})

test('a secret that is not set is named', async () => {
  await pull('xoauth2', { grant: 'refresh-token' }, {})
  expect(await failure()).toMatch(/MAILBOX_HELLO_REFRESH_TOKEN/)
  expect(tokens.asked).toEqual([])
})
