import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { SMTPServer } from 'smtp-server'
import { channels } from '../../channels/index.ts'
import { Acknowledger } from '../../core/acknowledge.ts'
import { answerAll } from '../../core/campaigns/answer.ts'
import { verifyReplyToken } from '../../core/reply-tokens.ts'
import { createTestGround, type TestGround } from '../helpers/ground.ts'
import { bringIn, settlerOf, stand } from '../helpers/contacts.ts'

let ground: TestGround
afterEach(() => ground.remove())

const jane = 'jane@mail.example'
const acknowledge = (...ids: string[]) => new Acknowledger(ground, channels).acknowledge(ids)
const owedOf = (contactId: string) => ground.db.selectFrom('outbound').selectAll().where('contact_id', '=', contactId).executeTakeFirstOrThrow()
const comeDue = (contactId: string) => sql`update outbound set due_at = now() where contact_id = ${contactId}`.execute(ground.db)
const mentions = async (contactId: string) => (await ground.db.selectFrom('events').select(['kind', 'data']).where('contact_id', '=', contactId).where('kind', 'like', 'receipt.%').execute())

function outbox(): string[] {
  const folder = path.join(ground.settings.DATA_DIR, 'outbox')
  return fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), 'utf8')) : []
}

describe('with no mail server set, the receipt', () => {
  beforeEach(async () => { ground = await createTestGround() })

  test('is a mail in the outbox, marked as automatic, with no return path and none of the resident\'s words', async () => {
    const { contactId, receipt } = await stand(ground, { from: jane, subject: 'my SSN is 123-45-6789', text: 'my neighbour John Doe drinks' })
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
    expect(verifyReplyToken(token, ground.secret('reply'))).toBe(receipt)
    expect(await owedOf(contactId)).toMatchObject({ state: 'sent', attempts: 1 })
    expect(await mentions(contactId)).toEqual([{ kind: 'receipt.sent', data: {} }])
  })

  test('is written once, however often it is asked for', async () => {
    const { contactId } = await stand(ground, { from: jane })
    await acknowledge(contactId)
    await acknowledge(contactId, contactId)
    expect(await owedOf(contactId)).toMatchObject({ attempts: 1 })
  })

  test.each([
    ['a contact with no address', {}],
    ['a machine that nobody reads', { from: 'noreply@mail.example' }],
    ['our own domain', { from: 'parks@willowcreek.example' }],
    ['a channel with no way back', { from: jane, channel: 'postal' as const }]
  ])('goes nowhere for %s; it is recorded why, and the case stands in line all the same', async (_, mail) => {
    const { contactId, caseId } = await stand(ground, mail)
    await acknowledge(contactId)
    expect(outbox()).toEqual([])
    const { state, reason } = await owedOf(contactId)
    expect(state).toBe('undeliverable')
    expect(await mentions(contactId)).toEqual([{ kind: 'receipt.not-sent', data: { reason } }])
    expect(await ground.db.selectFrom('cases').select('state').where('id', '=', caseId).executeTakeFirst()).toEqual({ state: 'waiting' })
  })

  test('stops after twenty to one address in a day, while contacts are taken in as before', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => bringIn(ground, { from: jane })))
    const other = await bringIn(ground, { from: 'joe@mail.example' })
    const ids = all.map(({ contactId }) => contactId)
    await settlerOf(ground).settle([...ids, other.contactId])
    for (const id of ids) await acknowledge(id)
    await acknowledge(other.contactId)
    expect(outbox()).toHaveLength(21)
    expect(await ground.db.selectFrom('cases').select('id').execute()).toHaveLength(31)
    const refused = await ground.db.selectFrom('outbound').select('reason').where('state', '=', 'undeliverable').execute()
    expect(refused).toEqual(Array.from({ length: 10 }, () => ({ reason: 'this address has had its replies for today' })))
    expect(JSON.stringify(await ground.db.selectFrom('reply_budget').selectAll().execute())).not.toContain('jane')
  })
})

describe('with a mail server', () => {
  let server: SMTPServer
  const received: string[] = []
  beforeEach(async () => {
    received.length = 0
    server = new SMTPServer({
      authOptional: true, disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => { stream.resume().on('end', () => { received.push(`${session.envelope.mailFrom ? session.envelope.mailFrom.address : ''} → ${session.envelope.rcptTo[0]!.address}`); done() }) }
    })
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    ground = await createTestGround('postgres', { MAIL_URL: `smtp://127.0.0.1:${(server.server.address() as net.AddressInfo).port}` })
  })
  afterEach(() => new Promise<void>((resolve) => { server.close(() => resolve()) }))

  test('two workers that are handed the same contact send one mail', async () => {
    const { contactId } = await stand(ground, { from: jane })
    await Promise.all([acknowledge(contactId), acknowledge(contactId), acknowledge(contactId)])
    expect(received).toEqual([' → jane@mail.example'])
  })

  test('what a person answers comes from the agency\'s address, and however many receipts went there today', async () => {
    const { contactId } = await stand(ground, { from: jane })
    await acknowledge(contactId)
    await sql`update reply_budget set replies = 20`.execute(ground.db)
    const { rows: [campaign] } = await sql<{ id: string }>`insert into campaigns default values returning id`.execute(ground.db)
    await sql`insert into campaign_members (contact_id, campaign_id, joined_by, joined_why) values (${contactId}, ${campaign!.id}, 'staff:ann', 'a letter of it')`.execute(ground.db)
    await answerAll(ground, campaign!.id, 'The council will hear it on Monday.', 'staff:ann')
    await acknowledge(contactId)
    expect(received).toEqual([' → jane@mail.example', 'hello@willowcreek.example → jane@mail.example'])
    expect(await ground.db.selectFrom('reply_budget').select('replies').execute()).toEqual([{ replies: 20 }])
  })
})

describe('while the mail server refuses', () => {
  beforeEach(async () => {
    const closed = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => { closed.once('listening', resolve) })
    const { port } = closed.address() as net.AddressInfo
    await new Promise((resolve) => { closed.close(resolve) })
    ground = await createTestGround('postgres', { MAIL_URL: `smtp://127.0.0.1:${port}` })
  })

  test('it is tried again later and later, and given up after eight attempts', async () => {
    const { contactId } = await stand(ground, { from: jane })
    const waits: number[] = []
    for (let attempt = 1; attempt < 8; attempt += 1) {
      await acknowledge(contactId)
      const { rows } = await sql<{ wait: number }>`select round(extract(epoch from due_at - now()) / 10)::int * 10 as wait from outbound where contact_id = ${contactId} and state = 'waiting' and attempts = ${attempt}`.execute(ground.db)
      waits.push(rows[0]!.wait)
      await acknowledge(contactId)
      await comeDue(contactId)
    }
    expect(waits).toEqual([60, 120, 240, 480, 960, 1_920, 3_840])
    await acknowledge(contactId)
    expect(await owedOf(contactId)).toMatchObject({ state: 'failed', attempts: 8 })
    expect(await mentions(contactId)).toMatchObject([{ kind: 'receipt.not-sent' }])
  })

  test('trying again does not use up what an address may get in a day', async () => {
    const { contactId } = await stand(ground, { from: jane })
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await comeDue(contactId)
      await acknowledge(contactId)
    }
    expect(await ground.db.selectFrom('reply_budget').select('replies').execute()).toEqual([{ replies: 1 }])
  })
})
