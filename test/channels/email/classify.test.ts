import { describe, expect, test } from '@jest/globals'
import { email } from '../../../channels/email/index.ts'
import { agency, fixture, translated } from './support.ts'

const read = (name: string) => translated({ ...email.fromFile(`${name}.eml`, fixture(name), agency), sha256: '' })

describe('a mail that a machine wrote', () => {
  test.each([
    ['delivery-report', 'bounce', /message\/delivery-status/],
    ['qmail-bounce', 'bounce', /mail server returned/],
    ['exim-bounce', 'bounce', /X-Failed-Recipients/],
    ['vacation', 'auto-reply', /Auto-Submitted/],
    ['exchange-out-of-office', 'auto-reply', /Exchange/]
  ])('is known by its marks: %s', async (name, kind, reason) => {
    const translation = await read(name)
    expect(translation.kind).toBe(kind)
    expect(translation.reason).toMatch(reason)
  })
})

describe('a mail that a person wrote stays one, however it looks', () => {
  test.each(['plain', 'person-forwards-a-bounce', 'postmaster-writes-a-letter', 'exchange-list-with-null-sender', 'form-on-another-site', 'auto-submitted-no', 'list-mail'])('%s', async (name) => {
    expect((await read(name)).kind).toBe('message')
  })
})

describe('our own tokens', () => {
  test('are found in the addresses written to and the messages answered, not in the text', async () => {
    expect((await read('reply-to-ours')).tokens).toEqual(['k7f3m9qx2a.b-c', 'z9y8x7w6v5', 'q1w2e3r4t5'])
  })

  test.each(['delivery-report', 'qmail-bounce', 'vacation'])('are found in what a machine sends back: %s', async (name) => {
    expect((await read(name)).tokens).toEqual(['k7f3m9qx2a'])
  })

  test('are not found where there are none', async () => {
    expect((await read('plain')).tokens).toEqual([])
  })
})
