import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import fs from 'node:fs'
import path from 'node:path'
import { sql } from 'kysely'
import { channels } from '../../../channels/index.ts'
import { rawContact } from '../../../channels/sms/receive.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import type { RawContact, StoredRaw } from '../../../core/intake/channel.ts'
import { TranslatePool } from '../../../core/reading/pool.ts'
import { Reader } from '../../../core/reading/reader.ts'
import { signReplyToken } from '../../../core/outbox/reply-tokens.ts'
import type { SignatureVerdict } from '../../../platform/providers/twilio/webhook.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { settlerOf, stand } from '../../helpers/contacts.ts'
import { mailWith } from '../../helpers/mail.ts'
import { documentsOf, openStage } from '../../helpers/pipeline.ts'
import { textPdf } from '../documents/fixtures.ts'

let runtime: TestRuntime
let pool: TranslatePool
beforeAll(() => {
  pool = new TranslatePool(new URL('../../../channels/translate-thread.ts', import.meta.url), {
    readers: 1
  })
})
afterAll(() => pool.close())
beforeEach(async () => {
  runtime = await createTestRuntime()
})
afterEach(() => runtime.remove())

async function mail(
  headers: Record<string, string> = {},
  more: Partial<RawContact> = {}
): Promise<RawContact> {
  const mailFrom = 'jane@mail.example'
  return {
    channel: 'email',
    source: 'smtp',
    mediaType: 'message/rfc822',
    recipients: ['hello@willowcreek.example'],
    evidence: { mailFrom },
    bytes: await mailWith(
      'Please see the form.',
      [{ name: 'scan.pdf', type: 'application/pdf', bytes: await (await textPdf()).save() }],
      {
        to: 'hello@willowcreek.example',
        headers: {
          'Message-ID': '<one@mail.example>',
          Date: 'Sat, 28 Nov 2026 10:00:00 -0600',
          ...headers
        }
      }
    ),
    ...more
  }
}

/** Accepted and read as far as its own words; its documents are not. */
async function take(raw: RawContact | Promise<RawContact>) {
  const accepted = await runtime.acceptor.accept(await raw)
  const enqueued: string[] = []
  await new Reader({
    ...runtime,
    pool,
    onRead: () => undefined,
    onEnqueued: (ids) => enqueued.push(...ids)
  }).read([accepted.contactId])
  return { ...accepted, enqueued }
}

const acknowledge = (...ids: string[]) => openDispatcher(runtime, channels).acknowledge(ids)
const stateOf = async (id: string) =>
  (
    await runtime.db
      .selectFrom('contacts')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  ).state
const duties = (id: string) =>
  runtime.db
    .selectFrom('outbound')
    .select(['state', 'reason'])
    .where('contact_id', '=', id)
    .execute()

async function finish(id: string): Promise<void> {
  const stage = openStage(runtime)
  await stage.read(await documentsOf(runtime, [id]))
  await stage.close()
  await settlerOf(runtime).settle([id])
}

function outbox(): string[] {
  const folder = path.join(runtime.settings.DATA_DIR, 'outbox')
  return fs.existsSync(folder)
    ? fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), 'utf8'))
    : []
}

describe('a mail with a scan', () => {
  test('is told of its receipt before a page of the scan is read, and once only', async () => {
    const { contactId, receipt, enqueued } = await take(mail())
    expect([await stateOf(contactId), enqueued]).toEqual(['documents', [contactId]])
    await acknowledge(contactId)
    const [told] = outbox()
    expect(told).toContain(receipt)
    expect(told).toContain('Department: not known yet')
    expect(await stateOf(contactId)).toBe('documents')
    await finish(contactId)
    await acknowledge(contactId)
    expect(outbox()).toHaveLength(1)
    expect(await duties(contactId)).toEqual([{ state: 'sent', reason: null }])
  })

  test('whose department was found before it could be told names it', async () => {
    const { contactId } = await take(mail())
    await finish(contactId)
    await acknowledge(contactId)
    expect(outbox()).toHaveLength(1)
    expect(outbox()[0]).not.toContain('not known yet')
  })
})

describe('nothing is said early', () => {
  test.each([
    ['to an automatic mail', { 'Auto-Submitted': 'auto-generated' }, {}],
    ['to a mailing list', { 'List-Id': '<x.example>' }, {}],
    ['to nobody', {}, { evidence: { mailFrom: '' } }],
    ['to a machine', {}, { evidence: { mailFrom: 'noreply@mail.example' } }]
  ])('%s; settling puts on record why', async (_, headers, more) => {
    const { contactId } = await take(mail(headers as Record<string, string>, more))
    await acknowledge(contactId)
    expect([outbox(), await duties(contactId)]).toEqual([[], []])
    await finish(contactId)
    await acknowledge(contactId)
    expect(await duties(contactId)).toEqual([
      { state: 'undeliverable', reason: expect.any(String) }
    ])
    expect(outbox()).toEqual([])
  })

  test('to who answers a receipt of ours', async () => {
    const first = await stand(runtime, { from: 'jane@mail.example' })
    const { contactId } = await take(
      mail({
        'In-Reply-To': `<r.${signReplyToken(first.receipt, runtime.secret('reply'))}@willowcreek.example>`
      })
    )
    await acknowledge(contactId)
    await finish(contactId)
    await acknowledge(contactId)
    expect([outbox(), await duties(contactId)]).toEqual([[], []])
  })

  test('to a delivery that repeats another, and the other is told once', async () => {
    const raw = await mail()
    const first = await take(raw)
    const again = await take({
      ...raw,
      recipients: ['hello@willowcreek.example', 'copy@willowcreek.example']
    })
    expect(again.contactId).not.toBe(first.contactId)
    await acknowledge(first.contactId, again.contactId)
    for (const { contactId } of [first, again]) await finish(contactId)
    await acknowledge(first.contactId, again.contactId)
    expect(outbox()).toHaveLength(1)
  })

  test('to a contact that nobody vouches for', async () => {
    const { contactId } = await take(mail({}, { quarantine: 'It carries no signature.' }))
    expect(await duties(contactId)).toEqual([])
    await acknowledge(contactId)
    await finish(contactId)
    await acknowledge(contactId)
    expect([outbox(), await duties(contactId)]).toEqual([[], []])
  })
})

test('a duty that is taken back while the contact is settled stands', async () => {
  const { contactId } = await take(mail({}, { evidence: { mailFrom: 'noreply@mail.example' } }))
  await Promise.all([acknowledge(contactId), finish(contactId)])
  await acknowledge(contactId)
  expect(await duties(contactId)).toEqual([{ state: 'undeliverable', reason: expect.any(String) }])
})

describe('a text with a picture', () => {
  const digits = (prefix: string) => prefix + '0123456789abcdef'.repeat(2)
  const parameters = {
    MessageSid: digits('MM'),
    AccountSid: digits('AC'),
    From: '+15125550143',
    To: '+15125550100',
    Body: 'There is a pothole here',
    NumMedia: '1',
    NumSegments: '1',
    MediaUrl0: `https://api.twilio.com/2010-04-01/Accounts/${digits('AC')}/Messages/${digits('MM')}/Media/${digits('ME')}`,
    MediaContentType0: 'image/jpeg'
  }
  const read = async (id: string) => {
    const filesOf = (raw: StoredRaw) =>
      channels.find(({ kind }) => kind === raw.channel)?.remoteFiles?.(raw, runtime.settings) ?? []
    await new Reader({
      ...runtime,
      pool,
      onRead: () => undefined,
      remote: { filesOf, onWanted: () => undefined }
    }).read([id])
  }
  const bring = async (verdict: SignatureVerdict) => {
    const { contactId, receipt } = await runtime.acceptor.accept(
      rawContact(
        Buffer.from(new URLSearchParams(parameters).toString()),
        'application/x-www-form-urlencoded',
        verdict
      )
    )
    await read(contactId)
    await acknowledge(contactId)
    return { contactId, receipt }
  }

  test('is told of its receipt while the provider keeps the picture, and once only', async () => {
    const { contactId, receipt } = await bring(true)
    expect(await stateOf(contactId)).toBe('accepted')
    expect(outbox()).toEqual([expect.stringContaining(receipt)])
    await sql`update remote_files set state = 'missing',
        reason = 'The provider no longer has the file.'`.execute(runtime.db)
    await read(contactId)
    await finish(contactId)
    await acknowledge(contactId)
    expect([await stateOf(contactId), outbox().length]).toEqual(['settled', 1])
  })

  test('that nobody signed is told nothing', async () => {
    const { contactId } = await bring('It carries no signature of Twilio.')
    expect([outbox(), await duties(contactId)]).toEqual([[], []])
  })
})
