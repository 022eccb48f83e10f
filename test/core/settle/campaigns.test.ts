import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { membersOf } from '../../../core/campaigns/store.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, contactRow, lineOf, settlerOf } from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
beforeEach(() =>
  sql`truncate duplicate_contacts, duplicate_keys, campaigns, campaign_members, constituents,
      constituent_keys cascade`.execute(runtime.db)
)
afterAll(() => runtime.remove())

const petition = (
  own: string
) => `Dear council members, I urge you to vote against the proposed closure of the Riverside branch library. It is the only public building within
walking distance for two thousand families, the only place with free internet, and the place where our children do their homework in the afternoon.
Closing it would save less than half a percent of the town budget and would cost the neighbourhood its heart. ${own} Please keep Riverside open. Respectfully yours`
const names = [
  'Ann Able',
  'Bob Baker',
  'Cyd Clark',
  'Dee Dunn',
  'Eve Ellis',
  'Flo Farr',
  'Gus Grant',
  'Hal Hope',
  'Ida Innes',
  'Jon Jarvis'
]

async function petitions(count: number, from = 0): Promise<string[]> {
  const ids = []
  for (let n = from; n < from + count; n++) {
    const name = names[n % names.length]!
    const sender = {
      name,
      emails: [`${name.replace(' ', '.').toLowerCase()}.${n}@mail.example`],
      phones: [],
      addresses: []
    }
    ids.push(
      (
        await bringIn(runtime, {
          sender,
          text: petition(n % 3 === 0 ? `I have borrowed books there since ${1960 + n}.` : ''),
          raw: { externalId: randomUUID() }
        })
      ).contactId
    )
  }
  return ids
}

async function campaigns(): Promise<string[]> {
  const { rows } = await sql<{
    id: string
  }>`select id from campaigns where merged_into is null`.execute(runtime.db)
  return rows.map(({ id }) => id)
}

test('the same letter of different people: one case each at its own place, one campaign', async () => {
  const ids = await petitions(8)
  await settlerOf(runtime).settle(ids)
  const [campaign, ...more] = await campaigns()
  expect(more).toEqual([])
  expect((await membersOf(runtime.db, campaign!, 100)).toSorted()).toEqual(ids.toSorted())
  const cases = await Promise.all(ids.map(async (id) => (await contactRow(runtime, id)).case_id))
  expect(new Set(cases).size).toBe(8)
  expect((await lineOf(runtime)).filter((id) => cases.includes(id))).toEqual(cases)
})

test('later ones join it, set by set, also when settled by several at once', async () => {
  await settlerOf(runtime).settle(await petitions(3))
  const [more, evenMore] = [await petitions(4, 3), await petitions(3, 7)]
  await Promise.all([settlerOf(runtime).settle(more), settlerOf(runtime).settle(evenMore)])
  const [campaign] = await campaigns()
  expect(await campaigns()).toHaveLength(1)
  expect(await membersOf(runtime.db, campaign!, 100)).toHaveLength(10)
})

test('a person who sends it twice has one case in it', async () => {
  const sender = { name: 'Ann Able', emails: ['ann@mail.example'], phones: [], addresses: [] }
  await settlerOf(runtime).settle(await petitions(3, 1))
  const [first, second] = [
    await bringIn(runtime, { sender, text: petition(''), raw: { externalId: 'a' } }),
    await bringIn(runtime, { sender, text: petition(''), channel: 'web', raw: { externalId: 'b' } })
  ]
  await settlerOf(runtime).settle([first.contactId])
  await settlerOf(runtime).settle([second.contactId])
  expect(await contactRow(runtime, second.contactId)).toMatchObject({
    outcome: 'duplicate',
    case_id: (await contactRow(runtime, first.contactId)).case_id
  })
})

test('a letter of its own is in no campaign', async () => {
  await settlerOf(runtime).settle([
    (
      await bringIn(runtime, {
        text: 'The swing behind the library is broken and somebody should mend it before a child is hurt badly.'
      })
    ).contactId
  ])
  expect(await campaigns()).toEqual([])
})
