import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { loadAgency } from '../../config/agency.ts'
import { endpointsOf } from '../../config/graph-mailbox.ts'
import { mailboxLocation, secretNames } from '../../config/mailboxes.ts'
import { readSettings, unknownSettings } from '../../config/settings.ts'
import { Router } from '../../core/routing/rules.ts'
import { copyConfig } from '../helpers/config.ts'
import { writeMailboxes } from '../helpers/mailboxes.ts'
import { temporaryFolder } from '../helpers/running.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
  copyConfig(folder)
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

function load(mailboxes: Record<string, object>) {
  writeMailboxes(folder, 993, mailboxes)
  return loadAgency(folder)
}

const mailTo = (recipient: string) => ({
  recipients: [recipient],
  answers: {},
  subject: 'Pothole',
  text: ''
})

describe('mailboxes.yaml', () => {
  test('may be left out', async () => {
    fs.rmSync(path.join(folder, 'mailboxes.yaml'))
    expect((await loadAgency(folder)).mailboxes).toEqual([])
  })

  test("a department's mailbox is that department's, whatever the words", async () => {
    const { routes, departments, mailboxes } = await load({
      permits: { department: 'permits' },
      hello: { address: 'Hello@Willowcreek.example' }
    })
    expect(mailboxes!.map(({ address }) => address)).toContain('hello@willowcreek.example')
    const router = new Router(routes, departments.general)
    const led = (address: string) => router.decide(mailTo(address))[0]!
    expect(led('permits@willowcreek.example')).toMatchObject({
      department: 'permits',
      rule: 'mailbox-permits'
    })
    expect(led('hello@willowcreek.example').rule).not.toMatch(/mailbox/)
  })

  test.each([
    [{ a: { encryption: 'none', host: 'imap.town.example' } }, /encryption: tls or starttls/],
    [{ a: { department: 'moon' } }, /department: there is no department "moon"/],
    [{ a: {}, b: { address: 'a@willowcreek.example' } }, /"a@willowcreek.example" is used twice/],
    [{ a: { user: 'one' }, b: { user: 'one' } }, /is used twice/],
    [{ a: { takenTo: 'INBOX' } }, /takenTo: another folder/],
    [{ a: { since: 'yesterday' } }, /since: a day such as/],
    [{ a: { since: undefined } }, /since: a day such as|since: is missing/],
    [{ a: { password: 'secret' } }, /password: there is no such field/],
    [
      { a: { oauth: { tokenUrl: 'http://town.example/token', clientId: 'x' } } },
      /tokenUrl: an https address/
    ]
  ])('%j is refused with file, line and field', async (mailboxes, sentence) => {
    const problem = await load(mailboxes).then(
      () => '',
      (error: Error) => error.message
    )
    expect(problem).toMatch(/mailboxes\.yaml:\d+: mailboxes\[\d\]/)
    expect(problem).toMatch(sentence)
  })
})

const guid = '2f1c0a4e-0b7d-4c55-9a51-6d1f3e8b7a20'
const graph = { kind: 'graph', user: 'a@town.example', tenant: 'town.example', clientId: guid }

describe('a mailbox at Microsoft 365', () => {
  test('needs who it is and which app reads it; the rest is usual', async () => {
    const { mailboxes } = await load({ 'town-hall': { ...graph, user: 'A@Town.example' } })
    const [mailbox] = mailboxes!
    expect(mailbox).toMatchObject({ folder: 'Inbox', cloud: 'global', everySeconds: 30 })
    expect(mailboxLocation(mailbox!)).toBe('a@town.example@graph.microsoft.com/inbox')
    expect(secretNames(mailbox!)).toEqual(['MAILBOX_TOWN_HALL_CLIENT_SECRET'])
  })

  test.each([
    ['global', 'login.microsoftonline.com', 'graph.microsoft.com'],
    ['us-gov', 'login.microsoftonline.us', 'graph.microsoft.us'],
    ['us-dod', 'login.microsoftonline.us', 'dod-graph.microsoft.us'],
    ['china', 'login.chinacloudapi.cn', 'microsoftgraph.chinacloudapi.cn']
  ] as const)('of the cloud %s is asked for there', (cloud, login, server) => {
    expect(endpointsOf({ cloud })).toEqual({
      login: `https://${login}`,
      graph: `https://${server}`
    })
  })

  test('names its tenant by id or by domain', async () => {
    for (const tenant of [guid, guid.toUpperCase(), 'town.onmicrosoft.com'])
      expect((await load({ a: { ...graph, tenant } })).mailboxes).toMatchObject([{ tenant }])
  })

  test('may be at endpoints of its own', async () => {
    const endpoints = { login: 'https://login.town.example/', graph: 'http://127.0.0.1:99/v1.0' }
    const { mailboxes } = await load({ a: { ...graph, endpoints } })
    expect(mailboxes![0]).toMatchObject({
      endpoints: { login: 'https://login.town.example', graph: 'http://127.0.0.1:99' }
    })
  })

  test.each([10, 300])('may be looked at every %i seconds', async (everySeconds) => {
    expect((await load({ a: { ...graph, everySeconds } })).mailboxes).toHaveLength(1)
  })

  test.each([
    [{ everySeconds: 9 }, /everySeconds/],
    [{ everySeconds: 301 }, /everySeconds/],
    [{ tenant: 'common' }, /tenant: the id or a domain of one tenant/],
    [{ tenant: '../x' }, /tenant: the id or a domain/],
    [{ tenant: 'town' }, /tenant: the id or a domain/],
    [{ clientId: 'abc' }, /clientId: the application \(client\) id/],
    [{ clientId: `${guid}0` }, /clientId: the application/],
    [{ user: 'hello' }, /user/],
    [{ cloud: 'moon' }, /cloud/],
    [{ takenTo: 'Taken' }, /takenTo: there is no such field/],
    [{ host: 'imap.town.example' }, /host: there is no such field/],
    [{ endpoints: { login: 'https://a.example', graph: 'http://b.example' } }, /graph: an https/]
  ])('with %j is refused', async (own, sentence) => {
    await expect(load({ a: { ...graph, ...own } })).rejects.toThrow(sentence)
  })
})

test('a mailbox of no known kind is refused', async () => {
  await expect(load({ a: { ...graph, kind: 'pop' } })).rejects.toThrow(/mailboxes\[0\]\.kind/)
})

test("mailboxes' secrets are settings, and only those of a known kind", () => {
  const environment = {
    MAILBOX_HELLO_PASSWORD: 'one',
    MAILBOX_B_2_CLIENT_SECRET: 'two',
    MAILBOX_HELLO_PASWORD: 'slip'
  }
  expect(readSettings(environment).mailboxSecrets).toEqual({
    MAILBOX_HELLO_PASSWORD: 'one',
    MAILBOX_B_2_CLIENT_SECRET: 'two'
  })
  expect(unknownSettings(environment).map(({ name }) => name)).toEqual(['MAILBOX_HELLO_PASWORD'])
})
