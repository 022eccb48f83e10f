import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ask, type Question } from '../../../platform/http-client/ask.ts'
import { openFileHost, type FileHost } from '../../helpers/file-host.ts'
import { freePort } from '../../helpers/ports.ts'

let host: FileHost
beforeAll(async () => {
  host = await openFileHost()
})
afterAll(() => host.close())

const bounds: Question = { maxBytes: 1_000, idleMs: 60_000, totalMs: 60_000 }
const askFor = (path: string, question: Partial<Question> = {}) =>
  ask(`${host.url}${path}`, { ...bounds, ...question })

describe('an answer', () => {
  test.each([999, 1_000, 1_001])('of %i bytes is read up to the bound', async (length) => {
    host.tell('/long', { body: 'a'.repeat(length) })
    expect((await askFor('/long')).bytes).toHaveLength(Math.min(length, 1_000))
  })

  test('that says itself that it is longer is read for its start only', async () => {
    const headers = { 'content-length': '1001' }
    host.tell('/said', { body: 'a'.repeat(1_001), headers })
    const { bytes, size } = await askFor('/said', { startBytes: 10 })
    expect([bytes.length, size]).toEqual([10, 1_001])
  })

  test('of any status is answered, and no redirect is followed', async () => {
    host.tell('/away', { status: 302, headers: { location: '/long' } })
    expect((await askFor('/away')).status).toBe(302)
    host.tell('/wait', { status: 429, headers: { 'retry-after': '7' } })
    expect(await askFor('/wait')).toMatchObject({ status: 429, retryAfter: 7 })
  })
})

describe('no answer', () => {
  test('where nobody listens is told by the code of the system', async () => {
    const port = await freePort()
    await expect(ask(`http://127.0.0.1:${port}/`, bounds)).rejects.toMatchObject({
      code: 'FETCH_DOWN',
      detail: 'ECONNREFUSED'
    })
  })

  test('in time is none', async () => {
    host.tell('/silent', { silent: true })
    for (const short of [{ idleMs: 1 }, { totalMs: 1 }])
      await expect(askFor('/silent', short)).rejects.toMatchObject({ detail: 'ETIMEDOUT' })
  })

  test('that breaks off is none, also without a length', async () => {
    for (const headers of [{ 'content-length': '500' }, {}] as Record<string, string>[]) {
      host.tell('/broken', { body: 'a'.repeat(500), breakAfter: 100, headers })
      await expect(askFor('/broken')).rejects.toMatchObject({ code: 'FETCH_DOWN' })
    }
  })
})
