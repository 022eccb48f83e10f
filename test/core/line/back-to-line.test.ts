import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { verifyAudit } from '../../../core/audit.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { emptyLine, lineOf, stand, standMany, take, town } from '../../helpers/contacts.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
afterEach(async () => { for (const department of ['parks', 'water', 'streets']) await emptyLine(ground, department) })
afterAll(async () => {
  expect(await verifyAudit(ground.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
  await ground.remove()
})

describe('a case comes back to the place it had', () => {
  test('when it is returned', async () => {
    const waiting = await standMany(ground, 3)
    const first = await take(ground)
    await ground.line.giveBack(first!.caseId, 'staff:ann', '')
    expect(await lineOf(ground)).toEqual(waiting)
    expect((await take(ground, 'staff:bob'))?.caseId).toBe(waiting[0])
  })

  test('when it is reopened, however much later', async () => {
    const [first, second, third] = await standMany(ground, 3)
    await take(ground)
    await ground.line.close(first!, 'staff:ann', 'answered')
    await take(ground)
    await ground.line.reopen(first!, 'staff:bob', 'the lamp is out again')
    expect(await lineOf(ground)).toEqual([first, third])
    await ground.line.giveBack(second!, 'staff:ann', '')
    expect(await lineOf(ground)).toEqual([first, second, third])
  })

  test('when a hand-off is reopened', async () => {
    const [first, second] = await standMany(ground, 2)
    await take(ground)
    await ground.line.handOff(first!, 'staff:ann', 'fire brigade', 'smoke')
    expect(await ground.db.selectFrom('cases').select(['state', 'outcome', 'taken_by']).where('id', '=', first!).executeTakeFirst()).toEqual({ state: 'handed-off', outcome: 'fire brigade', taken_by: null })
    await ground.line.reopen(first!, 'staff:ann', 'it was a barbecue')
    expect(await lineOf(ground)).toEqual([first, second])
  })

  test('when its lease runs out', async () => {
    const [first, second] = await standMany(ground, 2)
    await take(ground)
    await ground.db.updateTable('cases').set({ lease_until: new Date(Date.now() - 1_000) }).where('id', '=', first!).execute()
    expect(await ground.line.returnExpired()).toBe(1)
    expect(await lineOf(ground)).toEqual([first, second])
    await expect(ground.line.close(first!, 'staff:ann', 'answered')).rejects.toMatchObject({ code: 'CASE_NOT_TAKEN' })
    const events = await ground.db.selectFrom('events').select(['kind', 'actor', 'data']).where('case_id', '=', first!).orderBy('id', 'desc').limit(1).execute()
    expect(events).toEqual([{ kind: 'case.returned', actor: 'system:sweep', data: { reason: 'the lease ran out', holder: 'staff:ann' } }])
  })

  test('but not while its lease runs', async () => {
    await standMany(ground, 1)
    await take(ground)
    expect(await ground.line.returnExpired()).toBe(0)
    expect(await lineOf(ground)).toEqual([])
  })
})

describe('a transferred case', () => {
  test('stands in the other line where its arrival puts it', async () => {
    const early = await stand(ground, { to: town('water') })
    const moved = await stand(ground, { to: town('parks') })
    const late = await stand(ground, { to: town('water') })
    await take(ground)
    await ground.line.transfer(moved.caseId, 'staff:ann', 'water', 'a burst pipe')
    expect(await lineOf(ground, 'water')).toEqual([early.caseId, moved.caseId, late.caseId])
    expect(await lineOf(ground, 'parks')).toEqual([])
  })

  test('and back again has the place it had at first', async () => {
    const [first, second] = await standMany(ground, 2)
    await take(ground)
    await ground.line.transfer(first!, 'staff:ann', 'water', 'a pipe')
    await take(ground, 'staff:wim', 'water')
    await ground.line.transfer(first!, 'staff:wim', 'parks', 'no, a fountain')
    expect(await lineOf(ground)).toEqual([first, second])
  })

  test('is not moved onto another case of the same contact', async () => {
    const { contactId } = await stand(ground, { to: town('parks', 'water') })
    const parks = await take(ground, 'staff:ann', 'parks')
    await expect(ground.line.transfer(parks!.caseId, 'staff:ann', 'water', '')).rejects.toMatchObject({ code: 'CASE_ALREADY_THERE' })
    const cases = await ground.db.selectFrom('cases').select(['department', 'state']).where('contact_id', '=', contactId).orderBy('department').execute()
    expect(cases).toEqual([{ department: 'parks', state: 'taken' }, { department: 'water', state: 'waiting' }])
  })

  test('meets its twin in a third department only once, even when both move in the same instant', async () => {
    for (let round = 0; round < 5; round += 1) {
      await stand(ground, { to: town('parks', 'water') })
      const [parks, water] = [await take(ground, 'staff:ann', 'parks'), await take(ground, 'staff:ann', 'water')]
      const moved = await Promise.allSettled([parks!, water!].map(({ caseId }) => ground.line.transfer(caseId, 'staff:ann', 'streets', '')))
      expect(moved.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(moved.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CASE_ALREADY_THERE' } })
    }
  })
})
