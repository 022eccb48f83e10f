import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import {
  answerOnce,
  fingerprintOf,
  forgetExpired,
  readIdempotencyKey,
  type IdempotentRequest
} from '../../../core/access/idempotency.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

let keys = 0
const request = (overrides: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
  owner: 'key:a',
  key: `k${++keys}`,
  fingerprint: 'f',
  ...overrides
})
const answer = { status: 201, headers: { location: '/x' }, body: '{"receipt":"R"}' }

describe('a request with a key', () => {
  test('is worked on once; a repeat gets the first answer', async () => {
    const once = request()
    let worked = 0
    const work = async () => {
      worked++
      return answer
    }
    expect(await answerOnce(runtime.db, once, work)).toEqual({ ...answer, repeated: false })
    expect(await answerOnce(runtime.db, once, work)).toEqual({ ...answer, repeated: true })
    expect(worked).toBe(1)
  })

  test('that came with another request before is refused, finished or not', async () => {
    const once = request()
    await answerOnce(runtime.db, once, async () => {
      await expect(
        answerOnce(runtime.db, { ...once, fingerprint: 'other' }, async () => answer)
      ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
      await expect(answerOnce(runtime.db, once, async () => answer)).rejects.toMatchObject({
        code: 'IDEMPOTENCY_KEY_BUSY'
      })
      return answer
    })
    await expect(
      answerOnce(runtime.db, { ...once, fingerprint: 'other' }, async () => answer)
    ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  })

  test('of another system is another key', async () => {
    const once = request()
    await answerOnce(runtime.db, once, async () => answer)
    expect(
      await answerOnce(
        runtime.db,
        { ...once, owner: 'key:b', fingerprint: 'other' },
        async () => answer
      )
    ).toMatchObject({ repeated: false })
  })

  test('of which ten come at once is worked on once', async () => {
    const once = request()
    let worked = 0
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        answerOnce(runtime.db, once, async () => {
          worked++
          return answer
        })
      )
    )
    expect(worked).toBe(1)
    expect(
      results
        .filter(({ status }) => status === 'rejected')
        .every((result) => (result as PromiseRejectedResult).reason.code === 'IDEMPOTENCY_KEY_BUSY')
    ).toBe(true)
  })

  test('that failed on our side may be tried again', async () => {
    const once = request()
    await expect(
      answerOnce(runtime.db, once, async () => {
        throw new Error('gone')
      })
    ).rejects.toThrow('gone')
    expect(
      await answerOnce(runtime.db, once, async () => ({ ...answer, status: 503 }))
    ).toMatchObject({ status: 503 })
    expect(await answerOnce(runtime.db, once, async () => answer)).toMatchObject({
      status: 201,
      repeated: false
    })
  })

  test('whose process died is worked on again by a repeat', async () => {
    const once = request()
    await sql`insert into idempotent_requests (owner, idempotency_key, fingerprint, started_at,
        expires_at) values (${once.owner}, ${once.key}, ${once.fingerprint},
        now() - interval '61 seconds', now() + interval '1 day')`.execute(runtime.db)
    expect(await answerOnce(runtime.db, once, async () => answer)).toMatchObject({
      repeated: false
    })
  })

  test('is forgotten after a day', async () => {
    const once = request()
    await answerOnce(runtime.db, once, async () => answer)
    await sql`update idempotent_requests set expires_at = now() - interval '1 second'
        where idempotency_key = ${once.key}`.execute(runtime.db)
    expect(
      await answerOnce(runtime.db, { ...once, fingerprint: 'other' }, async () => answer)
    ).toMatchObject({ repeated: false })
    await sql`update idempotent_requests set expires_at = now() - interval '1 second'
        where idempotency_key = ${once.key}`.execute(runtime.db)
    expect(await forgetExpired(runtime.db)).toBe(1)
  })

  test('gets its answer kept up to 64 KiB; a larger one is worked on again', async () => {
    const [fits, large] = [request(), request()]
    await answerOnce(runtime.db, fits, async () => ({ status: 200, body: 'x'.repeat(65_536) }))
    expect(await answerOnce(runtime.db, fits, async () => answer)).toMatchObject({ repeated: true })
    await answerOnce(runtime.db, large, async () => ({ status: 200, body: 'x'.repeat(65_537) }))
    expect(await answerOnce(runtime.db, large, async () => answer)).toMatchObject({
      repeated: false
    })
  })
})

test('a key is 1 to 255 visible characters, quoted or not', () => {
  expect([
    readIdempotencyKey(undefined),
    readIdempotencyKey('"8e03978e"'),
    readIdempotencyKey('8e03978e'),
    readIdempotencyKey('x'.repeat(255))
  ]).toEqual([undefined, '8e03978e', '8e03978e', 'x'.repeat(255)])
  for (const wrong of ['', '""', 'a b', 'x'.repeat(256), 'é'])
    expect(() => readIdempotencyKey(wrong)).toThrow(
      expect.objectContaining({ code: 'IDEMPOTENCY_KEY_INVALID' })
    )
})

test('requests are told apart by method, path and body', () => {
  const all = [
    ['POST', '/a', 'x'],
    ['PUT', '/a', 'x'],
    ['POST', '/b', 'x'],
    ['POST', '/a', 'y']
  ] as const
  expect(
    new Set(all.map(([method, path, body]) => fingerprintOf(method, path, Buffer.from(body)))).size
  ).toBe(4)
})
