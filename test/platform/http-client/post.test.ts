import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { departmentsSchema } from '../../../config/schema.ts'
import { post } from '../../../platform/http-client/post.ts'

let asked = 0
let port = 0
const server = http.createServer((request, response) => {
  asked += 1
  if (request.url === '/away')
    response.writeHead(302, { location: `http://127.0.0.1:${port}/taken` }).end()
  else if (request.url === '/cut') request.socket.destroy()
  else if (request.url !== '/silent') response.writeHead(204).end()
})
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  port = (server.address() as AddressInfo).port
})
afterAll(
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
)

describe('a request out', () => {
  test.each([
    'http://127.0.0.1:PORT/',
    'https://127.0.0.1:PORT/',
    'https://[::1]:PORT/',
    'https://localhost:PORT/',
    'https://10.0.0.1/',
    'https://[2002:7f00:1::1]/',
    'https://[::7f00:1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::ffff:127.0.0.1]:PORT/',
    'https://0x7f000001:PORT/',
    'http://localhost:PORT/'
  ])('goes nowhere private unless it may: %s', async (url) => {
    const before = asked
    expect(
      await post(url.replace('PORT', String(port)), {}, '{}', { allowPrivate: false })
    ).toMatchObject({
      status: undefined,
      problem: expect.stringMatching(/private network|only https|could not be reached/)
    })
    expect(asked).toBe(before)
  })

  test('goes where it may', async () => {
    expect(await post(`http://127.0.0.1:${port}/taken`, {}, '{}', { allowPrivate: true })).toEqual({
      status: 204,
      retryAfter: undefined,
      problem: undefined
    })
  })

  test('is redirected nowhere', async () => {
    const before = asked
    expect(
      await post(`http://127.0.0.1:${port}/away`, {}, '{}', { allowPrivate: true })
    ).toMatchObject({ status: 302, problem: 'it answered 302' })
    expect(asked).toBe(before + 1)
  })

  test('that is cut off, or not answered, has failed', async () => {
    expect(
      await post(`http://127.0.0.1:${port}/cut`, {}, '{}', { allowPrivate: true })
    ).toMatchObject({ status: undefined, problem: 'it could not be reached (ECONNRESET)' })
    expect(
      await post(`http://127.0.0.1:${port}/silent`, {}, '{}', { allowPrivate: true, timeoutMs: 50 })
    ).toMatchObject({ status: undefined, problem: 'it did not answer in time' })
  })
})

describe('a webhook in departments.yaml', () => {
  const parse = (webhook: object) =>
    departmentsSchema.safeParse({
      agency: { name: { en: 'Town' }, email: 'a@town.example', timeZone: 'UTC', languages: ['en'] },
      general: 'general',
      departments: [{ id: 'general', name: { en: 'General' }, webhook }]
    })

  test('needs no more than an https address', () => {
    expect(parse({ url: 'https://permits.town.example/in' }).data?.departments[0]!.webhook).toEqual(
      {
        url: 'https://permits.town.example/in',
        maxInFlight: 1,
        allowPrivate: false,
        include: [],
        secretVersion: 1
      }
    )
    expect(
      parse({ url: 'http://10.0.0.5:8080/in', allowPrivate: true, maxInFlight: 100 }).success
    ).toBe(true)
  })

  test.each([
    [{ url: 'http://permits.town.example/in' }],
    [{ url: 'ftp://permits.town.example' }],
    [{ url: 'https://user:secret@permits.town.example' }],
    [{ url: 'https://a.example', maxInFlight: 0 }],
    [{ url: 'https://a.example', maxInFlight: 101 }],
    [{ url: 'https://a.example', include: ['everything'] }],
    [{}],
    [{ url: 'https://a.example', secret: 'x' }]
  ])('is refused as %j', (webhook) => {
    expect(parse(webhook).success).toBe(false)
  })
})
