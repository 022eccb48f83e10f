import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { createTestRuntime, queueKinds, type TestRuntime } from '../../helpers/runtime.ts'
import { emptyLine, stand, standMany, take, town } from '../../helpers/contacts.ts'

describe.each(queueKinds)('taking from the line with queues on %s', (kind) => {
  let runtime: TestRuntime
  beforeAll(async () => {
    runtime = await createTestRuntime(kind)
  })
  afterEach(() => emptyLine(runtime))
  afterAll(async () => {
    expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
    await runtime.remove()
  })

  test('the next case is the earliest arrival, whatever its channel', async () => {
    const letters = []
    for (const channel of ['postal', 'email', 'web', 'phone'] as const)
      letters.push(await stand(runtime, { channel }))
    for (const letter of letters) expect((await take(runtime))?.caseId).toBe(letter.caseId)
  })

  test('an empty line gives nothing', async () => {
    expect(await take(runtime)).toBeUndefined()
  })

  test('a line gives only its own cases', async () => {
    await stand(runtime, { to: town('water') })
    expect(await take(runtime, 'staff:ann', 'parks')).toBeUndefined()
    expect(await take(runtime, 'staff:ann', 'water')).toBeDefined()
  })

  test('what is taken says how long it may be held', async () => {
    const { caseId, receipt } = await stand(runtime)
    const taken = await runtime.line.takeNext({
      department: 'parks',
      actor: 'staff:ann',
      leaseSeconds: 90,
      mostHeld: 1_000
    })
    expect(taken).toMatchObject({ caseId, receipt })
    const row = await runtime.db
      .selectFrom('cases')
      .selectAll()
      .where('id', '=', caseId)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      state: 'taken',
      taken_by: 'staff:ann',
      lease_until: taken!.leaseUntil
    })
    expect(row.lease_until!.getTime() - row.taken_at!.getTime()).toBe(90_000)
  })

  test('many takers at once never get the same case, and together get the earliest', async () => {
    const waiting = await standMany(runtime, 120)
    const taken = await Promise.all(
      Array.from({ length: 100 }, (_, n) => take(runtime, `staff:${n % 7}`))
    )
    expect(taken.map((one) => one!.caseId).toSorted()).toEqual(waiting.slice(0, 100).toSorted())
  })

  test('takers in several processes never get the same case, and together get the earliest', async () => {
    const waiting = await standMany(runtime, 40)
    const { Line } = await import('../../../core/line/line.ts')
    const processes = Array.from({ length: 4 }, () => new Line(runtime.db, () => undefined))
    const taken = await Promise.all(
      Array.from({ length: 32 }, (_, n) =>
        processes[n % 4]!.takeNext({
          department: 'parks',
          actor: `staff:${n}`,
          leaseSeconds: 60,
          mostHeld: 1_000
        })
      )
    )
    expect(taken.map((one) => one!.caseId).toSorted()).toEqual(waiting.slice(0, 32).toSorted())
  })

  test('more takers than cases: each case once, the rest nothing', async () => {
    const waiting = await standMany(runtime, 3)
    const taken = await Promise.all(
      Array.from({ length: 10 }, (_, n) => take(runtime, `staff:${n}`))
    )
    expect(taken.flatMap((one) => (one ? [one.caseId] : [])).toSorted()).toEqual(waiting.toSorted())
    expect(taken.filter((one) => one === undefined)).toHaveLength(7)
  })

  test.each([Number.NaN, Infinity, -1, 0])(
    'a lease of %p seconds is refused and disturbs nobody who asks at the same time',
    async (leaseSeconds) => {
      const { caseId } = await stand(runtime)
      const asked = await Promise.allSettled([
        runtime.line.takeNext({
          department: 'parks',
          actor: 'staff:bad',
          leaseSeconds,
          mostHeld: 3
        }),
        take(runtime, 'staff:ann')
      ])
      expect(asked).toMatchObject([
        { status: 'rejected', reason: { code: 'BAD_REQUEST' } },
        { status: 'fulfilled', value: { caseId } }
      ])
    }
  )
})
