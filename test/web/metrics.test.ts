import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import http from 'node:http'
import { Registry } from 'prom-client'
import { openWeb } from '../../web/open-web.ts'
import { listen, openSite, type Site } from '../helpers/site.ts'

const TOKEN = 'a-token-for-prometheus'
let site: Site
let open: { url: string; close(): Promise<void> }
beforeAll(async () => {
  site = await openSite()
  open = await listen(
    openWeb(
      { ...site.runtime, settings: { ...site.runtime.settings, METRICS_TOKEN: TOKEN } },
      {},
      new Registry()
    ).app
  )
})
afterAll(async () => {
  await open.close()
  await site.close()
})

/** The address exactly as given: fetch would tidy it up. */
function ask(
  base: string,
  path: string,
  headers: Record<string, string> = {}
): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    http
      .get(base, { path, headers }, (response) => {
        let text = ''
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk
          })
          .on('end', () => resolve({ status: response.statusCode, text }))
      })
      .on('error', reject)
  })
}

const spellings = [
  '/metrics',
  '/metrics/',
  '/METRICS',
  '/Metrics/',
  '/metrics?x=1',
  '/%6detrics',
  '/metric%73',
  '//metrics',
  '/./metrics',
  '/metrics/.',
  '/metrics%2f',
  '/metrics;x',
  '/healthz/../metrics'
]

describe('through a proxy', () => {
  test.each(spellings)('%s gives no figures', async (path) => {
    for (const header of [
      'x-forwarded-for',
      'forwarded',
      'x-real-ip',
      'via',
      'x-forwarded-proto'
    ]) {
      const { status, text } = await ask(site.url, path, { [header]: '127.0.0.1' })
      expect([403, 404]).toContain(status)
      expect(text).not.toContain('evenhand_http_seconds')
    }
  })

  test('the token opens them, another does not', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9' }
    expect(
      (await ask(open.url, '/metrics', { ...headers, authorization: `Bearer ${TOKEN}` })).text
    ).toContain('evenhand_http_seconds')
    for (const authorization of [`Bearer ${TOKEN}x`, 'Bearer ', `Basic ${TOKEN}`, TOKEN])
      expect((await ask(open.url, '/metrics', { ...headers, authorization })).status).toBe(403)
    expect((await ask(open.url, '/METRICS/', headers)).status).toBe(403)
  })
})

test('asked on the machine itself they are given', async () => {
  expect((await ask(site.url, '/metrics')).text).toContain('evenhand_http_seconds')
})
