import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { ocrNoise } from '../../../bench/ocr-noise.ts'
import {
  countMembers,
  leaveCampaign,
  membersOf,
  splitCampaign
} from '../../../core/campaigns/store.ts'
import { joinCampaigns } from '../../../core/campaigns/join-set.ts'
import { comparable } from '../../../core/duplicates/comparable.ts'
import { judge, type SameParty } from '../../../core/duplicates/judge.ts'
import { findNear } from '../../../core/duplicates/near.ts'
import { NEWEST_PER_KEY } from '../../../core/duplicates/key-index.ts'
import { contentOf } from '../../../core/duplicates/content.ts'
import { decideLink } from '../../../core/duplicates/links.ts'
import {
  forgetBefore,
  holdersOf,
  lockTexts,
  indexContacts,
  sketchOf,
  type ComparedContact
} from '../../../core/duplicates/store.ts'
import { campaignOf } from '../../helpers/campaigns.ts'
import { linksOf } from '../../helpers/case-links.ts'
import { openTestTables, type TestTables } from '../../helpers/tables.ts'

const letter =
  'The street light at the corner of Elm Street and Third Avenue has been out since last Tuesday evening. Children cross there on ' +
  'their way home from practice and drivers cannot see them. Please send somebody to repair it before the weekend, as was promised in May.'
const start = Date.UTC(2026, 4, 1)

let postgres: TestTables
beforeAll(async () => {
  postgres = await openTestTables()
})
afterAll(async () => {
  await postgres.stop()
})
beforeEach(async () => {
  await sql`truncate duplicate_contacts, duplicate_keys, case_links, campaigns,
      campaign_members cascade`.execute(postgres.db)
})

const texts = new Map<string, string>()

function contact(text: string, hours = 0, more: Partial<ComparedContact> = {}): ComparedContact {
  const contactId = randomUUID()
  texts.set(contactId, text)
  return {
    contactId,
    arrivedAt: new Date(start + hours * 3_600_000),
    text: comparable(text),
    content: contentOf(text),
    ...more
  }
}

async function remember(...contacts: ComparedContact[]): Promise<void> {
  await indexContacts(postgres.db, contacts)
}

async function near(of: ComparedContact, ownEarlier: string[] = []): Promise<ComparedContact[]> {
  const found = await findNear(postgres.db, [of], new Map([[of.contactId, ownEarlier]]), 504)
  return found.get(of.contactId)!.map((other) => {
    const text = texts.get(other.contactId)!
    return { ...other, text: comparable(text), content: contentOf(text) }
  })
}

async function neighbours(of: ComparedContact, sameParty: SameParty, ownEarlier: string[] = []) {
  const at = (one: ComparedContact) => ({ ...one, at: one.arrivedAt.getTime() })
  return (await near(of, ownEarlier)).map((other) => ({
    ...other,
    sameParty,
    verdict: judge(at(other), at(of), sameParty, 504)
  }))
}

describe('the index in PostgreSQL', () => {
  test('finds the scanned copy of an earlier letter', async () => {
    const written = contact(letter)
    await remember(
      contact('Where do I renew a dog licence, and what does it cost this year?'),
      written
    )
    const found = await neighbours(contact(ocrNoise(letter, 0.02, 3), 30), 'same')
    expect(found.map(({ contactId, verdict }) => [contactId, verdict.kind])).toEqual([
      [written.contactId, 'likely']
    ])
  })

  test('remembering twice changes nothing, and a contact is not its own neighbour', async () => {
    const one = contact(letter)
    await remember(one, one)
    expect(await neighbours(one, 'same')).toEqual([])
    expect(
      (await sql<{ count: string }>`select count(*) from duplicate_contacts`.execute(postgres.db))
        .rows[0]?.count
    ).toBe('1')
  })

  test('reads a bounded number of holders of a phrase that everyone uses, and the newest of them', async () => {
    const all = Array.from({ length: NEWEST_PER_KEY + 10 }, (_, no) => contact(letter, no / 100))
    await remember(...all)
    const keys = [...sketchOf(comparable(letter))]
    const holders = await holdersOf(postgres.db, keys)
    const numbers = await sql<{ no: string }>`select no::text from duplicate_contacts
      where contact_id = any(${all.map(({ contactId }) => contactId)}::uuid[])
        order by duplicate_contacts.no desc
      limit ${NEWEST_PER_KEY}`.execute(postgres.db)
    const newest = numbers.rows.map(({ no }) => no)
    expect(keys.map((key) => holders.get(key))).toEqual(keys.map(() => newest))
  })

  test("a person's own earlier contacts are compared even when a crowd sent the same words since", async () => {
    const mine = contact(letter)
    await remember(
      mine,
      ...Array.from({ length: NEWEST_PER_KEY * 2 }, (_, no) => contact(letter, 1 + no / 100))
    )
    const found = await neighbours(contact(letter, 5), 'same', [mine.contactId])
    expect(found[0]).toMatchObject({ contactId: mine.contactId, verdict: { kind: 'sure' } })
  })

  test('a report at the same place is found whatever its words', async () => {
    const location = { lat: 42.35, long: -71.06 }
    const lamp = contact('Lamp out', 0, { location, category: 'Lighting' })
    await remember(
      lamp,
      contact('Lamp out', 0, { location: { lat: 42.45, long: -71.06 }, category: 'Lighting' })
    )
    const found = await neighbours(
      contact('Very dark here, please do something', 2, {
        location: { lat: 42.3502, long: -71.06 },
        category: 'Lighting'
      }),
      'unknown'
    )
    expect(found.map(({ contactId, verdict }) => [contactId, verdict.kind])).toEqual([
      [lamp.contactId, 'likely']
    ])
  })

  test.each([
    ['empty', ''],
    ['NUL', 'a\u0000b'],
    ['emoji', '👍🏽'],
    ['one letter', 'a'.repeat(1_000_000)],
    ['a lone surrogate', 'x\uD800y']
  ])('a text of %s is stored and looked up', async (_, text) => {
    await remember(contact(text))
    expect(
      (await neighbours(contact(text, 1), 'same')).every(({ verdict }) => verdict.kind !== 'sure')
    ).toBe(true)
  })

  test('what is older than the window is not found, and is forgotten the earliest first', async () => {
    const [old, kept] = [contact(letter, -600), contact(letter, -10)]
    await remember(old, kept)
    expect((await near(contact(letter, 1))).map(({ contactId }) => contactId)).toEqual([
      kept.contactId
    ])
    const forget = (most: number) =>
      forgetBefore(postgres.db, new Date(start - 500 * 3_600_000), most)
    await remember(contact(letter, -700), contact(letter, -650))
    expect([await forget(2), await forget(2), await forget(2)]).toEqual([2, 1, 0])
  })

  test('two transactions with the same text wait for each other, with different texts they do not', async () => {
    const other = comparable('Where do I renew a dog licence, and what does it cost this year?')
    await postgres.db.transaction().execute(async (first) => {
      await lockTexts(first, [comparable(letter)])
      await postgres.db.transaction().execute(async (second) => lockTexts(second, [other]))
      const waiting = postgres.db.transaction().execute(async (second) => {
        await sql`set local lock_timeout = '50ms'`.execute(second)
        await lockTexts(second, [comparable(letter.toUpperCase())])
      })
      await expect(waiting).rejects.toMatchObject({ code: '55P03' })
    })
  })
})

describe('links', () => {
  async function linked(state: 'joined' | 'suggested'): Promise<string> {
    const [earlier, later] = [randomUUID(), randomUUID()]
    await sql`insert into case_links (contact_id, earlier_contact_id, state, reason, evidence,
        made_by) values (${later}, ${earlier}, ${state}, 'the same text', '{}', 'settle')`.execute(
      postgres.db
    )
    return later
  }

  test('a person undoes what was joined, with who and why', async () => {
    const later = await linked('joined')
    const [link] = await linksOf(postgres.db, later)
    expect(await decideLink(postgres.db, link!.id, 'undo', 'clerk-7', 'two different lamps')).toBe(
      true
    )
    expect(await linksOf(postgres.db, later)).toMatchObject([
      { state: 'undone', decidedBy: 'clerk-7', decidedWhy: 'two different lamps' }
    ])
  })

  test('a suggestion can be joined or declined once, and not undone before', async () => {
    const id = (await linksOf(postgres.db, await linked('suggested')))[0]!.id
    const decided = [
      await decideLink(postgres.db, id, 'undo', 'c', 'w'),
      await decideLink(postgres.db, id, 'decline', 'c', 'w'),
      await decideLink(postgres.db, id, 'join', 'c', 'w')
    ]
    expect(decided).toEqual([false, true, false])
  })
})

async function arrive(text: string, party: SameParty = 'different'): Promise<string> {
  const one = contact(text, texts.size / 1000)
  const near = await neighbours(one, party)
  await remember(one)
  await joinCampaigns(postgres.db, [{ contactId: one.contactId, text: one.text, near }])
  return one.contactId
}

describe('campaigns in PostgreSQL', () => {
  test('the same letter of different people is one campaign, each person a member', async () => {
    const ids = [
      await arrive(letter),
      await arrive(`${letter} I live next door.`),
      await arrive(`Good day. ${letter}`)
    ]
    const campaign = (await campaignOf(postgres.db, ids[0] ?? '')) ?? ''
    expect(await countMembers(postgres.db, campaign)).toBe(3)
    expect((await membersOf(postgres.db, campaign, 10)).sort()).toEqual(ids.sort())
  })

  test('the same letter of the same person makes no campaign', async () => {
    await arrive(letter)
    expect(await campaignOf(postgres.db, await arrive(letter, 'same'))).toBeUndefined()
  })

  test('a member taken out stays out, and the others stay in', async () => {
    const ids = [await arrive(letter), await arrive(letter), await arrive(letter)]
    expect(await leaveCampaign(postgres.db, ids[1] ?? '', 'clerk-7', 'a matter of her own')).toBe(
      true
    )
    const campaign = (await campaignOf(postgres.db, await arrive(letter))) ?? ''
    expect([
      await campaignOf(postgres.db, ids[1] ?? ''),
      await countMembers(postgres.db, campaign)
    ]).toEqual([undefined, 3])
  })

  test('a letter that holds two campaigns merges them, and a person can split them again for good', async () => {
    const second =
      'We also ask for a bench at the bus stop in front of the health centre, where people with walking frames wait in the rain for half an hour ' +
      'or longer every day. A roof would be better still, and the bus company has said in writing that it would pay for one half of it this year.'
    const [a, b] = [await arrive(letter), await arrive(second)]
    await arrive(letter)
    await arrive(second)
    const [one, two] = [await campaignOf(postgres.db, a), await campaignOf(postgres.db, b)]
    expect(one).not.toBe(two)
    await arrive(`${letter} ${second}`)
    expect([await campaignOf(postgres.db, a), await campaignOf(postgres.db, b)]).toEqual([one, one])
    expect(await splitCampaign(postgres.db, two ?? '', 'clerk-7', 'two matters')).toBe(true)
    await arrive(`${letter} ${second}`)
    expect([await campaignOf(postgres.db, a), await campaignOf(postgres.db, b)]).toEqual([one, two])
  })
})
