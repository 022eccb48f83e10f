import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import { rates } from '../../../platform/limits/rates.ts'
import { holdMinute } from '../../helpers/hold-minute.ts'
import { openSite, Visitor, type Site } from '../../helpers/site.ts'

let site: Site
/** As behind a library's address, or a proxy that nobody named: everybody has the same. */
beforeAll(async () => {
  site = await openSite({ TRUST_PROXY: '' })
})
afterAll(() => site.close())
afterEach(() => {
  jest.restoreAllMocks()
})

async function send(visitor: Visitor) {
  const form = await visitor.get('/')
  const sent = await visitor.post('/', {
    _token: form.input('_token'),
    _language: form.input('_language'),
    _more: '',
    message: 'The lamp is out'
  })
  return { form, sent }
}

/**
 * A resident with a browser of their own: opens the form, sends it, sees the receipt, and looks it
 * up again by typing it.
 */
async function resident(): Promise<number[]> {
  const visitor = new Visitor(site.url)
  const { form, sent } = await send(visitor)
  const location = sent.headers.get('location')!
  const shown = await visitor.get(location)
  const typed = await visitor.post('/r', { code: location.slice(3, 23) })
  const again = await visitor.get(typed.headers.get('location')!)
  expect(again.text).toContain(location.slice(3, 23))
  return [form.status, sent.status, shown.status, typed.status, again.status]
}

test('200 residents behind one address send and see their receipts within a minute, and none is refused', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, resident))
  expect(new Set(answers.map(String))).toEqual(new Set(['200,303,200,303,200']))
})

test("a browser that sends more than a person does has to wait, keeps what was typed, and its address is nobody else's", async () => {
  holdMinute()
  const visitor = new Visitor(site.url)
  const within = []
  for (let n = 0; n < rates.formsPerBrowser; n += 1) within.push((await send(visitor)).sent.status)
  expect(new Set(within)).toEqual(new Set([303]))
  const { sent } = await send(visitor)
  expect([sent.status, sent.headers.has('retry-after')]).toEqual([429, true])
  expect(sent.text).toContain('The lamp is out')
  expect((await send(new Visitor(site.url))).sent.status).toBe(303)
})
