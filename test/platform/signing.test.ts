import { describe, expect, test } from '@jest/globals'
import { checkToken, deliveryId } from '../../channels/web/token.ts'
import { readDevice } from '../../core/access/devices.ts'
import { signSeparator } from '../../core/documents/separators.ts'
import { sendingId } from '../../core/intake/counter-entry.ts'
import { signReplyToken } from '../../core/outbox/reply-tokens.ts'
import { deriveSecret } from '../../platform/derived-keys.ts'
import {
  isSame,
  isSameText,
  makeToken,
  readToken,
  sign,
  signList,
  signSha1
} from '../../platform/signing.ts'
import { namesOnly, program, readSources } from '../helpers/sources.ts'

const key = Buffer.alloc(32, 7)

test('signatures are HMACs: the vectors of RFC 4231 and RFC 2202', () => {
  expect(sign('Jefe', 'what do ya want for nothing?').toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
  )
  expect(signSha1('Jefe', 'what do ya want for nothing?').toString('hex')).toBe(
    'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'
  )
})

describe('what is out there stays good: its bytes are what they were', () => {
  const [nonce, binding, staff] = [
    'n'.repeat(22),
    'b'.repeat(22),
    '00000000-0000-4000-8000-000000000001'
  ]
  const sent = {
    fields: [
      ['text', 'Grüße'],
      ['_token', 'x'],
      ['topic', '']
    ] as const,
    files: [
      {
        field: 'file',
        name: 'a.pdf',
        mediaType: 'application/pdf',
        content: Buffer.from([1, 2, 255])
      }
    ],
    spans: [],
    exceeded: []
  }

  test.each([
    [
      "a reply's token",
      signReplyToken('ABCDE-FGHJK-LMNPQ-RST', key),
      'abcdefghjklmnpqrst.sypqlszsrdnnfcyl'
    ],
    [
      'a separator sheet',
      signSeparator({ batch: '20260301-1', letter: 7 }, key),
      'EVH1:20260301-1:7:2RpBmgiOHWymh3rE2eVnbQ'
    ],
    [
      "a web form's delivery",
      deliveryId(key, nonce, sent),
      `${nonce}.HmREtidnqq6rFxwGWZu21iJ1KnZde1fzUH5yfP-q068`
    ],
    [
      "a counter entry's",
      sendingId(key, 'page', { bytes: Buffer.from('hello') }),
      'page.KQrxg9CChq50Df7ThnJJhdxmbeY1Co3y6FIDB64lA-0'
    ],
    [
      'a derived key',
      Buffer.from(deriveSecret(key, 'reply')).toString('hex'),
      'bb5225d91c4d9af2a3843d2a3de9550d9233df4c6b1c5fd92da7c0e713e76847'
    ],
    [
      "a browser's mark",
      readDevice(key, staff, `${'d'.repeat(22)}.QX84y_-mFqBPmj4535t2j2HCNyca3bH31l3jF7oS2Lc`),
      'd'.repeat(22)
    ],
    [
      "a form's token",
      checkToken(
        key,
        `${nonce}.rs.ETbpTtoaLpogmebtyMOApdbzmHwrLEa1iH_0hqnZyZw`,
        binding,
        'contact',
        2_000
      ),
      nonce
    ]
  ])('%s', (_what, given, expected) => expect(given).toBe(expected))
})

describe('a token', () => {
  const bind = (says: string) => `${says} for ann`
  const token = makeToken(key, 'a.b', bind)

  test('says what it was made of', () => expect(readToken(key, token, bind)).toBe('a.b'))

  test.each([
    ['with another key', Buffer.alloc(32, 8), token, bind],
    ['bound to somebody else', key, token, (says: string) => `${says} for bob`],
    ['changed', key, `x${token}`, bind],
    ['cut', key, token.slice(0, -1), bind],
    ['longer', key, `${token}A`, bind],
    ['with letters that are no base64url', key, `a.b.${'é'.repeat(43)}`, bind],
    ['that says nothing', key, `.${sign(key, bind('')).toString('base64url')}`, bind],
    ['without a point', key, 'abc', bind],
    ['that is empty', key, '', bind],
    ['that is not there', key, undefined, bind]
  ])('%s is none', (_what, secret, given, bound) =>
    expect(readToken(secret, given, bound)).toBeUndefined()
  )
})

test('values are told apart by their lengths, and their order counts', () => {
  expect(
    new Set(
      [['ab', 'c'], ['a', 'bc'], ['abc'], ['c', 'ab'], ['ab', 'c', '']].map((values) =>
        signList(key, values)
      )
    ).size
  ).toBe(5)
})

test('comparing looks at every byte and at the length', () => {
  expect([
    isSame(Buffer.from('abc'), Buffer.from('abc')),
    isSame(Buffer.from('abc'), Buffer.from('abd')),
    isSame(Buffer.from('ab'), Buffer.from('abc')),
    isSame(Buffer.alloc(0), Buffer.from('a'))
  ]).toEqual([true, false, false, false])
  expect([isSameText('tökn', 'tökn'), isSameText('tok', 'token'), isSameText('', 'token')]).toEqual(
    [true, false, false]
  )
})

test('nothing of the program makes HMACs or compares secrets by itself', () => {
  const own = /\b(?:createHmac|timingSafeEqual)\b/
  expect(
    readSources(program, ['.ts', '.mjs'])
      .filter(({ text }) => own.test(namesOnly(text)))
      .map(({ path }) => path)
  ).toEqual(['platform/signing.ts'])
})
