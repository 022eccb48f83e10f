import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import {
  decidePossible,
  mergePeople,
  undoPersonLink,
  unmergePeople
} from '../../../core/people/review.ts'
import { findPossible, listPossible } from '../../../core/people/possible.ts'
import { openRecognition } from '../../../core/people/recognition.ts'
import { constituentView, findConstituents, peopleOf } from '../../../core/people/view.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, settlerOf, type Mail } from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
beforeEach(() =>
  sql`truncate constituents, constituent_keys, mentions, mention_keys, looks_due cascade`.execute(
    runtime.db
  )
)
afterAll(() => runtime.remove())

const jane = { name: 'Jane Roe', emails: ['jane.roe@mail.example'], phones: ['(217) 555-0142'] }
const matchContext = () => openRecognition(runtime)()

async function settle(sender: NonNullable<Mail['sender']>): Promise<string> {
  const { contactId } = await bringIn(runtime, { sender, text: randomUUID() })
  await settlerOf(runtime).settle([contactId])
  return contactId
}

async function janeAndAPossible(): Promise<{
  known: string
  possible: string
  constituent: string
}> {
  const known = await settle(jane)
  const possible = await settle({ emails: ['jane.roe@mail.example'], phones: ['(312) 555-0188'] })
  return {
    known,
    possible,
    constituent: (await peopleOf(runtime.db, [known]))[0]!.constituent.constituentId
  }
}

describe('the review page', () => {
  test('shows what the contact says, who it may be, and why', async () => {
    const { possible, constituent } = await janeAndAPossible()
    const {
      total,
      people: [one]
    } = await listPossible(runtime.db)
    expect(total).toBe(1)
    expect(one).toMatchObject({
      contactId: possible,
      role: 'sender',
      department: 'parks',
      named: { emails: ['jane.roe@mail.example'] }
    })
    expect(one!.candidates).toEqual([
      expect.objectContaining({
        reason: expect.any(String),
        constituent: expect.objectContaining({
          constituentId: constituent,
          names: [expect.objectContaining({ value: 'Jane Roe' })]
        })
      })
    ])
    expect(one!.candidates[0]!.waterfall.map(({ field }) => field)).toContain('email')
    expect((await listPossible(runtime.db, 10, ['water'])).total).toBe(0)
  })

  test('finds the one that was asked for wherever it waits, and counts those it does not show', async () => {
    await janeAndAPossible()
    const last = await settle({ emails: ['jane.roe@mail.example'], phones: ['(312) 555-0189'] })
    expect(await listPossible(runtime.db, 1)).toMatchObject({
      total: 2,
      people: [{ role: 'sender' }]
    })
    expect(await findPossible(runtime.db, last, 'sender')).toEqual(
      (await listPossible(runtime.db)).people[1]
    )
    expect(await findPossible(runtime.db, last, 'sender', ['parks'])).toMatchObject({
      contactId: last
    })
    for (const [id, role, departments] of [
      [last, 'subject'],
      [randomUUID(), 'sender'],
      ['nonsense', 'sender'],
      [last, 'sender', ['water']]
    ] as const) {
      expect(await findPossible(runtime.db, id, role, departments)).toBeUndefined()
    }
  })

  test('the same: linked by that person, and known by the new phone from now on', async () => {
    const { possible, constituent } = await janeAndAPossible()
    await decidePossible(
      runtime.db,
      await matchContext(),
      { contactId: possible, role: 'sender' },
      { kind: 'same', constituentId: constituent },
      { actor: 'staff:ann', reason: 'she said so on the phone' }
    )
    expect((await listPossible(runtime.db)).total).toBe(0)
    expect(await peopleOf(runtime.db, [possible])).toEqual([
      expect.objectContaining({
        verdict: 'linked',
        by: 'staff:ann',
        reason: 'she said so on the phone',
        constituent: expect.objectContaining({ constituentId: constituent })
      })
    ])
    expect(
      (await constituentView(runtime.db, constituent)).phones.map(({ value }) => value)
    ).toEqual(['(217) 555-0142', '(312) 555-0188'])
    const again = await settle({ name: 'Jane Roe', phones: ['312 555 0188'] })
    expect((await peopleOf(runtime.db, [again])).map(({ verdict }) => verdict)).not.toContain('new')
  })

  test('taken back, it waits again and nothing of it is left', async () => {
    const { possible, constituent } = await janeAndAPossible()
    const linkId = await decidePossible(
      runtime.db,
      await matchContext(),
      { contactId: possible, role: 'sender' },
      { kind: 'same', constituentId: constituent },
      { actor: 'staff:ann', reason: 'sounds like her' }
    )
    await undoPersonLink(
      runtime.db,
      await matchContext(),
      linkId!,
      'staff:bob',
      'it was her sister'
    )
    expect((await listPossible(runtime.db)).people.map(({ contactId }) => contactId)).toEqual([
      possible
    ])
    expect(
      (await constituentView(runtime.db, constituent)).phones.map(({ value }) => value)
    ).toEqual(['(217) 555-0142'])
    await expect(
      undoPersonLink(runtime.db, await matchContext(), linkId!, 'staff:bob', 'again')
    ).rejects.toMatchObject({ code: 'LINK_UNKNOWN' })
  })

  test('somebody new, or nobody', async () => {
    const { possible } = await janeAndAPossible()
    await decidePossible(
      runtime.db,
      await matchContext(),
      { contactId: possible, role: 'sender' },
      { kind: 'new' },
      { actor: 'staff:ann', reason: 'her daughter' }
    )
    const [link] = await peopleOf(runtime.db, [possible])
    expect(link).toMatchObject({ verdict: 'new', by: 'staff:ann' })
    await undoPersonLink(
      runtime.db,
      await matchContext(),
      link!.linkId,
      'staff:ann',
      'not sure any more'
    )
    await decidePossible(
      runtime.db,
      await matchContext(),
      { contactId: possible, role: 'sender' },
      { kind: 'nobody' },
      { actor: 'staff:ann', reason: 'a shared mailbox' }
    )
    expect([
      await peopleOf(runtime.db, [possible]),
      (await listPossible(runtime.db)).total
    ]).toEqual([[], 0])
  })

  test('refuses without a reason and for what is unknown', async () => {
    const { possible, constituent } = await janeAndAPossible()
    const decide = async (contactId: string, constituentId: string, reason = 'because') =>
      decidePossible(
        runtime.db,
        await matchContext(),
        { contactId, role: 'sender' },
        { kind: 'same', constituentId },
        { actor: 'staff:ann', reason }
      )
    await expect(decide(possible, constituent, '\u200B\u2060 ')).rejects.toMatchObject({
      code: 'REASON_REQUIRED'
    })
    await expect(decide(possible, '999999')).rejects.toMatchObject({ code: 'CONSTITUENT_UNKNOWN' })
    await expect(decide(possible, 'nonsense')).rejects.toMatchObject({
      code: 'CONSTITUENT_UNKNOWN'
    })
    await expect(decide(randomUUID(), constituent)).rejects.toMatchObject({
      code: 'RECEIPT_UNKNOWN'
    })
  })

  test('every decision is in the ledger, by ids', async () => {
    const { possible, constituent } = await janeAndAPossible()
    const linkId = await decidePossible(
      runtime.db,
      await matchContext(),
      { contactId: possible, role: 'sender' },
      { kind: 'same', constituentId: constituent },
      { actor: 'staff:ann', reason: 'yes' }
    )
    await undoPersonLink(runtime.db, await matchContext(), linkId!, 'staff:ann', 'no')
    const events = await runtime.db
      .selectFrom('events')
      .select(['kind', 'data'])
      .where('contact_id', '=', possible)
      .where('kind', 'like', 'constituent.%')
      .orderBy('id')
      .execute()
    expect(events).toEqual([
      { kind: 'constituent.linked', data: { role: 'sender', constituent, reason: 'yes' } },
      { kind: 'constituent.unlinked', data: { role: 'sender', constituent, reason: 'no' } }
    ])
  })
})

describe('two constituents', () => {
  test('merged show as one, with all contacts; un-merged, each as before', async () => {
    const [a, b] = [
      await settle(jane),
      await settle({
        name: 'Jane Smith',
        emails: ['jane.smith@work.example'],
        phones: ['(312) 555-0123']
      })
    ]
    const [one, two] = (await peopleOf(runtime.db, [a, b])).map(
      ({ constituent }) => constituent.constituentId
    )
    const before = [
      await constituentView(runtime.db, one!),
      await constituentView(runtime.db, two!)
    ]
    const merge = await mergePeople(runtime.db, one!, two!, 'staff:ann', 'she married')
    const merged = await constituentView(runtime.db, two!)
    expect(merged).toMatchObject({
      constituentId: one,
      merges: [
        expect.objectContaining({
          mergeId: merge,
          gone: two,
          by: 'staff:ann',
          reason: 'she married'
        })
      ]
    })
    expect([
      merged.names.map(({ value }) => value),
      merged.contacts.map(({ contactId }) => contactId)
    ]).toEqual([
      ['Jane Roe', 'Jane Smith'],
      [b, a]
    ])
    await expect(mergePeople(runtime.db, one!, two!, 'staff:ann', 'again')).rejects.toMatchObject({
      code: 'CONSTITUENT_MERGED'
    })
    await unmergePeople(runtime.db, merge, 'staff:bob', 'two people')
    expect([
      await constituentView(runtime.db, one!),
      await constituentView(runtime.db, two!)
    ]).toEqual(before)
  })

  test('are found by name, mail address, phone or number', async () => {
    const contact = await settle(jane)
    const id = (await peopleOf(runtime.db, [contact]))[0]!.constituent.constituentId
    for (const typed of ['jane roe', 'Roe, Jane', 'JANE.ROE@mail.example', '217-555-0142', id])
      expect(
        (await findConstituents(runtime.db, await matchContext(), typed)).map(
          ({ constituentId }) => constituentId
        )
      ).toEqual([id])
    for (const typed of ['', '%', 'nobody@else.example'])
      expect(await findConstituents(runtime.db, await matchContext(), typed)).toEqual([])
  })
})
