import fs from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openDovecot, type Dovecot } from '../../helpers/dovecot.ts'
import {
  lyingMail,
  openAgency,
  startPulling,
  stateOf as standing,
  type Agency
} from '../../helpers/mailboxes.ts'
import { killEvenhand } from '../../helpers/running.ts'
import { until } from '../../helpers/until.ts'

let dovecot: Dovecot
beforeAll(async () => {
  dovecot = await openDovecot()
})
afterAll(() => dovecot.remove())

let users = 0
let agency: Agency | undefined
let running: { stop(): Promise<void> } | undefined
beforeEach(() => {
  users += 1
})
afterEach(async () => {
  await running?.stop()
  await agency?.remove()
  agency = undefined
  running = undefined
})

/** A mailbox of the server that no other test has. */
const user = (name = 'hello') => `${name}${users}`

async function pull(mailboxes: Record<string, object>, environment = {}): Promise<void> {
  agency = await openAgency(dovecot, mailboxes, environment)
  running = await agency.pulling()
}

async function again(): Promise<void> {
  await running!.stop()
  running = await agency!.pulling()
}

function contacts() {
  return agency!.runtime.db
    .selectFrom('contacts')
    .select(['ordinal', 'source', 'external_id', 'evidence', 'recipients', 'raw_sha256'])
    .select('raw_bytes')
    .orderBy('ordinal')
    .execute()
}

const untilTaken = (count: number) =>
  until(async () => {
    const found = await contacts()
    return found.length >= count && found
  })

const messages = () => agency!.runtime.db.selectFrom('mailbox_messages').selectAll().execute()

const stateOf = (name: string) => standing(agency!, dovecot, name)
const looked = (name: string) => until(async () => (await stateOf(name))?.lookedAt ?? false)

describe('a mailbox', () => {
  test('is taken in, oldest first, and nobody sees that we were there', async () => {
    const came = new Date('2026-12-01T08:00:00Z')
    for (const number of [1, 2, 3]) dovecot.deliver(user(), lyingMail(number), { came })
    const reader = await dovecot.client(user())
    await reader.messageFlagsAdd('2', ['\\Seen'])
    await pull({ hello: { user: user() } })
    const found = await untilTaken(3)
    expect(found.map(({ evidence }) => evidence['uid'])).toEqual([1, 2, 3])
    expect(found[0]!.evidence).toMatchObject({
      mailbox: 'hello',
      providerTime: came.toISOString()
    })
    await looked(user())
    const flags = await reader.fetchAll('1:*', { flags: true })
    expect(flags.map((one) => [...one.flags!].filter((flag) => flag !== '\\Recent'))).toEqual([
      [],
      ['\\Seen'],
      []
    ])
    reader.close()
    expect(await stateOf(user())).toMatchObject({ waiting: 0, passedOver: 0, failure: null })
  })

  test('is heard of when a mail comes, and takes none twice after a new start', async () => {
    dovecot.deliver(user(), lyingMail(1))
    await pull({ hello: { user: user() } })
    await untilTaken(1)
    await looked(user())
    dovecot.deliver(user(), lyingMail(2))
    await untilTaken(2)
    await again()
    dovecot.deliver(user(), lyingMail(3))
    expect(await untilTaken(3)).toHaveLength(3)
    await until(async () => (await messages()).length === 3)
  })

  test('that was numbered anew is looked through, and its mails are known', async () => {
    for (const number of [1, 2]) dovecot.deliver(user(), lyingMail(number))
    await pull({ hello: { user: user() } })
    await untilTaken(2)
    await until(async () => (await messages()).length === 2)
    await running!.stop()
    dovecot.renumber(user())
    dovecot.deliver(user(), lyingMail(3))
    running = await agency!.pulling()
    await untilTaken(3)
    await until(async () => (await messages()).length === 5)
    expect(await contacts()).toHaveLength(3)
  })

  test('mail from before its day is left alone', async () => {
    dovecot.deliver(user(), lyingMail(1), { came: new Date('2026-11-29T08:00:00Z') })
    dovecot.deliver(user(), lyingMail(2), { came: new Date('2026-12-02T08:00:00Z') })
    await pull({ hello: { user: user(), since: '2026-12-01' } })
    await untilTaken(1)
    await looked(user())
    expect((await contacts()).map(({ evidence }) => evidence['uid'])).toEqual([2])
  })

  test('taken mail is moved where that is wished, also what a kill left behind', async () => {
    for (const number of [1, 2]) dovecot.deliver(user(), lyingMail(number))
    await pull({ hello: { user: user() } })
    await untilTaken(2)
    await until(async () => (await messages()).length === 2)
    await running!.stop()
    await agency!.remove()
    await pull({ hello: { user: user(), takenTo: 'Taken' } })
    dovecot.deliver(user(), lyingMail(3))
    await untilTaken(3)
    const taken = await dovecot.client(user(), 'Taken')
    await until(async () => {
      const status = await taken.status('Taken', { messages: true })
      return status && status.messages === 3
    })
    taken.close()
    expect(await contacts()).toHaveLength(3)
  })
})

test('what the mail server marked as spam waits for a person', async () => {
  dovecot.deliver(user(), `X-Spam-Flag: YES\r\n${lyingMail(1)}`)
  dovecot.deliver(user(), lyingMail(2))
  await pull({ hello: { user: user() } }, { MAIL_SPAM_HEADER: 'X-Spam-Flag: YES' })
  const held = (await untilTaken(2)).map(({ evidence }) => evidence['quarantine'])
  expect(held).toEqual(['The mail server marked it as spam (X-Spam-Flag).', undefined])
})

describe('one bad message', () => {
  test('over the limit waits for a person with its place, and the next ones go on', async () => {
    const body = 'a long line of words\r\n'.repeat(100_000)
    dovecot.deliver(user(), lyingMail(1, { body }))
    dovecot.deliver(user(), lyingMail(2))
    await pull({ hello: { user: user() } }, { SMTP_MAX_BYTES: '1500000' })
    const [large, next] = await untilTaken(2)
    expect(large!.evidence['quarantine']).toMatch(
      /more than are taken in.*lies in the mailbox hello/
    )
    expect(Number(large!.raw_bytes)).toBe(1024 ** 2)
    expect(next!.evidence).not.toHaveProperty('quarantine')
  })

  test('without a header, empty or of raw bytes is taken like any other', async () => {
    const odd = ['', '\r\n', Buffer.from([0, 255, 13, 10, 200]), 'From: \u0000\r\n\r\n']
    for (const mail of [...odd, lyingMail(9)]) dovecot.deliver(user(), mail)
    await pull({ hello: { user: user() } })
    const found = await untilTaken(5)
    expect(found.map(({ evidence }) => evidence['uid'])).toEqual([1, 2, 3, 4, 5])
  })

  test('that the server cannot give is passed over, said, and the next ones go on', async () => {
    const file = dovecot.deliver(user(), lyingMail(1))
    dovecot.deliver(user(), lyingMail(2))
    fs.chmodSync(file, 0)
    await pull({ hello: { user: user() } })
    await until(async () => (await stateOf(user()))?.passedOver === 1)
    expect((await untilTaken(1)).map(({ evidence }) => evidence['uid'])).toEqual([2])
    await looked(user())
    expect(await stateOf(user())).toMatchObject({ waiting: 1, passedOver: 1 })
  })
})

test('a mail that somebody takes away meanwhile is not waited for', async () => {
  const file = dovecot.deliver(user(), lyingMail(1))
  fs.chmodSync(file, 0)
  await pull({ hello: { user: user() } })
  await until(async () => (await stateOf(user()))?.passedOver === 1)
  const reader = await dovecot.client(user())
  await reader.messageDelete('1')
  reader.close()
  dovecot.deliver(user(), lyingMail(2))
  await until(async () => (await stateOf(user()))?.passedOver === 0)
  expect(await contacts()).toHaveLength(1)
})

describe('the same mail', () => {
  test('by two mailboxes that it names is one contact', async () => {
    const to = 'hello@willowcreek.example, parks@willowcreek.example'
    for (const name of ['hello', 'parks'])
      dovecot.deliver(user(name), lyingMail(1, { to, way: `${name}@willowcreek.example` }))
    await pull({ hello: { user: user() }, parks: { user: user('parks') } })
    await until(async () => (await messages()).length === 2)
    expect(await contacts()).toHaveLength(1)
  })

  test('that one of them got unnamed is a delivery of its own', async () => {
    for (const name of ['hello', 'parks']) dovecot.deliver(user(name), lyingMail(1))
    await pull({ hello: { user: user() }, parks: { user: user('parks') } })
    expect((await untilTaken(2)).map(({ recipients }) => recipients.length).sort()).toEqual([1, 2])
  })

  test('with another word or another writer is another mail, whatever its Message-ID', async () => {
    dovecot.deliver(user(), lyingMail(1))
    dovecot.deliver(user(), lyingMail(1, { body: 'Another word.' }))
    dovecot.deliver(user(), lyingMail(1).replace('agnes@', 'boris@'))
    dovecot.deliver(user(), lyingMail(1, { way: 'list@people.example' }))
    await pull({ hello: { user: user() } })
    await until(async () => (await messages()).length === 4)
    expect(await contacts()).toHaveLength(3)
  })
})

describe('a server', () => {
  test('that is gone for a while is found again', async () => {
    dovecot.deliver(user(), lyingMail(1))
    await pull({ hello: { user: user() } })
    await untilTaken(1)
    await dovecot.kill()
    dovecot.deliver(user(), lyingMail(2))
    await until(async () => (await stateOf(user()))?.failure ?? false)
    await dovecot.start()
    expect(await untilTaken(2)).toHaveLength(2)
  })

  test('that does not take the password is said, and asked again', async () => {
    dovecot.deliver(user(), lyingMail(1))
    await pull({ hello: { user: user() } }, { MAILBOX_HELLO_PASSWORD: 'another' })
    expect(await until(async () => (await stateOf(user()))?.failure ?? false)).toMatch(/sign-in/)
    expect(await contacts()).toEqual([])
  })

  test.each(['starttls', 'tls'])(
    'whose certificate nobody vouches for is not told the password by %s',
    async (encryption) => {
      dovecot.deliver(user(), lyingMail(1))
      const port = encryption === 'tls' ? dovecot.tlsPort : dovecot.port
      agency = await openAgency({ port }, { hello: { user: user(), encryption } })
      running = await agency.pulling()
      const state = () => standing(agency!, { port }, user())
      expect(await until(async () => (await state())?.failure ?? false)).toMatch(/signed by nobody/)
      expect(await contacts()).toEqual([])
    }
  )

  test.each(['starttls', 'tls'])('is pulled by %s', async (encryption) => {
    dovecot.deliver(user(), lyingMail(1))
    const port = encryption === 'tls' ? dovecot.tlsPort : dovecot.port
    agency = await openAgency({ port }, { hello: { user: user(), encryption } })
    const child = startPulling(agency, { NODE_EXTRA_CA_CERTS: dovecot.certificate })
    expect(await untilTaken(1)).toHaveLength(1)
    await killEvenhand({ child })
  })
})

test('two processes that pull one mailbox take each mail once, oldest first', async () => {
  for (let number = 1; number <= 120; number++) dovecot.deliver(user(), lyingMail(number))
  await pull({ hello: { user: user() } })
  const second = await agency!.pulling()
  const found = await untilTaken(120)
  await second.stop()
  expect(found.map(({ evidence }) => evidence['uid'])).toEqual(
    Array.from({ length: 120 }, (_, index) => index + 1)
  )
})
