import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { decidePossible, findPossible, listPossible, mergePeople, undoPersonLink, unmergePeople } from '../../../core/people/review.ts'
import { openRecognition } from '../../../core/people/recognition.ts'
import { constituentView, findConstituents, peopleOf } from '../../../core/people/view.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { bringIn, settlerOf, type Mail } from '../../helpers/contacts.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
beforeEach(() => sql`truncate constituents, constituent_keys cascade`.execute(ground.db))
afterAll(() => ground.remove())

const jane = { name: 'Jane Roe', emails: ['jane.roe@mail.example'], phones: ['(217) 555-0142'] }
const means = () => openRecognition(ground)()

async function settle(sender: NonNullable<Mail['sender']>): Promise<string> {
  const { contactId } = await bringIn(ground, { sender, text: randomUUID() })
  await settlerOf(ground).settle([contactId])
  return contactId
}

async function janeAndAPossible(): Promise<{ known: string; possible: string; constituent: string }> {
  const known = await settle(jane)
  const possible = await settle({ emails: ['jane.roe@mail.example'], phones: ['(312) 555-0188'] })
  return { known, possible, constituent: (await peopleOf(ground.db, [known]))[0]!.constituent.constituentId }
}

describe('the review bench', () => {
  test('shows what the contact says, who it may be, and why', async () => {
    const { possible, constituent } = await janeAndAPossible()
    const { total, people: [one] } = await listPossible(ground.db)
    expect(total).toBe(1)
    expect(one).toMatchObject({ contactId: possible, role: 'sender', department: 'parks', named: { emails: ['jane.roe@mail.example'] } })
    expect(one!.candidates).toEqual([expect.objectContaining({ reason: expect.any(String), constituent: expect.objectContaining({ constituentId: constituent, names: [expect.objectContaining({ value: 'Jane Roe' })] }) })])
    expect(one!.candidates[0]!.waterfall.map(({ field }) => field)).toContain('email')
    expect((await listPossible(ground.db, 10, ['water'])).total).toBe(0)
  })

  test('finds the one that was asked for wherever it waits, and counts those it does not show', async () => {
    await janeAndAPossible()
    const last = await settle({ emails: ['jane.roe@mail.example'], phones: ['(312) 555-0189'] })
    expect(await listPossible(ground.db, 1)).toMatchObject({ total: 2, people: [{ role: 'sender' }] })
    expect(await findPossible(ground.db, last, 'sender')).toEqual((await listPossible(ground.db)).people[1])
    expect(await findPossible(ground.db, last, 'sender', ['parks'])).toMatchObject({ contactId: last })
    for (const [id, role, departments] of [[last, 'subject'], [randomUUID(), 'sender'], ['nonsense', 'sender'], [last, 'sender', ['water']]] as const) {
      expect(await findPossible(ground.db, id, role, departments)).toBeUndefined()
    }
  })

  test('the same: linked by that person, and known by the new phone from now on', async () => {
    const { possible, constituent } = await janeAndAPossible()
    await decidePossible(ground.db, await means(), possible, 'sender', { kind: 'same', constituentId: constituent }, 'staff:ann', 'she said so on the phone')
    expect((await listPossible(ground.db)).total).toBe(0)
    expect(await peopleOf(ground.db, [possible])).toEqual([expect.objectContaining({ verdict: 'linked', by: 'staff:ann', reason: 'she said so on the phone', constituent: expect.objectContaining({ constituentId: constituent }) })])
    expect((await constituentView(ground.db, constituent)).phones.map(({ value }) => value)).toEqual(['(217) 555-0142', '(312) 555-0188'])
    const again = await settle({ name: 'Jane Roe', phones: ['312 555 0188'] })
    expect((await peopleOf(ground.db, [again])).map(({ verdict }) => verdict)).not.toContain('new')
  })

  test('taken back, it waits again and nothing of it is left', async () => {
    const { possible, constituent } = await janeAndAPossible()
    const linkId = await decidePossible(ground.db, await means(), possible, 'sender', { kind: 'same', constituentId: constituent }, 'staff:ann', 'sounds like her')
    await undoPersonLink(ground.db, linkId!, 'staff:bob', 'it was her sister')
    expect((await listPossible(ground.db)).people.map(({ contactId }) => contactId)).toEqual([possible])
    expect((await constituentView(ground.db, constituent)).phones.map(({ value }) => value)).toEqual(['(217) 555-0142'])
    await expect(undoPersonLink(ground.db, linkId!, 'staff:bob', 'again')).rejects.toMatchObject({ code: 'LINK_UNKNOWN' })
  })

  test('somebody new, or nobody', async () => {
    const { possible } = await janeAndAPossible()
    await decidePossible(ground.db, await means(), possible, 'sender', { kind: 'new' }, 'staff:ann', 'her daughter')
    const [link] = await peopleOf(ground.db, [possible])
    expect(link).toMatchObject({ verdict: 'new', by: 'staff:ann' })
    await undoPersonLink(ground.db, link!.linkId, 'staff:ann', 'not sure any more')
    await decidePossible(ground.db, await means(), possible, 'sender', { kind: 'nobody' }, 'staff:ann', 'a shared mailbox')
    expect([await peopleOf(ground.db, [possible]), (await listPossible(ground.db)).total]).toEqual([[], 0])
  })

  test('refuses without a reason and for what is unknown', async () => {
    const { possible, constituent } = await janeAndAPossible()
    const decide = async (contactId: string, constituentId: string, reason = 'because') => decidePossible(ground.db, await means(), contactId, 'sender', { kind: 'same', constituentId }, 'staff:ann', reason)
    await expect(decide(possible, constituent, '')).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    await expect(decide(possible, '999999')).rejects.toMatchObject({ code: 'CONSTITUENT_UNKNOWN' })
    await expect(decide(possible, 'nonsense')).rejects.toMatchObject({ code: 'CONSTITUENT_UNKNOWN' })
    await expect(decide(randomUUID(), constituent)).rejects.toMatchObject({ code: 'RECEIPT_UNKNOWN' })
  })

  test('every decision is in the ledger, by ids', async () => {
    const { possible, constituent } = await janeAndAPossible()
    const linkId = await decidePossible(ground.db, await means(), possible, 'sender', { kind: 'same', constituentId: constituent }, 'staff:ann', 'yes')
    await undoPersonLink(ground.db, linkId!, 'staff:ann', 'no')
    const events = await ground.db.selectFrom('events').select(['kind', 'data']).where('contact_id', '=', possible).where('kind', 'like', 'constituent.%').orderBy('id').execute()
    expect(events).toEqual([{ kind: 'constituent.linked', data: { role: 'sender', constituent, reason: 'yes' } }, { kind: 'constituent.unlinked', data: { role: 'sender', constituent, reason: 'no' } }])
  })
})

describe('two constituents', () => {
  test('merged show as one, with all contacts; un-merged, each as before', async () => {
    const [a, b] = [await settle(jane), await settle({ name: 'Jane Smith', emails: ['jane.smith@work.example'], phones: ['(312) 555-0123'] })]
    const [one, two] = (await peopleOf(ground.db, [a, b])).map(({ constituent }) => constituent.constituentId)
    const before = [await constituentView(ground.db, one!), await constituentView(ground.db, two!)]
    const merge = await mergePeople(ground.db, one!, two!, 'staff:ann', 'she married')
    const merged = await constituentView(ground.db, two!)
    expect(merged).toMatchObject({ constituentId: one, merges: [expect.objectContaining({ mergeId: merge, gone: two, by: 'staff:ann', reason: 'she married' })] })
    expect([merged.names.map(({ value }) => value), merged.contacts.map(({ contactId }) => contactId)]).toEqual([['Jane Roe', 'Jane Smith'], [b, a]])
    await expect(mergePeople(ground.db, one!, two!, 'staff:ann', 'again')).rejects.toMatchObject({ code: 'CONSTITUENT_MERGED' })
    await unmergePeople(ground.db, merge, 'staff:bob', 'two people')
    expect([await constituentView(ground.db, one!), await constituentView(ground.db, two!)]).toEqual(before)
  })

  test('are found by name, mail address, phone or number', async () => {
    const contact = await settle(jane)
    const id = (await peopleOf(ground.db, [contact]))[0]!.constituent.constituentId
    for (const typed of ['jane roe', 'Roe, Jane', 'JANE.ROE@mail.example', '217-555-0142', id]) expect((await findConstituents(ground.db, await means(), typed)).map(({ constituentId }) => constituentId)).toEqual([id])
    for (const typed of ['', '%', 'nobody@else.example']) expect(await findConstituents(ground.db, await means(), typed)).toEqual([])
  })
})
