import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { countWaiting, placeOf, placesOf, viewLine } from '../../../core/line/view.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { emptyLine, stand, standMany, take, town } from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterEach(async () => {
  for (const department of ['parks', 'water']) await emptyLine(runtime, department)
})
afterAll(() => runtime.remove())

const places = (ids: readonly string[]) => Promise.all(ids.map((id) => placeOf(runtime.db, id)))

test('places count from 1 and close up as cases are taken', async () => {
  const waiting = await standMany(runtime, 3)
  expect(await places(waiting)).toEqual([1, 2, 3])
  await take(runtime)
  expect(await places(waiting)).toEqual([undefined, 1, 2])
})

test('a returned case pushes those behind it back by one', async () => {
  const waiting = await standMany(runtime, 3)
  await take(runtime)
  await runtime.line.giveBack(waiting[0]!, 'staff:ann', 'lunch')
  expect(await places(waiting)).toEqual([1, 2, 3])
})

test('places of one department do not depend on another', async () => {
  await standMany(runtime, 5, 'water')
  const [only] = await standMany(runtime, 1, 'parks')
  expect(await placeOf(runtime.db, only!)).toBe(1)
})

test('a contact with cases in two departments has a place in each', async () => {
  await standMany(runtime, 2, 'water')
  const { contactId } = await stand(runtime, { to: town('parks', 'water') })
  const cases = await runtime.db
    .selectFrom('cases')
    .select(['id', 'department'])
    .where('contact_id', '=', contactId)
    .orderBy('department')
    .execute()
  expect(cases.map(({ department }) => department)).toEqual(['parks', 'water'])
  expect(await places(cases.map(({ id }) => id))).toEqual([1, 3])
})

test('places of many cases at once are those of each', async () => {
  const [parks, water] = [await standMany(runtime, 5), await standMany(runtime, 3, 'water')]
  await take(runtime)
  const asked = [parks[3]!, parks[0]!, water[1]!, parks[1]!, randomUUID()]
  expect(await placesOf(runtime.db, asked)).toEqual(
    new Map([
      [parks[1]!, 1],
      [parks[3]!, 3],
      [water[1]!, 2]
    ])
  )
  expect(await placesOf(runtime.db, [])).toEqual(new Map())
})

test('an ended or unknown case has no place', async () => {
  const { caseId } = await stand(runtime)
  await take(runtime)
  await runtime.line.close(caseId, 'staff:ann', 'answered')
  expect(await places([caseId, randomUUID()])).toEqual([undefined, undefined])
})

test('the line shows its first cases and says how many wait in all', async () => {
  const waiting = await standMany(runtime, 5)
  const shown = await viewLine(runtime.db, 'parks', 2)
  expect(shown).toMatchObject({
    waiting: 5,
    cases: [{ caseId: waiting[0], channel: 'email', state: 'waiting' }, { caseId: waiting[1] }]
  })
  expect(await viewLine(runtime.db, 'parks', 5)).toMatchObject({ waiting: 5 })
  expect(await viewLine(runtime.db, 'nowhere', 10)).toEqual({ waiting: 0, cases: [] })
})

test('waiting cases are counted for each department asked for', async () => {
  await standMany(runtime, 3, 'parks')
  await standMany(runtime, 1, 'water')
  expect(await countWaiting(runtime.db, ['parks', 'water', 'nowhere'])).toEqual(
    new Map([
      ['parks', 3],
      ['water', 1],
      ['nowhere', 0]
    ])
  )
  expect(await countWaiting(runtime.db, [])).toEqual(new Map())
})
