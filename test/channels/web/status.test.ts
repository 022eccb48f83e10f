import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { newReceipt } from '../../../core/receipts.ts'
import { openSite, Visitor, type Site } from '../../helpers/site.ts'

let site: Site
let receipt: string
beforeAll(async () => {
  site = await openSite()
  const bytes = Buffer.from('message=My+secret+matter&name=Ana+Ruiz')
  receipt = (await site.ground.intake.accept({ channel: 'web', source: 'contact', bytes, mediaType: 'application/x-www-form-urlencoded', evidence: {} })).receipt
})
afterAll(() => site.close())

const visit = () => new Visitor(site.url)

test('shows state, department, arrival and what happens next, and nothing of what was said', async () => {
  const page = await visit().get(`/r/${receipt}?sent=1`)
  expect(page.status).toBe(200)
  for (const part of [receipt, 'We have your message', 'Thank you', 'Arrived']) expect(page.text).toContain(part)
  expect(page.text).not.toMatch(/secret|Ana/)
  expect(page.headers.get('cache-control')).toBe('no-store')
})

test('speaks the resident\'s language', async () => {
  expect((await visit().get(`/r/${receipt}`, { 'accept-language': 'es' })).text).toContain('Consultar un comprobante')
})

describe('a code as people type it', () => {
  const forms: [what: string, change: (code: string) => string][] = [
    ['in small letters', (code) => code.toLowerCase()],
    ['with spaces for hyphens', (code) => ` ${code.replaceAll('-', ' ')} `],
    ['without hyphens', (code) => code.replaceAll('-', '')],
    ['with O for 0 and l for 1', (code) => code.replaceAll('0', 'O').replaceAll('1', 'l')]
  ]
  test.each(forms)('%s leads to the same page', async (_what, change) => {
    const sent = await visit().post('/r', { code: change(receipt) })
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/r/${receipt}`])
  })
})

test('unknown and malformed codes get one and the same answer', async () => {
  const codes = [newReceipt(), 'unknown', 'x'.repeat(300), '%3Cscript%3E', `${receipt}0`, '..%2f..%2fdesk']
  const pages = await Promise.all(codes.map((code) => visit().get(`/r/${code}`)))
  expect(new Set(pages.map((page) => `${page.status} ${page.text}`)).size).toBe(1)
  expect(pages[0]!.status).toBe(404)
})

test('an address that asks more than 30 times in a minute has to wait', async () => {
  const visitor = visit()
  const pages = await Promise.all(Array.from({ length: 30 }, () => visitor.get('/r/unknown')))
  expect(new Set(pages.map((page) => page.status))).toEqual(new Set([404]))
  const refused = await visitor.get('/r/unknown')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
  expect(refused.text).toContain('Please wait')
  expect((await visit().get('/r/unknown')).status).toBe(404)
})
