import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { verifyAudit } from '../../../core/audit.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { emptyLine, lineOf, standMany, take } from '../../helpers/contacts.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
afterEach(async () => { for (const department of ['parks', 'water']) await emptyLine(ground, department) })
afterAll(async () => {
  expect(await verifyAudit(ground.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
  await ground.remove()
})

test('a passed case keeps its place, and only the one who passed it goes past', async () => {
  const [first, second] = await standMany(ground, 3)
  await take(ground)
  await ground.line.pass(first!, 'staff:ann', 'written in Korean')
  expect((await lineOf(ground))[0]).toBe(first)
  expect((await take(ground, 'staff:ann'))?.caseId).toBe(second)
  expect((await take(ground, 'staff:kim'))?.caseId).toBe(first)
})

test('the one who passed it gets it when nothing else waits', async () => {
  const [first, second] = await standMany(ground, 2)
  await take(ground)
  await ground.line.pass(first!, 'staff:ann', 'written in Korean')
  expect((await take(ground))?.caseId).toBe(second)
  expect((await take(ground))?.caseId).toBe(first)
})

test('several passed cases come back in the order of their arrival', async () => {
  const waiting = await standMany(ground, 4)
  for (const caseId of waiting.slice(0, 3)) {
    expect((await take(ground))?.caseId).toBe(caseId)
    await ground.line.pass(caseId, 'staff:ann', 'not my language')
  }
  const order = []
  for (let n = 0; n < 4; n += 1) order.push((await take(ground))?.caseId)
  expect(order).toEqual([waiting[3], ...waiting.slice(0, 3)])
})

test('the ledger names whom the take went past', async () => {
  const [first, second] = await standMany(ground, 2)
  await take(ground)
  await ground.line.pass(first!, 'staff:ann', 'written in Korean')
  await take(ground)
  const events = await ground.db.selectFrom('events').select(['kind', 'actor', 'data']).where('case_id', 'in', [first!, second!]).where('kind', 'in', ['case.passed', 'case.taken']).orderBy('turn').execute()
  expect(events.slice(1)).toEqual([
    { kind: 'case.passed', actor: 'staff:ann', data: { reason: 'written in Korean' } },
    { kind: 'case.taken', actor: 'staff:ann', data: { passedOver: [first] } }
  ])
})

test('takers at once: those who passed go past, the others get the earliest', async () => {
  const waiting = await standMany(ground, 6)
  await take(ground)
  await ground.line.pass(waiting[0]!, 'staff:ann', 'not my language')
  const [ann, bob, ann2] = await Promise.all([take(ground, 'staff:ann'), take(ground, 'staff:bob'), take(ground, 'staff:ann')])
  expect([ann, bob, ann2].map((one) => one!.caseId)).toEqual([waiting[1], waiting[0], waiting[2]])
})

test('a transfer, or an end and a reopening, wipes the pass', async () => {
  const [first] = await standMany(ground, 2)
  await take(ground)
  await ground.line.pass(first!, 'staff:ann', 'not mine')
  await take(ground, 'staff:bob')
  await ground.line.close(first!, 'staff:bob', 'answered')
  await ground.line.reopen(first!, 'staff:bob', 'they asked again')
  expect((await take(ground))?.caseId).toBe(first)
  await ground.line.pass(first!, 'staff:ann', 'not mine')
  await take(ground, 'staff:bob')
  await ground.line.transfer(first!, 'staff:bob', 'water', '')
  expect((await take(ground, 'staff:ann', 'water'))?.caseId).toBe(first)
})
