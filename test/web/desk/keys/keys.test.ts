import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { findKey, listKeys } from '../../../../core/access/api-keys.ts'
import { openSite, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

let site: Site
let admin: SignedIn
beforeAll(async () => {
  site = await openSite()
  admin = await signIn(site, 'admin')
})
afterAll(() => site.close())

async function submit(path: string, fields: Record<string, string>) {
  const page = await admin.get('/desk/keys')
  return admin.post(path, { _csrf: page.input('_csrf'), ...fields })
}

const choices = {
  name: 'Chat',
  perMinute: '60',
  contacts: 'write',
  'line-parks': 'serve',
  'line-water': 'read',
  'line-*': ''
}
const find = async (name: string) =>
  (await listKeys(site.runtime.db)).find((key) => key.name === name)!

describe('the page of keys', () => {
  test('adds a key and shows its secret, once', async () => {
    const shown = await submit('/desk/keys', choices)
    const secret = /value="(evh_[\w-]{43})"/.exec(shown.text)![1]!
    expect(await findKey(site.runtime.db, secret)).toMatchObject({
      name: 'Chat',
      scopes: ['contacts:write', 'line:read:water', 'line:serve:parks'],
      perMinute: 60
    })
    const list = await admin.get('/desk/keys')
    expect(list.text).toContain('contacts:write, line:read:water, line:serve:parks')
    expect(list.text).not.toContain(secret)
    expect(shown.headers.get('cache-control')).toBe('no-store')
  })

  test('says what is wrong with one, and keeps what was typed', async () => {
    const refused = await submit('/desk/keys', { name: 'Nothing at all', perMinute: '60' })
    expect([
      refused.status,
      refused.text.includes('there are 1 to 200 scopes'),
      refused.text.includes('value="Nothing at all"')
    ]).toEqual([422, true, true])
    expect((await submit('/desk/keys', { ...choices, perMinute: 'many' })).status).toBe(422)
  })

  test('gives a new secret with the old one working on, and disables for good', async () => {
    await submit('/desk/keys', { ...choices, name: 'CRM' })
    const { id } = await find('CRM')
    const shown = await submit(`/desk/keys/${id}/rotate`, { overlap: '24' })
    const secret = /value="(evh_[\w-]{43})"/.exec(shown.text)![1]!
    expect((await find('CRM')).secrets).toHaveLength(2)
    expect((await admin.get('/desk/keys')).text).toContain('An old secret works until')
    const done = await submit(`/desk/keys/${id}/disable`, {})
    expect(done.status).toBe(303)
    expect(await findKey(site.runtime.db, secret)).toBeUndefined()
    expect((await admin.get('/desk/keys')).text).toContain('The key opens nothing any more.')
    expect((await submit(`/desk/keys/${id}/rotate`, {})).status).toBe(404)
  })

  test("is for administrators, and for nobody without its form's token", async () => {
    for (const role of ['agent', 'mailroom', 'supervisor'] as const) {
      const visitor = await signIn(site, role)
      expect((await visitor.get('/desk/keys')).status).toBe(403)
    }
    const before = (await listKeys(site.runtime.db)).length
    expect((await admin.post('/desk/keys', choices)).status).toBe(403)
    expect(await listKeys(site.runtime.db)).toHaveLength(before)
  })
})
