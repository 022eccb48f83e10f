import { describe, expect, test } from '@jest/globals'
import { authenticatedDomains, isOfDomains } from '../../../channels/email/authenticated.ts'
import { messageFields } from '../../../channels/email/headers.ts'

const own = 'mx.town.example'
const domains = (headers: string, server: string | undefined = own) =>
  authenticatedDomains(
    messageFields(Buffer.from(`${headers}\r\nFrom: jane@example.com\r\n\r\nx`)),
    server
  )

describe('the domains that a mail is shown to come from', () => {
  test.each([
    [
      'by DKIM',
      `Authentication-Results: ${own}; dkim=pass header.d=example.com header.s=s1; spf=none`,
      ['example.com']
    ],
    [
      'by SPF, with an address',
      `Authentication-Results: ${own}; spf=pass (sender is 192.0.2.1) smtp.mailfrom=jane@Example.com`,
      ['example.com']
    ],
    [
      'by DMARC, folded',
      `Authentication-Results: ${own};\r\n dmarc=pass (p=reject)\r\n header.from=example.com`,
      ['example.com']
    ],
    [
      'by several',
      `Authentication-Results: ${own} 1; dkim=pass header.d=a.example; dkim=fail header.d=b.example; dkim=pass header.d=c.example`,
      ['a.example', 'c.example']
    ],
    [
      'where it failed',
      `Authentication-Results: ${own}; dkim=fail header.d=example.com; spf=softfail smtp.mailfrom=example.com`,
      []
    ],
    [
      'by another server',
      'Authentication-Results: mx.attacker.example; dkim=pass header.d=example.com',
      []
    ],
    [
      'by a server whose name begins like ours',
      `Authentication-Results: ${own}.attacker.example; dkim=pass header.d=example.com`,
      []
    ],
    [
      'in a comment',
      `Authentication-Results: ${own}; dkim=none (dkim=pass header.d=example.com)`,
      []
    ],
    [
      'below our own word',
      `Authentication-Results: ${own}; dkim=fail header.d=example.com\r\nAuthentication-Results: ${own}; dkim=pass header.d=example.com`,
      []
    ],
    ['by nobody', 'X-Other: 1', []]
  ])('%s', (_, headers, expected) => {
    expect(domains(headers)).toEqual(expected)
  })

  test('are none where no server of ours is named', () => {
    expect(domains(`Authentication-Results: ${own}; dkim=pass header.d=example.com`, '')).toEqual(
      []
    )
    expect(
      authenticatedDomains(
        messageFields(
          Buffer.from(`Authentication-Results: ${own}; dkim=pass header.d=example.com\r\n\r\n`)
        ),
        undefined
      )
    ).toEqual([])
  })

  test('cover the names below them and no others', () => {
    expect(
      [
        'a@example.com',
        'a@mail.example.com',
        'a@EXAMPLE.com',
        'a@xexample.com',
        'a@example.com.bad.example',
        'a@com'
      ].map((address) => isOfDomains(address, ['example.com']))
    ).toEqual([true, true, true, false, false, false])
  })
})
