import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { lockForTake } from '../../../core/line/locks.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { bringIn, casesOf, contactRow, settlerOf, stand, take, town } from '../../helpers/contacts.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
afterAll(() => ground.remove())

test('the same bytes for the same department again are a duplicate of the first case, and no second acknowledgement is owed', async () => {
  const text = randomUUID()
  const first = await stand(ground, { to: town('parks'), text })
  const second = await stand(ground, { to: [...town('parks'), 'parks@elsewhere.example'], text })
  expect(second.contactId).not.toBe(first.contactId)
  expect(await contactRow(ground, second.contactId)).toMatchObject({ state: 'settled', outcome: 'duplicate', case_id: first.caseId })
  expect(await casesOf(ground, second.contactId)).toEqual([])
  expect(await ground.db.selectFrom('case_contacts').select(['role', 'reason']).where('contact_id', '=', second.contactId).execute()).toEqual([{ role: 'duplicate', reason: 'the same bytes delivered again' }])
  expect(await ground.db.selectFrom('outbound').select('id').where('contact_id', '=', second.contactId).execute()).toEqual([])
  const events = await ground.db.selectFrom('events').select(['kind', 'case_id', 'data']).where('contact_id', '=', second.contactId).orderBy('id').execute()
  expect(events[1]).toEqual({ kind: 'contact.joined', case_id: first.caseId, data: { as: 'duplicate' } })
})

test('for further departments it opens cases only there', async () => {
  const text = randomUUID()
  await stand(ground, { to: town('parks'), text })
  const second = await stand(ground, { to: town('parks', 'water'), text })
  expect((await casesOf(ground, second.contactId)).map(({ department }) => department)).toEqual(['water'])
  expect((await contactRow(ground, second.contactId)).trail).toContainEqual(expect.objectContaining({ step: 'deduplicate', verdict: 'new', reason: 'the same bytes were delivered before, for another department' }))
})

test('both in one set: the earlier arrival opens the case', async () => {
  const text = randomUUID()
  const first = await bringIn(ground, { to: town('parks'), text })
  const second = await bringIn(ground, { to: [...town('parks'), 'x@elsewhere.example'], text })
  await settlerOf(ground).settle([second.contactId, first.contactId])
  expect(await contactRow(ground, first.contactId)).toMatchObject({ outcome: 'case' })
  expect(await contactRow(ground, second.contactId)).toMatchObject({ outcome: 'duplicate' })
})

test('a case that was transferred still covers the department it was for, and the one it stands in', async () => {
  const text = randomUUID()
  const { caseId } = await stand(ground, { to: town('clerk'), text })
  await take(ground, 'staff:ann', 'clerk')
  await ground.line.transfer(caseId, 'staff:ann', 'housing', 'a lease')
  const again = await stand(ground, { to: [...town('clerk'), 'x@elsewhere.example'], text })
  expect(await contactRow(ground, again.contactId)).toMatchObject({ outcome: 'duplicate', case_id: caseId })
  const there = await stand(ground, { to: town('housing'), text })
  expect(await contactRow(ground, there.contactId)).toMatchObject({ outcome: 'duplicate', case_id: caseId })
})

test('a redelivery that comes while the first is being settled opens no second case', async () => {
  const text = randomUUID()
  const first = await bringIn(ground, { to: town('permits'), text })
  let second!: string
  const settling: Promise<void>[] = []
  await ground.db.transaction().execute(async (trx) => {
    // Holding the line keeps the first settling half-way, as a busy department does.
    await lockForTake(trx, 'permits')
    settling.push(settlerOf(ground).settle([first.contactId]))
    await waitingForLocks(1)
    second = (await bringIn(ground, { to: [...town('permits'), 'x@elsewhere.example'], text })).contactId
    settling.push(settlerOf(ground).settle([second]))
    await waitingForLocks(2)
  })
  await Promise.all(settling)
  expect(await contactRow(ground, second)).toMatchObject({ outcome: 'duplicate' })
})

async function waitingForLocks(count: number): Promise<void> {
  for (;;) {
    const { rows } = await ground.database.pool.query("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
    if (rows.length >= count) return
  }
}

test.each(['SM', 'sha256:', 'x'.repeat(1_000)])('two contacts that a provider gave ids of their own are two cases, whatever they say (id %s…)', async (id) => {
  const text = randomUUID()
  const [first, second] = [await stand(ground, { text, raw: { externalId: `${id}1` } }), await stand(ground, { text, raw: { externalId: `${id}2` } })]
  expect(await contactRow(ground, second.contactId)).toMatchObject({ outcome: 'case' })
  expect(second.caseId).not.toBe(first.caseId)
})
