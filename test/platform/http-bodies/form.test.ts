/**
 * One reader for all forms: bounds before parsing, letters by the charset that is named, each field
 * by its own bytes.
 */
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { findParts } from '../../../platform/http-bodies/multipart.ts'
import { parseForm, parseFormAsSent, type FormLimits } from '../../../platform/http-bodies/form.ts'

const limits: FormLimits = {
  fields: 10,
  textBytes: 1_000,
  files: 3,
  fileBytes: 2_000,
  nameLength: 40
}
const urlencoded = 'application/x-www-form-urlencoded'
const multipart = 'multipart/form-data; boundary=xyz'

type Value = string | Buffer
const field = (name: string, value: Value, type?: string): Buffer =>
  part(`form-data; name="${name}"`, value, type)
const file = (name: string, value: Value): Buffer =>
  part(`form-data; name="photos"; filename="${name}"`, value, 'image/png')

function part(disposition: string, value: Value, type?: string): Buffer {
  const head = [
    `Content-Disposition: ${disposition}`,
    ...(type ? [`Content-Type: ${type}`] : [])
  ].join('\r\n')
  return Buffer.concat([
    Buffer.from(`--xyz\r\n${head}\r\n\r\n`),
    Buffer.from(value as string),
    Buffer.from('\r\n')
  ])
}

const body = (...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([...parts, Buffer.from('--xyz--\r\n')])

afterEach(() => {
  jest.restoreAllMocks()
})

describe('as many as allowed are read, and one more is told without reading it', () => {
  const fields = (count: number) => Array.from({ length: count }, (_, n) => field(`f${n}`, 'x'))
  const files = (count: number) => Array.from({ length: count }, (_, n) => file(`${n}.png`, 'x'))

  test.each([
    ['fields', fields(10), []],
    ['fields and files', [...fields(10), ...files(3)], []],
    ['one field more', fields(11), ['text']],
    ['one file more', [...fields(10), ...files(4)], ['files']],
    ['so many bytes of files', [file('a', 'x'.repeat(2_000))], []],
    ['one byte more', [file('a', 'x'.repeat(2_001))], ['file-bytes']],
    ['so much text', [field('a', 'x'.repeat(999))], []],
    ['one character more', [field('a', 'x'.repeat(1_000))], ['text']],
    ['fields and files beyond every bound', [...fields(500), ...files(500)], ['text']]
  ])('%s', async (_what, parts, exceeded) =>
    expect((await parseForm(body(...parts), multipart, limits)).exceeded).toEqual(exceeded)
  )

  test.each([
    ['pairs', 'a=b&'.repeat(9) + 'a=b', []],
    ['one pair more', 'a=b&'.repeat(10) + 'a=b', ['text']],
    ['as much text, written in threes', `a=${'%41'.repeat(999)}`, []],
    ['more', `a=${'%41'.repeat(1_000)}`, ['text']]
  ])('%s', async (_what, sent, exceeded) =>
    expect((await parseForm(Buffer.from(sent), urlencoded, limits)).exceeded).toEqual(exceeded)
  )

  test('of files beyond the bound what was typed is still there to be shown', async () => {
    expect(
      await parseForm(body(field('message', 'The lamp is out'), ...files(400)), multipart, limits)
    ).toMatchObject({ fields: [['message', 'The lamp is out']], exceeded: ['files'] })
  })

  test('a flood of parts or pairs costs no more looks at the body than the bound allows', async () => {
    const looks = jest.spyOn(Buffer.prototype, 'indexOf')
    expect(
      (await parseForm(Buffer.from(`--xyz${'\r\n--xyz'.repeat(1_000_000)}`), multipart, limits))
        .exceeded
    ).toEqual(['text'])
    expect(
      (
        await parseForm(
          body(...Array.from({ length: 20_000 }, () => field('a', ''))),
          multipart,
          limits
        )
      ).exceeded
    ).toEqual(['text'])
    expect(looks.mock.calls.length).toBeLessThan(200)
    const found = await findParts(
      body(...Array.from({ length: 20_000 }, () => field('a', ''))),
      multipart,
      14
    )
    expect([found.parts.length, found.more]).toEqual([14, true])
    expect((await parseForm(Buffer.alloc(3_000, '&'), urlencoded, limits)).exceeded).toEqual([
      'text'
    ])
  })

  test('a boundary longer than the standard allows is none, as looking for it would cost its length for each byte', async () => {
    for (const [length, ok] of [
      [70, true],
      [71, false]
    ] as const) {
      const boundary = 'b'.repeat(length)
      const sent = Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}--`
      )
      expect(
        await parseForm(sent, `multipart/form-data; boundary=${boundary}`, limits).then(
          ({ fields: read }) => read.length === 1,
          () => false
        )
      ).toBe(ok)
    }
  })

  test('the boundary that bounds the parts is the one by which they are read', async () => {
    const sent = body(...fields(20))
    const read = await parseForm(
      sent,
      'multipart/form-data; x="; boundary=other"; boundary=xyz',
      limits
    ).catch(() => undefined)
    expect(read?.fields ?? []).toEqual([])
  })
})

describe('letters', () => {
  test.each([
    ['Latin-1', `${urlencoded}; charset=ISO-8859-1`, 'message=ni%F1o+caf%E9', 'niño café'],
    [
      'Latin-1 not escaped',
      `${urlencoded}; charset=iso-8859-1`,
      Buffer.from('message=ni\u00f1o', 'latin1'),
      'niño'
    ],
    [
      'Windows-1252',
      `${urlencoded};charset="windows-1252"`,
      'message=%93Bache%94+%80',
      '“Bache” €'
    ],
    ['UTF-16 escaped', `${urlencoded}; charset=utf-16le`, 'message=%F1%00o%00', 'ño'],
    [
      'UTF-16 throughout',
      `${urlencoded}; charset=UTF-16`,
      Buffer.from('\uFEFFmessage=caf\u00e9 &x=y', 'utf16le'),
      'café '
    ],
    [
      'UTF-16 throughout, the other way round',
      `${urlencoded}; charset=utf-16be`,
      Buffer.from('message=caf\u00e9', 'utf16le').swap16(),
      'café'
    ],
    ['Shift_JIS', `${urlencoded}; charset=Shift_JIS`, 'message=%90%85%98R%82%EA', '水漏れ'],
    ['a field that names the charset', urlencoded, '_charset_=iso-8859-1&message=ni%F1o', 'niño'],
    ['a charset that is none', `${urlencoded}; charset=klingon`, 'message=ni%C3%B1o', 'niño'],
    ['no charset', urlencoded, 'message=ni%C3%B1o', 'niño']
  ])('of an urlencoded body: %s', async (_what, type, sent, expected) => {
    expect(
      new Map((await parseForm(Buffer.from(sent as string), type, limits)).fields).get('message')
    ).toBe(expected)
  })

  const latin = Buffer.from('ni\u00f1o', 'latin1')
  test.each([
    [
      'a part that names its charset',
      multipart,
      [field('message', latin, 'text/plain; charset=ISO-8859-1')]
    ],
    [
      'a field that names it for all',
      multipart,
      [field('_charset_', 'iso-8859-1'), field('message', latin)]
    ],
    [
      'a field after them',
      multipart,
      [field('message', latin), field('_charset_', 'windows-1252')]
    ],
    ["the body's own", `${multipart}; charset=iso-8859-1`, [field('message', latin)]],
    [
      'a part against all the others',
      `${multipart}; charset=iso-8859-1`,
      [field('message', 'niño', 'text/plain; charset="utf-8"')]
    ]
  ])('of a multipart body: %s', async (_what, type, parts) => {
    expect(new Map((await parseForm(body(...parts), type, limits)).fields).get('message')).toBe(
      'niño'
    )
  })
})

describe('where each stands', () => {
  test('a field and a file are known by their own bytes', async () => {
    const bytes = body(
      field('a', 'first'),
      file('p.png', Buffer.from([0, 13, 10, 255])),
      field('a', '')
    )
    const { spans } = await parseFormAsSent(bytes, multipart, limits)
    expect(
      spans.map(({ name, from, to }) => [name, bytes.subarray(from, to).toString('latin1')])
    ).toEqual([
      ['a', 'first'],
      ['photos', '\0\r\n\xff'],
      ['a', '']
    ])
  })
  test('a value of a urlencoded body too, as it was encoded, however its name was', async () => {
    const bytes = Buffer.from('x=1&&%61pi_key=s%20t+u&last')
    expect(
      (await parseForm(bytes, urlencoded, limits)).spans.map(({ name, from, to }) => [
        name,
        bytes.subarray(from, to).toString()
      ])
    ).toEqual([
      ['x', '1'],
      ['api_key', 's%20t+u'],
      ['last', '']
    ])
    const wide = Buffer.from('\uFEFFx=1&api_key=st', 'utf16le')
    expect(
      (await parseForm(wide, `${urlencoded}; charset=utf-16`, limits)).spans.map(
        ({ name, from, to }) => [name, wide.subarray(from, to).toString('utf16le')]
      )
    ).toEqual([
      ['x', '1'],
      ['api_key', 'st']
    ])
  })
})
