import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { forgetOld } from '../../../core/records/retention.ts'
import { rates } from '../../../platform/limits/rates.ts'
import { SharedCounter } from '../../../platform/limits/shared-counter.ts'
import { WrongGuesses } from '../../../platform/limits/wrong-guesses.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())
beforeEach(() => sql`truncate rate_limits`.execute(runtime.db))

/** Another process on the same database: it shares nothing else. */
const anotherProcess = () => new SharedCounter(runtime.database.pool, runtime.secret('rate-limits'))
const endMinute = () => sql`update rate_limits set expire = ${Date.now() - 1}`.execute(runtime.db)
const refused = expect.objectContaining({ code: 'RATE_LIMITED' })

test('what a key may have in a minute holds over several processes, and each says what is left', async () => {
  const [one, other] = [anotherProcess(), anotherProcess()]
  expect([
    await one.take('key', 3),
    await other.take('key', 3),
    await one.take('key', 3)
  ]).toMatchObject([
    { isWithin: true, left: 2 },
    { isWithin: true, left: 1 },
    { isWithin: true, left: 0 }
  ])
  const [here, there] = [await one.take('key', 3), await other.take('key', 3)]
  expect([here, there]).toMatchObject([
    { isWithin: false, left: 0 },
    { isWithin: false, left: 0 }
  ])
  expect([here, there].every(({ secondsLeft }) => secondsLeft >= 1 && secondsLeft <= 60)).toBe(true)
  expect(await other.take('another key', 3)).toMatchObject({ isWithin: true, left: 2 })
})

test('of many at once in two processes no more than its share are let through', async () => {
  const processes = [anotherProcess(), anotherProcess()]
  const taken = await Promise.all(
    Array.from({ length: 40 }, (_, n) => processes[n % 2]!.take('key', 10))
  )
  expect(taken.filter(({ isWithin }) => isWithin)).toHaveLength(10)
})

test('a key that is beyond its share costs no further statement', async () => {
  const counter = anotherProcess()
  for (let n = 0; n < 5; n += 1) await counter.take('key', 1)
  const { rows } = await sql<{ points: number }>`select points from rate_limits`.execute(runtime.db)
  expect(rows).toEqual([{ points: 2 }])
})

test('a key whose share was raised has the new one at once', async () => {
  const counter = anotherProcess()
  expect(
    [await counter.take('key', 1), await counter.take('key', 1), await counter.take('key', 5)].map(
      ({ isWithin }) => isWithin
    )
  ).toEqual([true, false, true])
})

test('wrong guesses are counted by kind and by who guesses, and begin anew with the minute', async () => {
  const [one, other] = [new WrongGuesses(anotherProcess()), new WrongGuesses(anotherProcess())]
  for (let n = 0; n < rates.wrongReceipts; n += 1)
    await (n % 2 ? one : other).count('receipt', '192.0.2.7')
  await expect(one.count('receipt', '192.0.2.7')).rejects.toEqual(refused)
  await expect(one.count('receipt', '192.0.2.8')).resolves.toBeUndefined()
  await expect(one.count('key', '192.0.2.7')).resolves.toBeUndefined()
  await endMinute()
  await expect(other.count('receipt', '192.0.2.7')).resolves.toBeUndefined()
})

test('where checking costs much, an address that has made its wrong guesses is known beforehand', async () => {
  const [one, other] = [new WrongGuesses(anotherProcess()), new WrongGuesses(anotherProcess())]
  const isSpent = () => other.isSpent('mail-sign-in', '192.0.2.7')
  expect(await isSpent()).toBe(false)
  for (let n = 1; n < rates.mailSignIns; n += 1) await one.count('mail-sign-in', '192.0.2.7')
  expect(await isSpent()).toBe(false)
  await one.count('mail-sign-in', '192.0.2.7')
  expect([await isSpent(), await other.isSpent('mail-sign-in', '192.0.2.8')]).toEqual([true, false])
  await endMinute()
  expect(await isSpent()).toBe(false)
})

test('the table holds no address, and what is over is forgotten', async () => {
  await new WrongGuesses(anotherProcess()).count('link', '192.0.2.7')
  const { rows } = await sql<{ text: string }>`select r::text as text from rate_limits r`.execute(
    runtime.db
  )
  expect(rows).toHaveLength(1)
  expect(rows[0]!.text).not.toContain('192.0.2')
  expect(await forgetOld(runtime)).toBe(0)
  await endMinute()
  expect(await forgetOld(runtime)).toBe(1)
})
