import { describe, expect, test } from '@jest/globals'
import { gatewaysSchema } from '../../../config/gateways.ts'
import type { RawContact } from '../../../core/intake/channel.ts'
import { throughGateway, type MailFacts } from '../../../core/intake/mail-gateways.ts'

const raw: RawContact = {
  channel: 'email',
  source: 'smtp',
  bytes: Buffer.from('Subject: x\r\n\r\nx'),
  mediaType: 'message/rfc822',
  recipients: ['fax@town.example'],
  evidence: { mailFrom: 'robot@faxes.example' }
}
const mail: MailFacts = {
  remoteAddress: '192.0.2.25',
  user: undefined,
  senders: ['robot@faxes.example', 'no-reply@Faxes.example'],
  recipients: ['fax@town.example'],
  authenticationResults: []
}

function through(gateway: object, facts: Partial<MailFacts> = {}): RawContact {
  const { gateways } = gatewaysSchema.parse({
    gateways: [
      {
        id: 'service',
        kind: 'fax',
        from: ['@faxes.example'],
        proof: { networks: ['192.0.2.0/24'] },
        ...gateway
      }
    ]
  })
  return throughGateway(raw, { ...mail, ...facts }, gateways)
}

describe('a mail of a gateway', () => {
  test("is a fax when it comes from the service's network; its patterns go with it", () => {
    expect(through({ patterns: [{ in: 'subject', pattern: '(?<caller>\\d+)' }] })).toMatchObject({
      channel: 'fax',
      source: 'gateway:service',
      bytes: raw.bytes,
      recipients: ['fax@town.example'],
      evidence: {
        mailFrom: 'robot@faxes.example',
        gateway: {
          id: 'service',
          proof: 'network',
          patterns: [{ in: 'subject', pattern: '(?<caller>\\d+)' }]
        }
      }
    })
  })

  test.each([
    [
      'an IPv4 address that arrives as IPv6',
      { networks: ['192.0.2.25'] },
      { remoteAddress: '::ffff:192.0.2.25' }
    ],
    ['an IPv6 network', { networks: ['2001:db8::/32'] }, { remoteAddress: '2001:db8:1::9' }],
    [
      'a name that signed in',
      { users: ['fax-service'] },
      { remoteAddress: '203.0.113.1', user: 'fax-service' }
    ],
    [
      "our own mail server's word that the domain signed",
      { dkim: { checkedBy: 'mx.town.example', domain: 'faxes.example' } },
      {
        authenticationResults: [
          'mx.town.example; spf=fail smtp.mailfrom=x; dkim=pass (2048-bit key; d=x) header.d=Faxes.Example header.s=s1'
        ]
      }
    ]
  ])('proof: %s', (_, proof, facts) => {
    expect(through({ proof }, facts).channel).toBe('fax')
  })

  const dkim = { dkim: { checkedBy: 'mx.town.example', domain: 'faxes.example' } }
  test.each([
    [
      'a From that anybody can write',
      { networks: ['192.0.2.0/24'] },
      { remoteAddress: '203.0.113.7' }
    ],
    ['another name', { users: ['fax-service'] }, { user: 'copier' }],
    ['nobody signed in', { users: ['undefined'] }, {}],
    [
      'a result that another server wrote',
      dkim,
      { authenticationResults: ['mx.evil.example; dkim=pass header.d=faxes.example'] }
    ],
    [
      'a result for another domain',
      dkim,
      {
        authenticationResults: [
          'mx.town.example; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=faxes.example'
        ]
      }
    ],
    [
      'a result that is not a pass',
      dkim,
      {
        authenticationResults: [
          'mx.town.example; dkim=fail header.d=faxes.example',
          'mx.town.example; dkim=passing header.d=faxes.example'
        ]
      }
    ],
    [
      'a pass inside a comment',
      dkim,
      {
        authenticationResults: [
          'mx.town.example; spf=none (x; dkim=pass header.d=faxes.example) smtp.helo=x'
        ]
      }
    ],
    [
      "our server's name inside a longer one",
      dkim,
      { authenticationResults: ['mx.town.example.evil.example; dkim=pass header.d=faxes.example'] }
    ]
  ])('no proof: %s; it stays a mail, with a note', (_, proof, facts) => {
    expect(through({ proof }, facts)).toEqual({
      ...raw,
      evidence: { ...raw.evidence, gatewayUnproved: 'service' }
    })
  })

  test('from and recipient both have to fit where both are named', () => {
    expect(through({ recipient: ['fax@town.example'] }).channel).toBe('fax')
    expect(through({ recipient: ['other@town.example'] })).toBe(raw)
    expect(through({ from: ['robot@other.example'] })).toBe(raw)
    expect(through({ from: ['@axes.example'] })).toBe(raw)
    expect(through({ from: undefined, recipient: ['FAX@town.example'] }).channel).toBe('fax')
  })
})

test.each([
  ['a gateway without a proof', { proof: {} }, /a From alone can be written by anybody/],
  ['a gateway that every mail fits', { from: undefined }, /name from or recipient/],
  [
    'a network that is none',
    { proof: { networks: ['192.0.2.0/33'] } },
    /an IP address or a network/
  ],
  [
    'a pattern that is none',
    { patterns: [{ in: 'subject', pattern: '(' }] },
    /Invalid regular expression/
  ],
  [
    'a pattern that finds nothing',
    { patterns: [{ in: 'subject', pattern: '(?<name>x)' }] },
    /a group named caller/
  ],
  ['a kind that does not come by mail', { kind: 'web' }, /expected one of "fax"|"postal"/]
])('the configuration refuses %s', (_, wrong, message) => {
  const parsed = gatewaysSchema.safeParse({
    gateways: [
      { id: 'service', kind: 'fax', from: ['@faxes.example'], proof: { users: ['x'] }, ...wrong }
    ]
  })
  expect(parsed.error?.issues.map((issue) => issue.message).join('\n')).toMatch(message)
})

test('no gateways are no gateways', () => {
  expect(gatewaysSchema.parse({})).toEqual({ gateways: [] })
})

describe('a mail of a trusted sender', () => {
  const trusted = { kind: 'trusted' as const, proof: undefined }
  test('stays a mail, by its From alone', () => {
    expect(through(trusted).evidence).toEqual({
      mailFrom: 'robot@faxes.example',
      gateway: { id: 'service', kind: 'trusted', proof: 'from' }
    })
    expect(through({ ...trusted, from: ['x@other.example'] })).toEqual(raw)
  })

  test('has no proof, which every other kind has, and is named by its From', () => {
    for (const wrong of [{ kind: 'trusted' }, { ...trusted, kind: 'form' }])
      expect(() => through(wrong)).toThrow('every kind but trusted needs a proof')
    expect(() => through({ ...trusted, from: undefined, recipient: ['x@elm.example'] })).toThrow(
      'name whom its mails come from'
    )
  })
})

describe("a mail of the website's contact form", () => {
  const form = { kind: 'form' as const }
  test('stays a mail, with the proof beside it', () => {
    expect(through(form)).toEqual({
      ...raw,
      evidence: {
        mailFrom: 'robot@faxes.example',
        gateway: { id: 'service', kind: 'form', proof: 'network' }
      }
    })
  })

  const spf = { spf: { checkedBy: 'mx.town.example', domain: 'faxes.example' } }
  test("is proved by our own mail server's word that the domain sends from there", () => {
    expect(
      through(
        { ...form, proof: spf },
        { authenticationResults: ['mx.town.example; spf=pass smtp.mailfrom=robot@Faxes.example'] }
      ).evidence
    ).toMatchObject({ gateway: { proof: 'spf' } })
  })

  test.each([
    'mx.town.example; spf=fail smtp.mailfrom=faxes.example',
    'mx.town.example; spf=pass smtp.mailfrom=evil.example',
    'mx.evil.example; spf=pass smtp.mailfrom=faxes.example',
    'mx.town.example; dkim=pass header.d=faxes.example'
  ])('is not proved by %s', (result) => {
    expect(through({ ...form, proof: spf }, { authenticationResults: [result] }).evidence).toEqual({
      mailFrom: 'robot@faxes.example',
      gatewayUnproved: 'service'
    })
  })
})
