import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import fs from 'node:fs/promises'
import path from 'node:path'
import { randomUUID } from 'node:crypto'
import { channels } from '../../../channels/index.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { ANSWER_LIMIT, answerAll, takeOut } from '../../../core/campaigns/answer.ts'
import {
  campaignsOfCase,
  concerns,
  listCampaigns,
  viewCampaign
} from '../../../core/campaigns/view.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, contactRow, settlerOf } from '../../helpers/contacts.ts'

const petition = (
  own: string
) => `Dear council members, I urge you to vote against the proposed closure of the Riverside branch library. It is the only public building within
walking distance for two thousand families, the only place with free internet, and the place where our children do their homework in the afternoon.
Closing it would save less than half a percent of the town budget and would cost the neighbourhood its heart. ${own}Please keep Riverside open. Respectfully yours`
const own = [
  '',
  'My grandmother taught reading there for thirty years. ',
  '',
  'I learned English in its evening classes. '
]
const names = ['Ann Able', 'Bob Baker', 'Cyd Clark', 'Dee Dunn']

let runtime: TestRuntime
let ids: string[]
let campaignId: string
beforeAll(async () => {
  runtime = await createTestRuntime()
  ids = []
  for (const [n, name] of names.entries()) {
    const emails = [`${name.toLowerCase().replace(' ', '.')}@mail.example`]
    // The last one came by post: nothing can be mailed to it.
    ids.push(
      (
        await bringIn(runtime, {
          channel: n === 3 ? 'postal' : 'email',
          sender: {
            name,
            emails: n === 3 ? [] : emails,
            addresses: [`${n + 1} Oak Street, Springfield, IL 62704`]
          },
          text: petition(own[n]!),
          raw: { externalId: randomUUID() }
        })
      ).contactId
    )
  }
  await settlerOf(runtime).settle(ids)
  await sql`update outbound set state = 'sent'`.execute(runtime.db)
  campaignId = (await listCampaigns(runtime.db)).campaigns[0]!.campaignId
})
afterAll(() => runtime.remove())

test('campaigns are listed with their size, their cases and how the letter begins', async () => {
  expect(await listCampaigns(runtime.db)).toEqual({
    total: 1,
    campaigns: [
      expect.objectContaining({
        members: 4,
        waiting: 4,
        departments: ['parks'],
        excerpt: expect.stringMatching(/^Dear council members/)
      })
    ]
  })
  expect(await listCampaigns(runtime.db, { departments: ['water'] })).toEqual({
    total: 0,
    campaigns: []
  })
})

test('a campaign concerns the departments that have a case of it', async () => {
  expect(
    await Promise.all(
      [['parks', 'water'], ['water'], []].map((departments) =>
        concerns(runtime.db, campaignId, departments)
      )
    )
  ).toEqual([true, false, false])
  expect(
    await Promise.all([randomUUID(), 'nonsense'].map((id) => concerns(runtime.db, id, ['parks'])))
  ).toEqual([false, false])
})

test('the shared wording is shown once, and of each person their own words', async () => {
  const { members, sharedText, letters } = await viewCampaign(runtime.db, campaignId)
  expect(members).toBe(4)
  expect(sharedText).toMatch(/only place with free internet/)
  expect(
    letters.map(({ text, own: ranges }) =>
      ranges.map(({ start, end }) => text.slice(start, end)).join(' ')
    )
  ).toEqual(
    own.map((words) => (words === '' ? '' : expect.stringContaining(words.trim().slice(3, -3))))
  )
  expect(letters.map(({ name }) => name)).toEqual(names)
  const page = await viewCampaign(runtime.db, campaignId, { limit: 2, offset: 2 })
  expect(page.letters.map(({ contactId }) => contactId)).toEqual(
    letters.slice(2).map(({ contactId }) => contactId)
  )
})

test('the page of a case leads to its campaign', async () => {
  expect(await campaignsOfCase(runtime.db, (await contactRow(runtime, ids[1]!)).case_id!)).toEqual([
    { campaignId, members: 4 }
  ])
})

test('an answer goes to each by their channel, with an event of its own; cases stay in line', async () => {
  const { answerId, enqueued } = await answerAll(
    runtime,
    campaignId,
    'The council has postponed the vote to January. You are welcome to speak at the meeting.',
    'staff:ann'
  )
  expect(enqueued).toBe(4)
  await openDispatcher(runtime, channels).acknowledge(ids)
  const rows = await runtime.db
    .selectFrom('outbound')
    .select(['contact_id', 'state', 'reason'])
    .where('kind', '=', `answer:${answerId}`)
    .execute()
  expect(rows.map(({ contact_id: id, state }) => [ids.indexOf(id), state]).toSorted()).toEqual([
    [0, 'sent'],
    [1, 'sent'],
    [2, 'sent'],
    [3, 'undeliverable']
  ])
  const outbox = path.join(runtime.settings.DATA_DIR, 'outbox')
  const mails = await Promise.all(
    (await fs.readdir(outbox)).map((name) => fs.readFile(path.join(outbox, name), 'utf8'))
  )
  expect(mails).toHaveLength(3)
  for (const mail of mails) expect(mail).toMatch(/postponed the vote/)
  for (const mail of mails) expect(mail).not.toMatch(/Auto-Submitted/i)
  const events = await runtime.db
    .selectFrom('events')
    .select(['contact_id', 'kind'])
    .where('kind', 'in', ['case.answered', 'message.sent', 'message.not-sent'])
    .execute()
  for (const id of ids)
    expect(events.filter(({ contact_id: of }) => of === id).map(({ kind }) => kind)).toEqual([
      'case.answered',
      id === ids[3] ? 'message.not-sent' : 'message.sent'
    ])
  expect((await viewCampaign(runtime.db, campaignId)).answers).toEqual([
    expect.objectContaining({
      answerId,
      by: 'staff:ann',
      sent: 0,
      filed: 3,
      waiting: 0,
      notSent: 1
    })
  ])
  expect((await listCampaigns(runtime.db)).campaigns[0]?.waiting).toBe(4)
})

test('a second answer is another one', async () => {
  expect(
    await answerAll(runtime, campaignId, 'The library stays open.', 'staff:ann')
  ).toMatchObject({ enqueued: 4 })
})

test('an answer needs words, not too many, and a campaign', async () => {
  await expect(answerAll(runtime, campaignId, '\u200B ', 'staff:ann')).rejects.toMatchObject({
    code: 'TEXT_REQUIRED'
  })
  await expect(
    answerAll(runtime, campaignId, 'x'.repeat(ANSWER_LIMIT + 1), 'staff:ann')
  ).rejects.toMatchObject({ code: 'TEXT_REQUIRED' })
  await expect(answerAll(runtime, randomUUID(), 'Hello.', 'staff:ann')).rejects.toMatchObject({
    code: 'NOT_FOUND'
  })
  await expect(viewCampaign(runtime.db, 'nonsense')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(
    (await answerAll(runtime, campaignId, 'x'.repeat(ANSWER_LIMIT), 'staff:ann')).enqueued
  ).toBe(4)
})

test('a letter taken out is no longer counted', async () => {
  await takeOut(runtime.db, ids[0]!, 'staff:ann', 'about another library')
  expect((await viewCampaign(runtime.db, campaignId)).members).toBe(3)
  await expect(takeOut(runtime.db, ids[0]!, 'staff:ann', 'again')).rejects.toMatchObject({
    code: 'NOT_FOUND'
  })
})
