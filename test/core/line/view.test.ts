import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { countWaiting, placeOf, placesOf, viewLine } from '../../../core/line/view.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { emptyLine, stand, standMany, take, town } from '../../helpers/contacts.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
afterEach(async () => { for (const department of ['parks', 'water']) await emptyLine(ground, department) })
afterAll(() => ground.remove())

const places = (ids: readonly string[]) => Promise.all(ids.map((id) => placeOf(ground.db, id)))

test('places count from 1 and close up as cases are taken', async () => {
  const waiting = await standMany(ground, 3)
  expect(await places(waiting)).toEqual([1, 2, 3])
  await take(ground)
  expect(await places(waiting)).toEqual([undefined, 1, 2])
})

test('a returned case pushes those behind it back by one', async () => {
  const waiting = await standMany(ground, 3)
  await take(ground)
  await ground.line.giveBack(waiting[0]!, 'staff:ann', '')
  expect(await places(waiting)).toEqual([1, 2, 3])
})

test('places of one department do not depend on another', async () => {
  await standMany(ground, 5, 'water')
  const [only] = await standMany(ground, 1, 'parks')
  expect(await placeOf(ground.db, only!)).toBe(1)
})

test('a contact with cases in two departments has a place in each', async () => {
  await standMany(ground, 2, 'water')
  const { contactId } = await stand(ground, { to: town('parks', 'water') })
  const cases = await ground.db.selectFrom('cases').select(['id', 'department']).where('contact_id', '=', contactId).orderBy('department').execute()
  expect(cases.map(({ department }) => department)).toEqual(['parks', 'water'])
  expect(await places(cases.map(({ id }) => id))).toEqual([1, 3])
})

test('places of many cases at once are those of each', async () => {
  const [parks, water] = [await standMany(ground, 5), await standMany(ground, 3, 'water')]
  await take(ground)
  const asked = [parks[3]!, parks[0]!, water[1]!, parks[1]!, randomUUID()]
  expect(await placesOf(ground.db, asked)).toEqual(new Map([[parks[1]!, 1], [parks[3]!, 3], [water[1]!, 2]]))
  expect(await placesOf(ground.db, [])).toEqual(new Map())
})

test('an ended or unknown case has no place', async () => {
  const { caseId } = await stand(ground)
  await take(ground)
  await ground.line.close(caseId, 'staff:ann', 'answered')
  expect(await places([caseId, randomUUID()])).toEqual([undefined, undefined])
})

test('the line shows its first cases and says how many wait in all', async () => {
  const waiting = await standMany(ground, 5)
  const shown = await viewLine(ground.db, 'parks', 2)
  expect(shown).toMatchObject({ waiting: 5, cases: [{ caseId: waiting[0], channel: 'email', state: 'waiting' }, { caseId: waiting[1] }] })
  expect(await viewLine(ground.db, 'parks', 5)).toMatchObject({ waiting: 5 })
  expect(await viewLine(ground.db, 'nowhere', 10)).toEqual({ waiting: 0, cases: [] })
})

test('waiting cases are counted for each department asked for', async () => {
  await standMany(ground, 3, 'parks')
  await standMany(ground, 1, 'water')
  expect(await countWaiting(ground.db, ['parks', 'water', 'nowhere'])).toEqual(new Map([['parks', 3], ['water', 1], ['nowhere', 0]]))
  expect(await countWaiting(ground.db, [])).toEqual(new Map())
})
