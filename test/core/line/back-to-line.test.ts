import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sql } from 'kysely'
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { departmentsSchema, takingOf, type Departments } from '../../../config/schema.ts'
import { dueDates } from '../../../core/clocks/of-cases.ts'
import { viewStatus } from '../../../core/contacts/resident-status.ts'
import { viewCaseNow } from '../../../core/line/view.ts'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import {
  emptyLine,
  lineOf,
  stand,
  standMany,
  take,
  tokenFor,
  town
} from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterEach(async () => {
  for (const department of ['parks', 'water', 'streets']) await emptyLine(runtime, department)
})
afterAll(async () => {
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
  await runtime.remove()
})

describe('a case comes back to the place it had', () => {
  test('when it is returned', async () => {
    const waiting = await standMany(runtime, 3)
    const first = await take(runtime)
    await runtime.line.giveBack(first!.caseId, 'staff:ann', 'lunch')
    expect(await lineOf(runtime)).toEqual(waiting)
    expect((await take(runtime, 'staff:bob'))?.caseId).toBe(waiting[0])
  })

  test('when it is reopened, however much later', async () => {
    const [first, second, third] = await standMany(runtime, 3)
    await take(runtime)
    await runtime.line.close(first!, 'staff:ann', 'answered')
    await take(runtime)
    await runtime.line.reopen(first!, 'staff:bob', 'the lamp is out again')
    expect(await lineOf(runtime)).toEqual([first, third])
    await runtime.line.giveBack(second!, 'staff:ann', 'lunch')
    expect(await lineOf(runtime)).toEqual([first, second, third])
  })

  test('when a hand-off is reopened', async () => {
    const [first, second] = await standMany(runtime, 2)
    await take(runtime)
    await runtime.line.handOff(first!, 'staff:ann', 'fire brigade', 'smoke')
    expect(
      await runtime.db
        .selectFrom('cases')
        .select(['state', 'outcome', 'taken_by'])
        .where('id', '=', first!)
        .executeTakeFirst()
    ).toEqual({ state: 'handed-off', outcome: 'fire brigade', taken_by: null })
    await runtime.line.reopen(first!, 'staff:ann', 'it was a barbecue')
    expect(await lineOf(runtime)).toEqual([first, second])
  })

  test('when its lease runs out', async () => {
    const [first, second] = await standMany(runtime, 2)
    await take(runtime)
    await runtime.db
      .updateTable('cases')
      .set({ lease_until: new Date(Date.now() - 1_000) })
      .where('id', '=', first!)
      .execute()
    expect(await runtime.line.returnExpired()).toBe(1)
    expect(await lineOf(runtime)).toEqual([first, second])
    await expect(runtime.line.close(first!, 'staff:ann', 'answered')).rejects.toMatchObject({
      code: 'CASE_NOT_TAKEN'
    })
    const events = await runtime.db
      .selectFrom('events')
      .select(['kind', 'actor', 'data'])
      .where('case_id', '=', first!)
      .orderBy('id', 'desc')
      .limit(1)
      .execute()
    expect(events).toEqual([
      {
        kind: 'case.returned',
        actor: 'system:sweep',
        data: { reason: 'the lease ran out', holder: 'staff:ann' }
      }
    ])
  })

  test('but not while its lease runs', async () => {
    await standMany(runtime, 1)
    await take(runtime)
    expect(await runtime.line.returnExpired()).toBe(0)
    expect(await lineOf(runtime)).toEqual([])
  })
})

describe('a transferred case', () => {
  test('stands in the other line where its arrival puts it', async () => {
    const early = await stand(runtime, { to: town('water') })
    const moved = await stand(runtime, { to: town('parks') })
    const late = await stand(runtime, { to: town('water') })
    await take(runtime)
    await runtime.line.transfer(moved.caseId, 'staff:ann', 'water', 'a burst pipe')
    expect(await lineOf(runtime, 'water')).toEqual([early.caseId, moved.caseId, late.caseId])
    expect(await lineOf(runtime, 'parks')).toEqual([])
  })

  test('and back again has the place it had at first', async () => {
    const [first, second] = await standMany(runtime, 2)
    await take(runtime)
    await runtime.line.transfer(first!, 'staff:ann', 'water', 'a pipe')
    await take(runtime, 'staff:wim', 'water')
    await runtime.line.transfer(first!, 'staff:wim', 'parks', 'no, a fountain')
    expect(await lineOf(runtime)).toEqual([first, second])
  })

  test('is not moved onto another case of the same contact', async () => {
    const { contactId } = await stand(runtime, { to: town('parks', 'water') })
    const parks = await take(runtime, 'staff:ann', 'parks')
    await expect(
      runtime.line.transfer(parks!.caseId, 'staff:ann', 'water', '')
    ).rejects.toMatchObject({ code: 'CASE_ALREADY_THERE' })
    const cases = await runtime.db
      .selectFrom('cases')
      .select(['department', 'state'])
      .where('contact_id', '=', contactId)
      .orderBy('department')
      .execute()
    expect(cases).toEqual([
      { department: 'parks', state: 'taken' },
      { department: 'water', state: 'waiting' }
    ])
  })

  test('meets its twin in a third department only once, even when both move in the same instant', async () => {
    for (let round = 0; round < 5; round += 1) {
      await stand(runtime, { to: town('parks', 'water') })
      const [parks, water] = [
        await take(runtime, 'staff:ann', 'parks'),
        await take(runtime, 'staff:ann', 'water')
      ]
      const moved = await Promise.allSettled(
        [parks!, water!].map(({ caseId }) =>
          runtime.line.transfer(caseId, 'staff:ann', 'streets', '')
        )
      )
      expect(moved.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(moved.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'CASE_ALREADY_THERE' }
      })
    }
  })
})

describe('a case that waits for its resident', () => {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)
  const pause = (caseId: string, until = inDays(14)) =>
    runtime.line.pause(caseId, { actor: 'staff:ann', reason: 'asked for the address', until })
  const stateOf = async (caseId: string) => (await viewCaseNow(runtime.db, caseId)).state

  test('is taken by nobody, and comes back to its place by a person', async () => {
    const [first, second, third] = await standMany(runtime, 3)
    await take(runtime)
    await pause(first!)
    expect(await stateOf(first!)).toBe('waiting-for-resident')
    expect(await lineOf(runtime)).toEqual([second, third])
    expect((await take(runtime))?.caseId).toBe(second)
    await runtime.line.resume(first!, 'staff:bob', 'they came to the counter')
    expect(await lineOf(runtime)).toEqual([first, third])
    await expect(runtime.line.resume(first!, 'staff:bob', 'again')).rejects.toMatchObject({
      code: 'CASE_NOT_PAUSED'
    })
  })

  test('comes back with their answer, to its own place and not to that of the answer', async () => {
    const asked = await stand(runtime, { subject: 'A lamp is out' })
    const [later] = await standMany(runtime, 1)
    await take(runtime)
    await pause(asked.caseId)
    expect(await viewStatus(runtime.db, runtime.agency(), asked.receipt)).toMatchObject({
      state: 'waiting-for-resident',
      remindAt: expect.any(Date)
    })
    await stand(runtime, { text: 'Elm Street 4', tokens: [tokenFor(runtime, asked.receipt)] })
    expect(await lineOf(runtime)).toEqual([asked.caseId, later])
    expect(await viewStatus(runtime.db, runtime.agency(), asked.receipt)).toMatchObject({
      state: 'waiting',
      place: 1
    })
  })

  test('comes back on its day', async () => {
    const waiting = await standMany(runtime, 2)
    await take(runtime)
    await pause(waiting[0]!)
    expect(await runtime.line.resumeReminded()).toBe(0)
    // Table and event alike, as if the day had come.
    await sql`update cases set remind_at = now() - interval '1 second'
      where id = ${waiting[0]}`.execute(runtime.db)
    expect(await runtime.line.resumeReminded()).toBe(1)
    expect(await lineOf(runtime)).toEqual(waiting)
  })

  test('needs to be held, a reason and a day to come', async () => {
    const [first] = await standMany(runtime, 1)
    await expect(pause(first!)).rejects.toMatchObject({ code: 'CASE_NOT_TAKEN' })
    await take(runtime)
    for (const until of [inDays(-1), inDays(400), new Date(Number.NaN)])
      await expect(pause(first!, until)).rejects.toMatchObject({ code: 'REMINDER_NEEDED' })
    const wait = { actor: 'staff:ann', reason: ' ', until: inDays(1) }
    await expect(runtime.line.pause(first!, wait)).rejects.toMatchObject({
      code: 'REASON_REQUIRED'
    })
    expect(await stateOf(first!)).toBe('taken')
  })
})

describe('clocks order nothing:', () => {
  const periods = [['08:00-12:00', '13:00-17:00'], ['00:00-24:00'], []]
  const clocks = fc.record({
    hours: fc.record({
      monday: fc.constantFrom(...periods),
      sunday: fc.constantFrom(...periods),
      friday: fc.constant(['09:00-10:00'])
    }),
    holidays: fc.subarray(['2026-11-27', '2026-11-30', '2026-12-25']),
    due: fc.constantFrom('1 working day', '300 days', '1 working hour', '12 working days')
  })

  /** What is taken, by number of arrival, while two things happen between the takes. */
  async function serve(departments: Departments): Promise<number[]> {
    const waiting = await standMany(runtime, 5)
    const next = async () =>
      (await runtime.line.takeNext({
        department: 'parks',
        actor: 'staff:ann',
        ...takingOf(departments, 'parks')!
      }))!.caseId
    const taken = [await next(), await next()]
    await runtime.line.pause(taken[0]!, {
      actor: 'staff:ann',
      reason: 'asked',
      until: new Date(Date.now() + 86_400_000)
    })
    await dueDates(
      runtime.db,
      departments,
      waiting.map((caseId) => ({ caseId, department: 'parks', arrivedAt: new Date(0) }))
    )
    await runtime.line.giveBack(taken[1]!, 'staff:ann', 'lunch')
    taken.push(await next())
    await runtime.line.resume(taken[0]!, 'staff:ann', 'answered')
    taken.push(await next(), await next())
    await emptyLine(runtime)
    return taken.map((caseId) => waiting.indexOf(caseId))
  }

  test('whatever hours, holidays and due period a department has, the takes are the same', async () => {
    const usual = await serve(runtime.agency().departments)
    expect(usual).toEqual([0, 1, 1, 0, 2])
    const file = parse(await readFile('config/departments.yaml', 'utf8')) as object
    for (const clock of fc.sample(clocks, 8))
      expect(await serve(departmentsSchema.parse({ ...file, ...clock }))).toEqual(usual)
  })
})
