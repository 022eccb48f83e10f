import { describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { StaffStore } from '../../../core/access/staff.ts'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { lineOf, standMany, town, stand } from '../../helpers/contacts.ts'
import { verifiedRuntime } from '../../helpers/verified-runtime.ts'

const runtime = await verifiedRuntime(['parks', 'water'])

const takeThree = (actor = 'staff:ann', department = 'parks', leaseSeconds = 3600) =>
  runtime.line.takeNext({ department, actor, leaseSeconds, mostHeld: 3 })
const letLeasesRunOut = (actor: string) =>
  sql`update cases set lease_until = now() - interval '1 second' where state = 'taken'
      and taken_by = ${actor}`.execute(runtime.db)

describe('nobody picks by holding:', () => {
  test('the take beyond what one may hold is refused and says what to do; ending one makes room', async () => {
    const [first, , , fourth] = await standMany(runtime, 5)
    for (let n = 0; n < 3; n += 1) await takeThree()
    await expect(takeThree()).rejects.toMatchObject({
      code: 'CASES_HELD',
      status: 409,
      message: expect.stringMatching(/Close, transfer, hand off, pass or return one/)
    })
    expect((await takeThree('staff:bob'))?.caseId).toBe(fourth)
    await runtime.line.close(first!, 'staff:ann', 'answered')
    expect(await takeThree()).toBeDefined()
  })

  test('asked for many at once, no more than that is given', async () => {
    await standMany(runtime, 6)
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => takeThree()))
    expect(
      asked
        .map((one) =>
          one.status === 'fulfilled' ? 'taken' : (one.reason as { code: string }).code
        )
        .toSorted()
    ).toEqual(['CASES_HELD', 'CASES_HELD', 'CASES_HELD', 'taken', 'taken', 'taken'])
  })

  test('what is held of one department does not count in another', async () => {
    await standMany(runtime, 3)
    const { caseId } = await stand(runtime, { to: town('water') })
    for (let n = 0; n < 3; n += 1) await takeThree()
    expect((await takeThree('staff:ann', 'water'))?.caseId).toBe(caseId)
  })

  test('a case given back is the next its returner gets', async () => {
    const waiting = await standMany(runtime, 5)
    for (let n = 0; n < 3; n += 1) await takeThree()
    await runtime.line.giveBack(waiting[1]!, 'staff:ann', 'I have to ask first')
    expect((await takeThree())?.caseId).toBe(waiting[1])
  })

  test.each(['', '  '])('giving back needs a reason (%j)', async (reason) => {
    const [caseId] = await standMany(runtime, 1)
    await takeThree()
    await expect(runtime.line.giveBack(caseId!, 'staff:ann', reason)).rejects.toMatchObject({
      code: 'REASON_REQUIRED'
    })
  })

  test('a transfer to the same department is no way to give back without a reason', async () => {
    const [caseId] = await standMany(runtime, 1)
    await takeThree()
    await expect(runtime.line.transfer(caseId!, 'staff:ann', 'parks', '')).rejects.toMatchObject({
      code: 'CASE_ALREADY_THERE'
    })
  })

  test('leases that have run out free the line with the next take, without a sweep', async () => {
    const waiting = await standMany(runtime, 4)
    for (let n = 0; n < 3; n += 1) await takeThree('staff:hoarder')
    await letLeasesRunOut('staff:hoarder')
    expect((await takeThree('staff:bob'))?.caseId).toBe(waiting[0])
    expect(await lineOf(runtime)).toEqual(waiting.slice(1))
    const { rows } = await sql`select from events where kind = 'case.returned'
          and data ->> 'holder' = 'staff:hoarder'`.execute(runtime.db)
    expect(rows).toHaveLength(3)
  })

  test('many takes and late closes at once neither wait for each other for good nor lose a case', async () => {
    const waiting = await standMany(runtime, 8)
    for (let n = 0; n < 8; n += 1)
      await runtime.line.takeNext({
        department: 'parks',
        actor: `staff:${n}`,
        leaseSeconds: 60,
        mostHeld: 3
      })
    await sql`update cases set lease_until = now() - interval '1 second'
        where state = 'taken'`.execute(runtime.db)
    const acts = waiting.flatMap((caseId, n) => [
      runtime.line.giveBack(caseId, `staff:${n}`, 'late'),
      runtime.line.close(caseId, `staff:${n}`, 'done'),
      takeThree(`staff:late${n}`),
      runtime.line.returnExpired()
    ])
    const refused = (await Promise.allSettled(acts)).flatMap((act) =>
      act.status === 'rejected' ? [(act.reason as { code: string }).code] : []
    )
    expect(new Set(refused)).toEqual(new Set(['CASE_NOT_TAKEN']))
  })
})

describe('served past an earlier one:', () => {
  const servedPast = async (since: number) =>
    (await verifyAudit(runtime.db)).servedPastCases.slice(since)
  const count = async () => (await verifyAudit(runtime.db)).servedPast

  test('take three, close the third, give back two: the audit counts and lists both', async () => {
    const before = await count()
    const waiting = await standMany(runtime, 3)
    for (let n = 0; n < 3; n += 1) await takeThree()
    await runtime.line.close(waiting[2]!, 'staff:ann', 'easy')
    await runtime.line.giveBack(waiting[0]!, 'staff:ann', 'hard')
    await runtime.line.giveBack(waiting[1]!, 'staff:ann', 'hard')
    expect(await servedPast(before)).toMatchObject([
      { department: 'parks', actor: 'staff:ann', caseId: waiting[0], served: [waiting[2]] },
      { department: 'parks', actor: 'staff:ann', caseId: waiting[1], served: [waiting[2]] }
    ])
  })

  test.each<[string, (caseId: string) => Promise<void>]>([
    ['handed off', (caseId) => runtime.line.handOff(caseId, 'staff:ann', 'county', 'theirs')],
    ['transferred', (caseId) => runtime.line.transfer(caseId, 'staff:ann', 'water', 'theirs')]
  ])('a later one %s, and the lease of the earlier one left to run out', async (_, end) => {
    const before = await count()
    const waiting = await standMany(runtime, 2)
    await takeThree()
    await takeThree()
    await end(waiting[1]!)
    await letLeasesRunOut('staff:ann')
    await runtime.line.returnExpired()
    expect(await servedPast(before)).toMatchObject([
      { actor: 'staff:ann', caseId: waiting[0], served: [waiting[1]] }
    ])
  })

  test.each<[string, (caseId: string) => Promise<void>]>([
    ['pass', (caseId) => runtime.line.pass(caseId, 'staff:ann', 'needs Hmong')],
    ['transfer', (caseId) => runtime.line.transfer(caseId, 'staff:ann', 'water', 'theirs')],
    ['return', (caseId) => runtime.line.giveBack(caseId, 'staff:ann', 'hard')]
  ])('also by way of a %s, each named for what it is', async (by, letGo) => {
    const before = await count()
    const waiting = await standMany(runtime, 2)
    await takeThree()
    await takeThree()
    await runtime.line.close(waiting[1]!, 'staff:ann', 'easy')
    await letGo(waiting[0]!)
    expect(await servedPast(before)).toMatchObject([
      { by, department: 'parks', actor: 'staff:ann', caseId: waiting[0], served: [waiting[1]] }
    ])
  })

  test('not: serving in order, passing with a reason before anything later was ended, giving back what nothing later was ended for', async () => {
    const before = await count()
    const waiting = await standMany(runtime, 4)
    for (let n = 0; n < 3; n += 1) await takeThree()
    await runtime.line.close(waiting[0]!, 'staff:ann', 'answered')
    await runtime.line.giveBack(waiting[2]!, 'staff:ann', 'lunch')
    await runtime.line.pass(waiting[1]!, 'staff:ann', 'needs Hmong')
    await takeThree()
    await runtime.line.close(waiting[2]!, 'staff:ann', 'answered')
    expect(await count()).toBe(before)
  })
})

describe('given back for its holder by somebody else', () => {
  test('stands at its place again, names both, and is not counted as the choice of the holder', async () => {
    const before = await verifyAudit(runtime.db)
    const waiting = await standMany(runtime, 3)
    for (let n = 0; n < 2; n += 1) await takeThree()
    await runtime.line.close(waiting[1]!, 'staff:ann', 'easy')
    const free = (more: object) =>
      runtime.line.free(waiting[0]!, { actor: 'staff:sue', reason: 'Ann is ill', ...more })
    await expect(free({ holder: 'staff:bob' })).rejects.toMatchObject({ code: 'CASE_NOT_HELD' })
    await expect(free({ reason: ' ' })).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    await free({ holder: 'staff:ann' })
    await expect(free({})).rejects.toMatchObject({ code: 'CASE_NOT_HELD' })
    expect(await lineOf(runtime)).toEqual([waiting[0], waiting[2]])
    const { data, actor } = await runtime.db
      .selectFrom('events')
      .select(['data', 'actor'])
      .where('case_id', '=', waiting[0]!)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    expect({ data, actor }).toMatchObject({
      actor: 'staff:sue',
      data: { holder: 'staff:ann', reason: 'Ann is ill' }
    })
    expect(await verifyAudit(runtime.db)).toMatchObject({
      ok: true,
      servedPast: before.servedPast,
      freed: before.freed + 1,
      freedPast: before.freedPast + 1
    })
  })

  test('one’s own is given back by choice, whatever it is called', async () => {
    const before = await verifyAudit(runtime.db)
    const waiting = await standMany(runtime, 2)
    for (let n = 0; n < 2; n += 1) await takeThree()
    await runtime.line.close(waiting[1]!, 'staff:ann', 'easy')
    await runtime.line.free(waiting[0]!, { actor: 'staff:ann', reason: 'hard' })
    expect(await verifyAudit(runtime.db)).toMatchObject({
      servedPast: before.servedPast + 1,
      freed: before.freed
    })
  })

  test('with its account, at once or by the sweep', async () => {
    const waiting = await standMany(runtime, 2)
    const staff = new StaffStore(runtime.db)
    await staff.invite(
      { email: 'ann@town.example', name: 'Ann', role: 'agent', departments: ['parks'] },
      'system:start'
    )
    const { id } = (await staff.list())[0]!
    const request = { department: 'parks', leaseSeconds: 3600, mostHeld: 3 }
    await runtime.line.takeNext({ ...request, actor: `staff:${id}` })
    expect(await staff.disable(id, 'staff:sue')).toEqual([
      { department: 'parks', caseId: waiting[0] }
    ])
    expect(await lineOf(runtime)).toEqual(waiting)
    await runtime.line.takeNext({ ...request, actor: `staff:${id}` })
    expect(await runtime.line.freeDisabled()).toBe(1)
    expect(await lineOf(runtime)).toEqual(waiting)
  })
})
