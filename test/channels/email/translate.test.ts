import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { draftSchema } from '../../../core/envelope.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { email } from '../../../channels/email/index.ts'
import { safeName } from '../../../channels/email/documents.ts'
import { headerLimits, readLimits } from '../../../channels/email/limits.ts'
import { agency, fixture, stored, translated } from './support.ts'

const read = (name: string) => translated(stored(fixture(name)))
const textOf = async (name: string) => (await read(name)).envelope.text
const documentsOf = async (name: string) =>
  (await read(name)).envelope.documents.map(
    ({ name: shown, mediaType, bytes }) => `${shown} ${mediaType} ${bytes}`
  )

describe('the text of a mail', () => {
  test.each([
    [
      'plain',
      'A tree fell across the path behind the library on Oak Street.\nPlease have a look at it.'
    ],
    ['latin1-declared-windows-1252-meant', 'The tree’s branch costs € 50 – “really”.'],
    ['utf8-declared-windows-1252-meant', 'Café André’s, señor'],
    ['latin1-declared-utf8-meant', 'Un árbol cayó sobre la acera – señor'],
    ['no-charset-gb18030-declared-gb2312', '公园里有一棵树倒了。镕㐀'],
    ['utf-7', 'Die Hasen und die Frösche'],
    ['iso-2022-jp', '公園の木が倒れました。'],
    ['ks_c_5601-1987', '공원의 나무가 쓰러졌습니다. 똠'],
    ['unknown-charset', 'naïve café'],
    ['base64-in-joined-runs', 'first second'],
    ['format-flowed', 'A tree fell across the path behind the library.\n> quoted'],
    ['plain-and-html', 'Plain words.\n\n[message.html]\nMarked words.'],
    ['blank-plain-text-beside-html', 'Only here.'],
    ['no-body', ''],
    ['no-body-with-attachment', ''],
    ['boundary-missing', 'The words are here nonetheless.'],
    ['unclosed-multipart', 'Cut off in the mid'],
    [
      'forwarded-as-attachment',
      'Forwarding what a resident sent.\n\n[message.eml]\nPothole\n\nThere is a pothole.'
    ],
    ['nul-and-lone-surrogates', 'A�B�C']
  ])('is read: %s', async (name, text) => {
    expect(await textOf(name)).toBe(text)
  })

  test('of HTML holds no script, style, image or markup', async () => {
    const text = await textOf('html-only')
    expect(text).toMatch(
      /^Fallen tree\s+A tree fell on Oak Street \[https:\/\/maps\.example\/oak\]\.\s+Height\s*10 m$/
    )
    expect(text).not.toMatch(/alert|color|track|pixel|</)
  })

  test('of HTML says what was struck out, and what a form was filled in with', async () => {
    const html =
      '<p>I do <del>not</del> want a hearing.</p><form>Name <input value="Rosa Diaz"> <input type="checkbox" checked> urgent</form>'
    expect((await translated(stored(`Content-Type: text/html\n\n${html}`))).envelope.text).toBe(
      'I do ~~not~~ want a hearing.\n\nName Rosa Diaz [x] urgent'
    )
  })

  test('of HTML does not count its embedded pictures, however large', async () => {
    const html = `<p>Before</p><img src="data:image/png;base64,${'A'.repeat(readLimits.htmlLength)}"><p>After</p>`
    expect((await translated(stored(`Content-Type: text/html\n\n${html}`))).envelope.text).toBe(
      'Before\n\nAfter'
    )
  })

  test('of a mail with a wrong boundary is shown as it stands rather than not at all', async () => {
    expect(await textOf('boundary-wrong')).toContain('The words are here nonetheless.')
  })
})

const named = (length: number) => `${'x'.repeat(length - 4)}.pdf`

describe('the documents of a mail', () => {
  test.each([
    ['plain', []],
    ['plain-and-html', ['message.html text/html 20']],
    ['html-only', ['message.html text/html 322']],
    ['no-body-with-attachment', ['letter.pdf application/pdf 9']],
    ['rfc2231-names', ['árbol caído.jpg image/jpeg 6', 'pláno.pdf application/pdf 6']],
    ['pasted-picture', ['part-1.png image/png 8']],
    ['forwarded-as-attachment', ['message.eml message/rfc822 247', 'part-2.png image/png 8']],
    [
      'winmail-calendar-and-smime',
      [
        'winmail.dat application/ms-tnef 4',
        'invitation.ics text/calendar 30',
        'smime.p7s application/pkcs7-signature 3'
      ]
    ],
    [
      'dangerous-names',
      [
        'passwd application/octet-stream 1',
        'evilgpj.exe application/octet-stream 1',
        'part-3.bin application/octet-stream 1',
        'ab_c__d_.txt text/plain 1'
      ]
    ],
    ['uuencoded-part', ['a.csv text/csv 3']]
  ])('are kept with safe names: %s', async (name, expected) => {
    expect(await documentsOf(name)).toEqual(expected)
  })

  test('have names of a bounded length that keep their extension', () => {
    expect(safeName(named(headerLimits.nameLength))).toBe(named(headerLimits.nameLength))
    expect(safeName(named(headerLimits.nameLength + 1))).toBe(named(headerLimits.nameLength))
    expect(safeName(`${'. '.repeat(100_000)}x`)).toBe('x')
  })

  test('come with their bytes, in their order, and the hash of those', async () => {
    const { envelope, contents } = await read('winmail-calendar-and-smime')
    expect(contents.map((bytes) => createHash('sha256').update(bytes).digest('hex'))).toEqual(
      envelope.documents.map((document) => document.sha256)
    )
    expect(Buffer.from(contents[1]!).toString()).toBe('BEGIN:VCALENDAR\r\nEND:VCALENDAR')
  })
})

describe('who and what a mail says it is from and about', () => {
  test('is read from From, with lower-case domains; the rest is evidence', async () => {
    const { envelope } = await read('many-addresses')
    expect(envelope.sender).toEqual({
      name: 'Doe, Jane',
      emails: ['Jane@example.com', 'jd@example.org'],
      phones: [],
      addresses: []
    })
    expect(envelope.evidence).toMatchObject({
      mailFrom: 'jane@example.com',
      replyTo: ['other@example.net']
    })
  })

  test('has recipients: those it was delivered to first, then those it names', async () => {
    const { envelope } = await translated(
      stored(fixture('many-addresses'), {}, ['hello+x@elm.example'])
    )
    expect(envelope.recipients).toEqual([
      'hello+x@elm.example',
      'parks@elm.example',
      'a@example.com',
      'b@example.com',
      'roads@elm.example',
      'hello@elm.example'
    ])
  })

  test('may be nobody', async () => {
    expect((await read('no-from')).envelope.sender).toEqual({
      emails: [],
      phones: [],
      addresses: []
    })
  })

  test('may be in raw bytes of two charsets', async () => {
    const { envelope } = await read('raw-8-bit-header')
    expect([envelope.sender.name, envelope.subject]).toEqual(['José Núñez', 'Árbol caído'])
  })

  test('may be in encoded words that break inside a character', async () => {
    const { envelope } = await read('encoded-words-split-inside-a-character')
    expect([envelope.sender.name, envelope.subject]).toEqual(['Fällt', 'Fällt der Baum?'])
  })

  test('keeps claims of urgency and date as evidence and nowhere else', async () => {
    const { envelope } = await read('urgent-claims')
    const { evidence, ...rest } = envelope
    expect(evidence.headers).toMatchObject({
      'x-priority': ['1 (Highest)'],
      importance: ['high'],
      received: ['from a by b', 'from c by d'],
      date: ['Mon, 1 Jun 2026 09:00:00 -0400']
    })
    expect(JSON.stringify(evidence)).not.toMatch(/secret/i)
    expect(JSON.stringify(rest)).not.toMatch(/highest|priority|2026/i)
  })

  test('is storable: no NUL and no half characters', async () => {
    const { envelope } = await read('nul-and-lone-surrogates')
    expect(envelope.subject).toBe('Fallen� tree')
    expect(JSON.stringify(envelope)).not.toMatch(/\\u0000|\\ud[89ab]/i)
  })
})

describe('the language of a mail', () => {
  test.each([
    [
      'en',
      'There is a fallen tree blocking the sidewalk behind the library, and nobody can pass with a stroller or a wheelchair.'
    ],
    [
      'es',
      'Hay un árbol caído que bloquea la acera detrás de la biblioteca y nadie puede pasar con un cochecito o una silla de ruedas.'
    ],
    ['zh', '图书馆后面的人行道上有一棵倒下的树，没有人能通过。'],
    ['ja', '図書館の裏の歩道に木が倒れていて通れません。'],
    ['ko', '도서관 뒤 보도에 나무가 쓰러져 있습니다.'],
    [
      'vi',
      'Có một cây đổ chắn ngang vỉa hè phía sau thư viện và không ai có thể đi qua bằng xe đẩy hay xe lăn.'
    ],
    ['ru', 'За библиотекой на тротуаре лежит упавшее дерево, и никто не может пройти с коляской.'],
    [
      'ar',
      'هناك شجرة ساقطة تسد الرصيف خلف المكتبة ولا يستطيع أحد المرور بعربة أطفال أو كرسي متحرك.'
    ],
    ['und', 'Thanks, Jane'],
    ['und', ''],
    [
      'und',
      '12345 67890 https://example.com/a/very/long/link/that/is/no/language/at/all jane@example.com'
    ]
  ])('is told where it can be: %s', async (language, text) => {
    const mail = Buffer.from(
      `From: jane@example.com\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`
    )
    expect((await translated(stored(mail))).envelope.language).toBe(language)
  })
})

const parts = (count: number) =>
  `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(count)}--b--\n`
const nested = (depth: number) =>
  Array.from(
    { length: depth },
    (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n`
  ).join('') + '\nx\n'
const documents = (count: number) =>
  `Content-Type: multipart/mixed; boundary=b\n\n${'--b\nContent-Type: image/png\n\nx\n'.repeat(count)}--b--\n`
const plain = (length: number) => `Content-Type: text/plain\n\n${'x'.repeat(length)}`
const utf7 = (length: number) => `Content-Type: text/plain; charset=utf-7\n\n${'x'.repeat(length)}`
const html = (length: number) => `Content-Type: text/html\n\n${'<p>x</p>'.padEnd(length, 'x')}`
const deepHtml = (depth: number) => `Content-Type: text/html\n\n${'<b>'.repeat(depth)}x`
const taggedHtml = (tags: number) => `Content-Type: text/html\n\n${'<br>'.repeat(tags)}x`
const header = (bytes: number) => `X: ${'x'.repeat(bytes - 'X: \r\n\r\n'.length)}\n\nx`

describe('a mail over a bound is left to a person', () => {
  test.each([
    // mailsplit counts the mail itself too, and refuses when it has one more than allowed.
    ['parts', parts(readLimits.parts - 1), parts(readLimits.parts)],
    ['levels of parts', nested(readLimits.depth - 1), nested(readLimits.depth)],
    ['documents', documents(readLimits.documents), documents(readLimits.documents + 1)],
    ['characters of text', plain(readLimits.textLength), plain(readLimits.textLength + 1)],
    ['bytes of text', plain(0), plain(readLimits.textLength * 8 + 1)],
    ['characters of HTML', html(readLimits.htmlLength), html(readLimits.htmlLength + 1)],
    ['levels of HTML', deepHtml(readLimits.htmlDepth), deepHtml(readLimits.htmlDepth + 1)],
    ['tags of HTML', taggedHtml(readLimits.htmlTags), taggedHtml(readLimits.htmlTags + 1)],
    ['bytes of UTF-7', utf7(readLimits.utf7Bytes), utf7(readLimits.utf7Bytes + 1)],
    ['header bytes', header(readLimits.headerBytes), header(readLimits.headerBytes + 64)]
  ])('%s: at the bound it is read, over it not', async (_name, at, over) => {
    await expect(translated(stored(at))).resolves.toMatchObject({ kind: 'message' })
    await expect(translated(stored(over))).rejects.toMatchObject({ code: 'READ_LIMIT' })
  })

  test('and so is what is no mail at all', async () => {
    await expect(translated(stored('just some words\nwithout any header\n'))).rejects.toMatchObject(
      { code: 'READ_UNPARSEABLE' }
    )
    await expect(translated(stored(new Uint8Array(0)))).rejects.toMatchObject({
      code: 'READ_UNPARSEABLE'
    })
  })

  test('a body after an empty header is a mail', async () => {
    expect((await translated(stored('\njust some words\n'))).envelope.text).toBe('just some words')
  })
})

/** Pieces that make up mails, so that random ones reach deep into the reader. */
const piece = fc.constantFrom(
  'From: ',
  'To: ',
  'Subject: ',
  'Content-Type: multipart/mixed; boundary=b\r\n',
  'Content-Type: text/html\r\n',
  'Content-Type: multipart/alternative; boundary="a b"\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n',
  'Content-Transfer-Encoding: x-uuencode\r\n',
  "Content-Disposition: attachment; filename*0*=utf-8''%",
  '\r\n',
  '\r\n\r\n',
  '--b\r\n',
  '--b--',
  '--a b\r\n',
  '=?utf-8?B?',
  '?=',
  '=?',
  '<',
  '>',
  '<b>',
  'charset=utf-7\r\n',
  'charset=iso-2022-jp\r\n',
  'message/rfc822\r\n',
  'begin 644 x\r\n',
  '\u0000',
  '"',
  '(',
  ';',
  ',',
  '@',
  '=3D',
  '=\r\n',
  'format=flowed;',
  '\x1b$B'
)

/** What becomes of any bytes; "crash" is what must never come. */
async function outcome(bytes: Uint8Array): Promise<string> {
  try {
    const [translation] = await email.translate(stored(bytes))
    return draftSchema.safeParse(translation!.envelope).success ? 'read' : 'crash: not an envelope'
  } catch (error) {
    return error instanceof EvenhandError ? error.code : `crash: ${String(error)}`
  }
}

async function comesOut(bytes: Uint8Array): Promise<void> {
  expect(['read', 'READ_LIMIT', 'READ_UNPARSEABLE']).toContain(await outcome(bytes))
}

describe('whatever bytes come', () => {
  test('a mail or a catalogue error comes out', async () => {
    expect.hasAssertions()
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), comesOut), {
      numRuns: 300
    })
    const mails = fc
      .array(fc.oneof({ weight: 3, arbitrary: piece }, fc.string({ maxLength: 20 })), {
        maxLength: 60
      })
      .map((pieces) => Buffer.from(pieces.join('')))
    await fc.assert(fc.asyncProperty(mails, comesOut), { numRuns: 700 })
  })

  test('a file can be handed in', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''))),
        (bytes) => {
          expect(
            email
              .fromFile('x.eml', bytes, agency)
              .recipients!.every((address) => address === address.toLowerCase())
          ).toBe(true)
        }
      ),
      { numRuns: 200 }
    )
  })
})
