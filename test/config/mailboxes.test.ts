import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { loadAgency } from '../../config/agency.ts'
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
