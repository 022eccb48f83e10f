import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { lockForTake } from '../../../core/line/locks.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import {
  bringIn,
  casesOf,
  contactRow,
  settlerOf,
  stand,
  take,
  town
} from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

test('the same bytes for the same department again are a duplicate of the first case, and no second acknowledgement is owed', async () => {
  const text = randomUUID()
  const first = await stand(runtime, { to: town('parks'), text })
  const second = await stand(runtime, { to: [...town('parks'), 'parks@elsewhere.example'], text })
  expect(second.contactId).not.toBe(first.contactId)
  expect(await contactRow(runtime, second.contactId)).toMatchObject({
    state: 'settled',
    outcome: 'duplicate',
    case_id: first.caseId
  })
  expect(await casesOf(runtime, second.contactId)).toEqual([])
  expect(
    await runtime.db
      .selectFrom('case_contacts')
      .select(['role', 'reason'])
      .where('contact_id', '=', second.contactId)
      .execute()
  ).toEqual([{ role: 'duplicate', reason: 'it is the same message, delivered again' }])
  expect(
    await runtime.db
      .selectFrom('outbound')
      .select('id')
      .where('contact_id', '=', second.contactId)
      .execute()
  ).toEqual([])
  const events = await runtime.db
    .selectFrom('events')
    .select(['kind', 'case_id', 'data'])
    .where('contact_id', '=', second.contactId)
    .orderBy('id')
    .execute()
  expect(events[1]).toEqual({
    kind: 'contact.joined',
    case_id: first.caseId,
    data: {
      as: 'duplicate',
      reason: 'it is the same message, delivered again',
      said: expect.stringMatching(/^[0-9a-f]{32}$/)
    }
  })
})

test('for further departments it opens cases only there', async () => {
  const text = randomUUID()
  await stand(runtime, { to: town('parks'), text })
  const second = await stand(runtime, { to: town('parks', 'water'), text })
  expect((await casesOf(runtime, second.contactId)).map(({ department }) => department)).toEqual([
    'water'
  ])
  expect((await contactRow(runtime, second.contactId)).trail).toContainEqual(
    expect.objectContaining({
      step: 'deduplicate',
      verdict: 'new',
      reason: 'the same message was delivered before, for another department'
    })
  )
})

test('both in one set: the earlier arrival opens the case', async () => {
  const text = randomUUID()
  const first = await bringIn(runtime, { to: town('parks'), text })
  const second = await bringIn(runtime, { to: [...town('parks'), 'x@elsewhere.example'], text })
  await settlerOf(runtime).settle([second.contactId, first.contactId])
  expect(await contactRow(runtime, first.contactId)).toMatchObject({ outcome: 'case' })
  expect(await contactRow(runtime, second.contactId)).toMatchObject({ outcome: 'duplicate' })
})

test('a case that was transferred still covers the department it was for, and the one it stands in', async () => {
  const text = randomUUID()
  const { caseId } = await stand(runtime, { to: town('clerk'), text })
  await take(runtime, 'staff:ann', 'clerk')
  await runtime.line.transfer(caseId, 'staff:ann', 'housing', 'a lease')
  const again = await stand(runtime, { to: [...town('clerk'), 'x@elsewhere.example'], text })
  expect(await contactRow(runtime, again.contactId)).toMatchObject({
    outcome: 'duplicate',
    case_id: caseId
  })
  const there = await stand(runtime, { to: town('housing'), text })
  expect(await contactRow(runtime, there.contactId)).toMatchObject({
    outcome: 'duplicate',
    case_id: caseId
  })
})

test('a redelivery that comes while the first is being settled opens no second case', async () => {
  const text = randomUUID()
  const first = await bringIn(runtime, { to: town('permits'), text })
  let second!: string
  const settling: Promise<void>[] = []
  await runtime.db.transaction().execute(async (trx) => {
    // Holding the line keeps the first settling half-way, as a busy department does.
    await lockForTake(trx, 'permits')
    settling.push(settlerOf(runtime).settle([first.contactId]))
    await waitingForLocks(1)
    second = (await bringIn(runtime, { to: [...town('permits'), 'x@elsewhere.example'], text }))
      .contactId
    settling.push(settlerOf(runtime).settle([second]))
    await waitingForLocks(2)
  })
  await Promise.all(settling)
  expect(await contactRow(runtime, second)).toMatchObject({ outcome: 'duplicate' })
})

async function waitingForLocks(count: number): Promise<void> {
  for (;;) {
    const { rows } = await runtime.database.pool.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    if (rows.length >= count) return
  }
}

test.each(['SM', 'sha256:', 'x'.repeat(1_000)])(
  'two contacts that a provider gave ids of their own are two cases, whatever they say (id %s…)',
  async (id) => {
    const text = randomUUID()
    const [first, second] = [
      await stand(runtime, { text, raw: { externalId: `${id}1` } }),
      await stand(runtime, { text, raw: { externalId: `${id}2` } })
    ]
    expect(await contactRow(runtime, second.contactId)).toMatchObject({ outcome: 'case' })
    expect(second.caseId).not.toBe(first.caseId)
  }
)
