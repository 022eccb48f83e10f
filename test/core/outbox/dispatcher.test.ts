import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { SMTPServer } from 'smtp-server'
import { channels } from '../../../channels/index.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { answerAll } from '../../../core/campaigns/answer.ts'
import { addDraftFiles } from '../../../core/replies/draft-files.ts'
import { sendReply } from '../../../core/replies/send.ts'
import { newId } from '../../../platform/ids.ts'
import { verifyReplyToken } from '../../../core/outbox/reply-tokens.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, settlerOf, stand } from '../../helpers/contacts.ts'

let runtime: TestRuntime
afterEach(() => runtime.remove())

const jane = 'jane@mail.example'
const acknowledge = (...ids: string[]) => openDispatcher(runtime, channels).acknowledge(ids)
const outboxOf = (contactId: string) =>
  runtime.db
    .selectFrom('outbound')
    .selectAll()
    .where('contact_id', '=', contactId)
    .executeTakeFirstOrThrow()
const comeDue = (contactId: string) =>
  sql`update outbound set due_at = now() where contact_id = ${contactId}`.execute(runtime.db)
const mentions = async (contactId: string) =>
  await runtime.db
    .selectFrom('events')
    .select(['kind', 'data'])
    .where('contact_id', '=', contactId)
    .where('kind', 'like', 'receipt.%')
    .execute()

function outbox(): string[] {
  const folder = path.join(runtime.settings.DATA_DIR, 'outbox')
  return fs.existsSync(folder)
    ? fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), 'utf8'))
    : []
}

describe('with no mail server set, the receipt', () => {
  beforeEach(async () => {
    runtime = await createTestRuntime()
  })

  test("is a mail in the outbox, marked as automatic, with no return path and none of the resident's words", async () => {
    const { contactId, receipt } = await stand(runtime, {
      from: jane,
      subject: 'my SSN is 123-45-6789',
      text: 'my neighbour John Doe drinks'
    })
    await acknowledge(contactId)
    const [mail, ...more] = outbox()
    expect(more).toEqual([])
    expect(mail).toMatch(/^From: .*<hello@willowcreek\.example>\r\n/m)
    expect(mail).toMatch(/^To: jane@mail\.example\r\n/m)
    expect(mail).toMatch(/^Auto-Submitted: auto-replied\r\n/m)
    expect(mail).toContain(receipt)
    expect(mail).not.toMatch(/123-45-6789|John Doe/)
    const token = /^Reply-To: reply\+([^@]+)@willowcreek\.example\r\n/m.exec(mail!)![1]!
    expect(mail).toMatch(new RegExp(`^Message-ID: <r\\.${token}@willowcreek\\.example>\r\n`, 'm'))
    expect(verifyReplyToken(token, runtime.secret('reply'))).toBe(receipt)
    expect(await outboxOf(contactId)).toMatchObject({ state: 'sent', attempts: 1 })
    expect(await mentions(contactId)).toEqual([{ kind: 'receipt.sent', data: { filed: true } }])
  })

  test('is written once, however often it is asked for', async () => {
    const { contactId } = await stand(runtime, { from: jane })
    await acknowledge(contactId)
    await acknowledge(contactId, contactId)
    expect(await outboxOf(contactId)).toMatchObject({ attempts: 1 })
  })

  test.each([
    ['a contact with no address', {}],
    ['a machine that nobody reads', { from: 'noreply@mail.example' }],
    ['our own domain', { from: 'parks@willowcreek.example' }],
    ['a channel with no way back', { from: jane, channel: 'postal' as const }]
  ])(
    'goes nowhere for %s; it is recorded why, and the case stands in line all the same',
    async (_, mail) => {
      const { contactId, caseId } = await stand(runtime, mail)
      await acknowledge(contactId)
      expect(outbox()).toEqual([])
      const { state, reason } = await outboxOf(contactId)
      expect(state).toBe('undeliverable')
      expect(await mentions(contactId)).toEqual([
        { kind: 'receipt.not-sent', data: { reason, state: 'undeliverable' } }
      ])
      expect(
        await runtime.db
          .selectFrom('cases')
          .select('state')
          .where('id', '=', caseId)
          .executeTakeFirst()
      ).toEqual({ state: 'waiting' })
    }
  )

  test('stops after twenty to one address in a day, while contacts are taken in as before', async () => {
    const all = await Promise.all(
      Array.from({ length: 30 }, () => bringIn(runtime, { from: jane }))
    )
    const other = await bringIn(runtime, { from: 'joe@mail.example' })
    const ids = all.map(({ contactId }) => contactId)
    await settlerOf(runtime).settle([...ids, other.contactId])
    for (const id of ids) await acknowledge(id)
    await acknowledge(other.contactId)
    expect(outbox()).toHaveLength(21)
    expect(await runtime.db.selectFrom('cases').select('id').execute()).toHaveLength(31)
    const refused = await runtime.db
      .selectFrom('outbound')
      .select('reason')
      .where('state', '=', 'undeliverable')
      .execute()
    expect(refused).toEqual(
      Array.from({ length: 10 }, () => ({ reason: 'this address has had its replies for today' }))
    )
    expect(
      JSON.stringify(await runtime.db.selectFrom('reply_budget').selectAll().execute())
    ).not.toContain('jane')
  })
})

describe('with a mail server', () => {
  let server: SMTPServer
  const received: string[] = []
  const bodies: string[] = []
  beforeEach(async () => {
    received.length = 0
    bodies.length = 0
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        const chunks: Buffer[] = []
        stream
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => {
            bodies.push(Buffer.concat(chunks).toString())
            received.push(
              `${session.envelope.mailFrom ? session.envelope.mailFrom.address : ''} → ${session.envelope.rcptTo[0]!.address}`
            )
            done()
          })
      }
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    runtime = await createTestRuntime('postgres', {
      MAIL_URL: `smtp://127.0.0.1:${(server.server.address() as net.AddressInfo).port}`
    })
  })
  afterEach(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
  )

  test('two workers that are handed the same contact send one mail', async () => {
    const { contactId } = await stand(runtime, { from: jane })
    await Promise.all([acknowledge(contactId), acknowledge(contactId), acknowledge(contactId)])
    expect(received).toEqual([' → jane@mail.example'])
  })

  test("a reply to one case comes from the agency's address, under the mail it answers, with its file", async () => {
    const { contactId, caseId } = await stand(runtime, {
      from: jane,
      evidence: { headers: { 'message-id': ['<q1@mail.example>'] } }
    })
    await acknowledge(contactId)
    await runtime.line.takeNext({
      department: 'parks',
      actor: 'staff:ann',
      leaseSeconds: 60,
      mostHeld: 1
    })
    const sha256 = await runtime.blobs.put(Buffer.from('a map'))
    const file = { name: 'map.txt', mediaType: 'text/plain', bytes: 5, sha256 }
    await addDraftFiles(runtime.db, caseId, 'staff:ann', [file])
    await sendReply(runtime, {
      replyId: newId(),
      caseId,
      contactId,
      actor: 'staff:ann',
      way: 'mail',
      address: jane,
      typed: false,
      name: undefined,
      language: 'es',
      subject: 'Re: el parque\r\nBcc: eve@mail.example',
      text: 'Lo arreglamos el lunes.'
    })
    await acknowledge(contactId)
    expect(received).toEqual([
      ' → jane@mail.example',
      'hello@willowcreek.example → jane@mail.example'
    ])
    expect(bodies[1]).toMatch(/^In-Reply-To: <q1@mail\.example>\r\n/m)
    expect(bodies[1]).toMatch(/^Subject: Re: el parque Bcc: eve@mail\.example\r\n/m)
    expect(bodies[1]).not.toMatch(/^(Bcc|Auto-Submitted):/m)
    expect(bodies[1]).toContain('su comprobante')
    expect(bodies[1]).toContain('filename=map.txt')
  })

  test("what a person answers comes from the agency's address, and however many receipts went there today", async () => {
    const { contactId } = await stand(runtime, { from: jane })
    await acknowledge(contactId)
    await sql`update reply_budget set replies = 20`.execute(runtime.db)
    const {
      rows: [campaign]
    } = await sql<{ id: string }>`insert into campaigns default values returning id`.execute(
      runtime.db
    )
    await sql`insert into campaign_members (contact_id, campaign_id, joined_by, joined_why)
        values (${contactId}, ${campaign!.id}, 'staff:ann', 'a letter of it')`.execute(runtime.db)
    await answerAll(runtime, campaign!.id, 'The council will hear it on Monday.', 'staff:ann')
    await acknowledge(contactId)
    expect(received).toEqual([
      ' → jane@mail.example',
      'hello@willowcreek.example → jane@mail.example'
    ])
    expect(await runtime.db.selectFrom('reply_budget').select('replies').execute()).toEqual([
      { replies: 20 }
    ])
  })
})

test('what a mail server refuses for good is given up at once, and not tried again', async () => {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) =>
      done(Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.server.address() as net.AddressInfo
  runtime = await createTestRuntime('postgres', { MAIL_URL: `smtp://127.0.0.1:${port}` })
  const { contactId } = await stand(runtime, { from: jane })
  await acknowledge(contactId)
  const reason = 'the mail server of the address refuses it for good (550 5.1.1)'
  expect(await outboxOf(contactId)).toMatchObject({ state: 'failed', attempts: 1, reason })
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
})

describe('while the mail server refuses', () => {
  beforeEach(async () => {
    const closed = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => {
      closed.once('listening', resolve)
    })
    const { port } = closed.address() as net.AddressInfo
    await new Promise((resolve) => {
      closed.close(resolve)
    })
    runtime = await createTestRuntime('postgres', { MAIL_URL: `smtp://127.0.0.1:${port}` })
  })

  test('it is tried again later and later, and given up after eight attempts', async () => {
    const { contactId } = await stand(runtime, { from: jane })
    const waits: number[] = []
    for (let attempt = 1; attempt < 8; attempt += 1) {
      await acknowledge(contactId)
      const { rows } = await sql<{
        wait: number
      }>`select round(extract(epoch from due_at - now()) / 10)::int * 10 as wait from outbound
          where contact_id = ${contactId} and state = 'waiting' and attempts = ${attempt}`.execute(
        runtime.db
      )
      waits.push(rows[0]!.wait)
      await acknowledge(contactId)
      await comeDue(contactId)
    }
    expect(waits).toEqual([60, 120, 240, 480, 960, 1_920, 3_840])
    await acknowledge(contactId)
    expect(await outboxOf(contactId)).toMatchObject({ state: 'failed', attempts: 8 })
    expect(await mentions(contactId)).toMatchObject([{ kind: 'receipt.not-sent' }])
  })

  test('trying again does not use up what an address may get in a day', async () => {
    const { contactId } = await stand(runtime, { from: jane })
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await comeDue(contactId)
      await acknowledge(contactId)
    }
    expect(await runtime.db.selectFrom('reply_budget').select('replies').execute()).toEqual([
      { replies: 1 }
    ])
  })
})
