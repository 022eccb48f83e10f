import { expect, test } from '@jest/globals'
import { lineOf, standMany, take } from '../../helpers/contacts.ts'
import { verifiedRuntime } from '../../helpers/verified-runtime.ts'

const runtime = await verifiedRuntime(['parks', 'water'])

test('a passed case keeps its place, and only the one who passed it goes past', async () => {
  const [first, second] = await standMany(runtime, 3)
  await take(runtime)
  await runtime.line.pass(first!, 'staff:ann', 'written in Korean')
  expect((await lineOf(runtime))[0]).toBe(first)
  expect((await take(runtime, 'staff:ann'))?.caseId).toBe(second)
  expect((await take(runtime, 'staff:kim'))?.caseId).toBe(first)
})

test('the one who passed it gets it when nothing else waits', async () => {
  const [first, second] = await standMany(runtime, 2)
  await take(runtime)
  await runtime.line.pass(first!, 'staff:ann', 'written in Korean')
  expect((await take(runtime))?.caseId).toBe(second)
  expect((await take(runtime))?.caseId).toBe(first)
})

test('several passed cases come back in the order of their arrival', async () => {
  const waiting = await standMany(runtime, 4)
  for (const caseId of waiting.slice(0, 3)) {
    expect((await take(runtime))?.caseId).toBe(caseId)
    await runtime.line.pass(caseId, 'staff:ann', 'not my language')
  }
  const order = []
  for (let n = 0; n < 4; n += 1) order.push((await take(runtime))?.caseId)
  expect(order).toEqual([waiting[3], ...waiting.slice(0, 3)])
})

test('the ledger names whom the take went past', async () => {
  const [first, second] = await standMany(runtime, 2)
  await take(runtime)
  await runtime.line.pass(first!, 'staff:ann', 'written in Korean')
  await take(runtime)
  const events = await runtime.db
    .selectFrom('events')
    .select(['kind', 'actor', 'data'])
    .where('case_id', 'in', [first!, second!])
    .where('kind', 'in', ['case.passed', 'case.taken'])
    .orderBy('turn')
    .execute()
  expect(events.slice(1)).toEqual([
    { kind: 'case.passed', actor: 'staff:ann', data: { reason: 'written in Korean' } },
    { kind: 'case.taken', actor: 'staff:ann', data: { passedOver: [first] } }
  ])
})

test('takers at once: those who passed go past, the others get the earliest', async () => {
  const waiting = await standMany(runtime, 6)
  await take(runtime)
  await runtime.line.pass(waiting[0]!, 'staff:ann', 'not my language')
  const [ann, bob, ann2] = await Promise.all([
    take(runtime, 'staff:ann'),
    take(runtime, 'staff:bob'),
    take(runtime, 'staff:ann')
  ])
  expect([ann, bob, ann2].map((one) => one!.caseId)).toEqual([waiting[1], waiting[0], waiting[2]])
})

test('a transfer, or an end and a reopening, wipes the pass', async () => {
  const [first] = await standMany(runtime, 2)
  await take(runtime)
  await runtime.line.pass(first!, 'staff:ann', 'not mine')
  await take(runtime, 'staff:bob')
  await runtime.line.close(first!, 'staff:bob', 'answered')
  await runtime.line.reopen(first!, 'staff:bob', 'they asked again')
  expect((await take(runtime))?.caseId).toBe(first)
  await runtime.line.pass(first!, 'staff:ann', 'not mine')
  await take(runtime, 'staff:bob')
  await runtime.line.transfer(first!, 'staff:bob', 'water', '')
  expect((await take(runtime, 'staff:ann', 'water'))?.caseId).toBe(first)
})
