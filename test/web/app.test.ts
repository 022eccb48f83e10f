import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fs from 'node:fs'
import http from 'node:http'
import { Registry } from 'prom-client'
import { web } from '../../channels/web/index.ts'
import type { ChannelRoute } from '../../core/intake/channel.ts'
import { registerChannels } from '../../channels/register.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { assetBase } from '../../platform/pages/assets.ts'
import { openWeb } from '../../web/open-web.ts'
import { listen, openSite, Visitor, type Site } from '../helpers/site.ts'

let site: Site
let plain: { url: string; close(): Promise<void> }
const seen: { body: Uint8Array; url: string; address: string; query: string }[] = []
const route: ChannelRoute = {
  method: 'post',
  path: '/hooks/test/:what',
  maxBodyBytes: 1000,
  perMinute: 1000,
  async handle({ body, url, remoteAddress, params, query }) {
    if (params['what'] === 'busy') throw new EvenhandError('INTAKE_BUSY')
    if (params['what'] === 'broken') throw new Error('row value "Jane Doe"')
    seen.push({ body, url, address: remoteAddress, query: query.toString() })
    return { status: 202, headers: { 'x-answer': ['a', 'b'] }, body: 'taken' }
  }
}
beforeAll(async () => {
  site = await openSite()
  plain = await listen(openWeb(site.runtime, { routes: [route] }, new Registry()).app)
})
afterAll(async () => {
  await plain.close()
  await site.close()
})

describe('every page', () => {
  test.each(['/', '/r', '/desk/sign-in', '/nothing-here', assetBase + '/own/forms.js'])(
    '%s lets nothing run, load or frame but our own',
    async (path) => {
      const { headers } = await new Visitor(site.url).get(path)
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self';font-src 'self';media-src 'self';connect-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'"
      )
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  )

  test.each(['/', '/r', '/r/unknown', '/desk/sign-in', '/nothing-here'])(
    '%s is kept by no browser',
    async (path) => {
      expect((await new Visitor(site.url).get(path)).headers.get('cache-control')).toBe('no-store')
    }
  )

  test.each(['/', '/r', '/desk/sign-in'])('%s has no script or style of its own', async (path) => {
    expect((await new Visitor(site.url).get(path)).text).not.toMatch(
      /<script>|<style|\sstyle=|\son\w+=/
    )
  })
})

describe('assets', () => {
  test('are kept for a year under an address that changes with them', async () => {
    const css = await new Visitor(site.url).get(`${assetBase}/own/base.css`)
    expect([css.status, css.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable'
    ])
    expect(css.headers.get('content-encoding')).toMatch(/gzip|br/)
  })

  test.each([
    '/../../../package.json',
    '/own/../../package.json',
    '/own/..%2f..%2fpackage.json',
    '/own/%2e%2e/%2e%2e/package.json',
    '/own/..%5c..%5crender.ts',
    '/fonts/../../../../package.json',
    '/fonts/',
    '/own',
    '/own/%00',
    ''
  ])('nothing outside their folders is served: %s', async (path) => {
    // fetch would tidy the path up before sending it.
    const status = await new Promise((resolve, reject) => {
      http
        .get(`${site.url}`, { path: assetBase + path }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
        .on('error', reject)
    })
    expect([400, 403, 404]).toContain(status)
  })

  test('an address of another version leads nowhere', async () => {
    expect((await new Visitor(site.url).get('/assets/old/own/base.css')).status).toBe(404)
  })
})

describe('probes', () => {
  test('say that the process is up, that it can work, and what it counts', async () => {
    const visitor = new Visitor(site.url)
    expect((await visitor.get('/healthz')).text).toBe('ok\n')
    expect((await visitor.get('/readyz')).text).toBe('ready\n')
    await visitor.get('/r/ABCDEF-ABCDEF-ABCDEF')
    const metrics = await (await fetch(`${site.url}/metrics`)).text()
    expect(metrics).toContain(
      'evenhand_http_seconds_count{route="/r/:receipt",method="GET",status="404"}'
    )
    expect(metrics).not.toContain('ABCDEF')
  })
})

test('/readyz says no while nothing can be written where the data are', async () => {
  const own = await openSite()
  const { DATA_DIR } = own.runtime.settings
  fs.rmSync(DATA_DIR, { recursive: true })
  const page = await new Visitor(own.url).get('/readyz')
  expect([page.status, page.text]).toEqual([503, 'the disk is full or cannot be written\n'])
  fs.mkdirSync(DATA_DIR)
  await own.close()
})

describe("a channel's route", () => {
  test("gets the body's bytes as they came, the public address and the query", async () => {
    const body = Buffer.from([0, 255, 13, 10, 1])
    const answer = await new Visitor(plain.url).send('/hooks/test/x?a=%20b&a=c', body, {
      'content-type': 'application/x-odd',
      'x-forwarded-for': '203.0.113.9'
    })
    expect([answer.status, answer.text, answer.headers.get('x-answer')]).toEqual([
      202,
      'taken',
      'a, b'
    ])
    expect(seen.at(-1)).toMatchObject({
      url: 'http://town.example/hooks/test/x?a=%20b&a=c',
      address: '203.0.113.9',
      query: 'a=+b&a=c'
    })
    expect(Buffer.from(seen.at(-1)!.body)).toEqual(body)
  })

  test('takes exactly its bound and refuses one byte more', async () => {
    const visitor = new Visitor(plain.url)
    const headers = { accept: 'application/json' }
    expect((await visitor.send('/hooks/test/x', Buffer.alloc(1000), headers)).status).toBe(202)
    const refused = await visitor.send('/hooks/test/x', Buffer.alloc(1001), headers)
    expect(refused.status).toBe(413)
    expect(JSON.parse(refused.text)).toMatchObject({ status: 413, code: 'INTAKE_TOO_LARGE' })
  })

  test('is not tricked by a compressed body', async () => {
    expect(
      (
        await new Visitor(plain.url).send('/hooks/test/x', Buffer.alloc(10), {
          'content-encoding': 'gzip'
        })
      ).status
    ).toBe(400)
  })

  test('that cannot take more says when to come again', async () => {
    const answer = await new Visitor(plain.url).send('/hooks/test/busy', Buffer.alloc(1), {
      accept: 'application/json'
    })
    expect([
      answer.status,
      answer.headers.get('retry-after'),
      answer.headers.get('content-type')
    ]).toEqual([503, '30', 'application/problem+json; charset=utf-8'])
  })

  test('that fails says nothing of why', async () => {
    const answer = await new Visitor(plain.url).send('/hooks/test/broken', Buffer.alloc(1), {})
    expect(answer.status).toBe(500)
    expect(answer.text).not.toMatch(/Jane|Error:/)
  })
})

test("an address of nothing gets a page in the visitor's language, or problem details", async () => {
  const visitor = new Visitor(site.url)
  const page = await visitor.get('/nothing-here', { 'accept-language': 'es' })
  expect([page.status, page.text.includes('No hay nada en esta dirección')]).toEqual([404, true])
  expect(
    JSON.parse((await visitor.get('/nothing-here', { accept: 'application/json' })).text)
  ).toMatchObject({ status: 404, code: 'NOT_FOUND' })
})

test.each([
  ['nobody was named, whatever the public address', '', '127.0.0.1'],
  ['the proxy is another', '10.0.0.0/8, 192.168.0.1', '127.0.0.1'],
  ['it was named', '10.0.0.5, 127.0.0.0/8', '203.0.113.9']
])('the word of a proxy on where a visitor comes from, when %s', async (_, proxies, address) => {
  const settings = { ...site.runtime.settings, TRUST_PROXY: proxies.split(', ').filter(Boolean) }
  const direct = await listen(
    openWeb({ ...site.runtime, settings }, { routes: [route] }, new Registry()).app
  )
  try {
    await new Visitor(direct.url).send('/hooks/test/x', Buffer.alloc(1), {
      'x-forwarded-for': '198.51.100.1, 203.0.113.9'
    })
    expect(seen.at(-1)!.address).toBe(address)
  } finally {
    await direct.close()
  }
})

test('over https cookies travel encrypted only and browsers are told to stay there', async () => {
  const settings = { ...site.runtime.settings, PUBLIC_URL: 'https://town.example' }
  const runtime = { ...site.runtime, settings }
  const secure = await listen(
    openWeb(runtime, registerChannels(runtime, [web]), new Registry()).app
  )
  try {
    for (const path of ['/', '/desk/sign-in']) {
      const { headers } = await new Visitor(secure.url).get(path)
      expect(headers.getSetCookie().length).toBeGreaterThan(0)
      for (const cookie of headers.getSetCookie())
        expect(cookie).toMatch(/; HttpOnly.*; Secure|; Secure.*; HttpOnly|HttpOnly; Secure/)
      expect(headers.get('strict-transport-security')).toMatch(/max-age=\d+/)
    }
  } finally {
    await secure.close()
  }
})
