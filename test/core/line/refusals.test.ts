import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { emptyLine, stand, take } from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterEach(() => emptyLine(runtime))
afterAll(() => runtime.remove())

type Verb = [name: string, act: (caseId: string, actor: string, reason: string) => Promise<void>]
const verbs: Verb[] = [
  ['return', (caseId, actor, reason) => runtime.line.giveBack(caseId, actor, reason)],
  ['pass', (caseId, actor, reason) => runtime.line.pass(caseId, actor, reason)],
  ['transfer', (caseId, actor, reason) => runtime.line.transfer(caseId, actor, 'water', reason)],
  [
    'hand off',
    (caseId, actor, reason) => runtime.line.handOff(caseId, actor, 'fire brigade', reason)
  ],
  ['close', (caseId, actor, reason) => runtime.line.close(caseId, actor, reason)]
]

describe.each(verbs)('%s', (_, act) => {
  test('needs the case to be held by the one who acts', async () => {
    const { caseId } = await stand(runtime)
    await expect(act(caseId, 'staff:ann', 'because')).rejects.toMatchObject({
      code: 'CASE_NOT_TAKEN'
    })
    await take(runtime, 'staff:ann')
    await expect(act(caseId, 'staff:bob', 'because')).rejects.toMatchObject({
      code: 'CASE_NOT_TAKEN'
    })
    expect(
      await runtime.db
        .selectFrom('cases')
        .select(['state', 'taken_by'])
        .where('id', '=', caseId)
        .executeTakeFirst()
    ).toEqual({ state: 'taken', taken_by: 'staff:ann' })
  })

  test.each([randomUUID(), 'no-such-case', '', 'a\u0000b'])(
    'says that the case %j is unknown',
    async (caseId) => {
      await expect(act(caseId, 'staff:ann', 'because')).rejects.toMatchObject({
        code: 'CASE_UNKNOWN'
      })
    }
  )

  test('happens once, however often it is asked for in one instant', async () => {
    const { caseId } = await stand(runtime)
    await take(runtime, 'staff:ann')
    const asked = await Promise.allSettled(
      Array.from({ length: 5 }, () => act(caseId, 'staff:ann', 'because'))
    )
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const one of asked)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'CASE_NOT_TAKEN' })
    await emptyLine(runtime, 'water')
  })

  test('cuts an over-long reason and keeps what PostgreSQL can hold', async () => {
    const { caseId } = await stand(runtime)
    await take(runtime, 'staff:ann')
    await act(caseId, 'staff:ann', `\u0000${'x'.repeat(1_998)}\u{1F333}${'y'.repeat(100_000)}`)
    const { data } = await runtime.db
      .selectFrom('events')
      .select('data')
      .where('case_id', '=', caseId)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(data['reason'] ?? data['outcome']).toBe(`\uFFFD${'x'.repeat(1_998)}\uFFFD`)
    await emptyLine(runtime, 'water')
  })
})

describe.each(['', '   ', '\n\t', '\u200B', '\u2060\uFEFF \u00AD', '\u3164\u2800', '\u202E\u0000'])(
  'a reason of nothing that can be seen (%j)',
  (blank) => {
    test.each(
      verbs.filter(
        ([name]) => name === 'return' || name === 'pass' || name === 'hand off' || name === 'close'
      )
    )('is no reason to %s', async (_, act) => {
      const { caseId } = await stand(runtime)
      await take(runtime, 'staff:ann')
      await expect(act(caseId, 'staff:ann', blank)).rejects.toMatchObject({
        code: 'REASON_REQUIRED'
      })
    })

    test('is no reason to reopen', async () => {
      await expect(runtime.line.reopen(randomUUID(), 'staff:ann', blank)).rejects.toMatchObject({
        code: 'REASON_REQUIRED'
      })
    })
  }
)

test('closing twice changes nothing the second time', async () => {
  const { caseId } = await stand(runtime)
  await take(runtime)
  await runtime.line.close(caseId, 'staff:ann', 'answered')
  await expect(runtime.line.close(caseId, 'staff:ann', 'refused')).rejects.toMatchObject({
    code: 'CASE_NOT_TAKEN'
  })
  expect(
    await runtime.db
      .selectFrom('cases')
      .select('outcome')
      .where('id', '=', caseId)
      .executeTakeFirst()
  ).toEqual({ outcome: 'answered' })
})

test('a close that cannot be does not stop others that come in the same instant', async () => {
  const { caseId } = await stand(runtime)
  await take(runtime)
  const ends = await Promise.allSettled([
    runtime.line.close('nonsense', 'staff:ann', 'x'),
    runtime.line.close(randomUUID(), 'staff:ann', 'x'),
    runtime.line.close(caseId, 'staff:ann', 'answered')
  ])
  expect(ends).toMatchObject([
    { reason: { code: 'CASE_UNKNOWN' } },
    { reason: { code: 'CASE_UNKNOWN' } },
    { status: 'fulfilled' }
  ])
})

test('only an ended case can be reopened, and only once', async () => {
  const { caseId } = await stand(runtime)
  await expect(runtime.line.reopen(caseId, 'staff:ann', 'again')).rejects.toMatchObject({
    code: 'CASE_NOT_CLOSED'
  })
  await expect(runtime.line.reopen(randomUUID(), 'staff:ann', 'again')).rejects.toMatchObject({
    code: 'CASE_UNKNOWN'
  })
  await take(runtime)
  await runtime.line.close(caseId, 'staff:ann', 'answered')
  const asked = await Promise.allSettled(
    Array.from({ length: 4 }, () => runtime.line.reopen(caseId, 'staff:ann', 'again'))
  )
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})
