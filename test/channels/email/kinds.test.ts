/** Mails of kinds that hide their words. */
import { describe, expect, test } from '@jest/globals'
import {
  hasOwnText,
  hasWords,
  saysSomething,
  unreadDoubt
} from '../../../core/contacts/own-words.ts'
import { calendarText } from '../../../channels/email/calendar.ts'
import { email } from '../../../channels/email/index.ts'
import { headerLimits, readLimits } from '../../../channels/email/limits.ts'
import { agency, fixture, stored, translated } from './support.ts'

const read = (
  source: string,
  evidence?: Record<string, unknown>,
  recipients: readonly string[] = []
) => translated(stored(source, evidence, recipients))
const head = 'From: Jane <jane@example.com>\nTo: hello@elm.example\nSubject: x\n'
const multipart = (kind: string, ...parts: string[]) =>
  `Content-Type: multipart/${kind}; boundary=b-${kind.split(';')[0]}\n\n${parts.map((part) => `--b-${kind.split(';')[0]}\n${part}\n`).join('')}--b-${kind.split(';')[0]}--\n`
const plain = (text: string) => `Content-Type: text/plain\n\n${text}`
const html = (text: string) => `Content-Type: text/html\n\n${text}`
const picture =
  'Content-Type: image/png; name=p.png\nContent-Disposition: inline; filename=p.png\n\nx'

describe('signed and encrypted mail', () => {
  test.each(['smime-signed', 'smime-signed-in-pieces'])(
    'what a signature encloses is read, and nothing says that it was checked: %s',
    async (name) => {
      const { envelope, unsure } = await translated(stored(fixture(name)))
      expect([envelope.text, unsure]).toEqual(['The lamp at 7 Oak Street is out.', undefined])
      expect(JSON.stringify(envelope)).not.toMatch(/verified/i)
    }
  )

  test.each(['smime-encrypted', 'smime-encrypted-and-authenticated'])(
    'what is encrypted stays closed and waits for a person, whatever its subject: %s',
    async (name) => {
      const { envelope, unsure, contents } = await translated(stored(fixture(name)))
      expect(unsure).toMatch(/encrypted \(S\/MIME\)/)
      expect(envelope).toMatchObject({
        text: '',
        documents: [{ name: 'smime.p7m', withheld: expect.stringMatching(/encrypted/) }]
      })
      expect(contents[0]!.length).toBeGreaterThan(400)
    }
  )

  test('an envelope that cannot be opened waits too', async () => {
    expect(
      (await read(`${head}Content-Type: application/pkcs7-mime; name=smime.p7m\n\nnot an envelope`))
        .unsure
    ).toMatch(/cannot be opened/)
  })

  const armour = '-----BEGIN PGP MESSAGE-----\n\nhQEMA0\n-----END PGP MESSAGE-----'
  test('PGP as a mail of its own, or written into the text', async () => {
    expect(
      (
        await read(
          `${head}${multipart('encrypted; protocol="application/pgp-encrypted"', 'Content-Type: application/pgp-encrypted\n\nVersion: 1', `Content-Type: application/octet-stream; name=encrypted.asc\n\n${armour}`)}`
        )
      ).unsure
    ).toMatch(/PGP/)
    const inline = await read(`${head}${plain(armour)}`)
    expect([
      inline.envelope.text,
      inline.unsure,
      inline.envelope.documents.map(({ name }) => name)
    ]).toEqual(['', expect.stringMatching(/PGP/), ['message.asc']])
    const beside = await read(`${head}${plain(`The lamp is out.\n${armour}`)}`)
    expect([beside.envelope.text, beside.unsure]).toEqual(['The lamp is out.', undefined])
    expect(
      (
        await read(
          `${head}${plain('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nThe lamp is out.\n- -- \nJane\n-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----')}`
        )
      ).envelope.text
    ).toBe('The lamp is out.\n-- \nJane')
  })
})

describe("of alternatives the writer's words are taken", () => {
  const alternatives = (one: string, other: string) =>
    read(`${head}${multipart('alternative', plain(one), other)}`)
  test.each([
    [
      'not a stub',
      'Your mail program does not support HTML.',
      html('<p>My bill is wrong.</p>'),
      'My bill is wrong.'
    ],
    [
      'not a stub in Spanish',
      'Su programa de correo no admite HTML.',
      html('<p>Factura mal</p>'),
      'Factura mal'
    ],
    [
      'also where they speak of HTML',
      'Your permit page does not display HTML on my phone, so I write: do NOT cut the oak at number 12.',
      html('<p>Hello from my phone</p>'),
      'Your permit page does not display HTML on my phone, so I write: do NOT cut the oak at number 12.\n\n[message.html]\nHello from my phone'
    ],
    [
      'also after a stub',
      'Your mail program does not support HTML. Cancel my permit.',
      html('<p>Hello</p>'),
      'Your mail program does not support HTML. Cancel my permit.\n\n[message.html]\nHello'
    ],
    [
      'not a stub with an address',
      'This is an HTML message. Please view it in your browser: https://a.example/x?cancel=1',
      html('<p>My bill is wrong.</p>'),
      'My bill is wrong.'
    ],
    [
      'with the text after a picture',
      'see photo',
      multipart(
        'mixed',
        html('<p>see photo</p>'),
        picture,
        html('<p>And the gate is locked since Monday.</p>')
      ),
      'see photo\nAnd the gate is locked since Monday.'
    ],
    [
      'with what is struck out',
      'I do not want a hearing.',
      html('<p>I do <s>not</s> want a hearing.</p>'),
      'I do ~~not~~ want a hearing.'
    ],
    [
      'with powers',
      'At most 103 bees.',
      html('<p>At most 10<sup>3</sup> bees.</p>'),
      'At most 10^3 bees.'
    ],
    [
      'with ticks',
      'pick up deliver',
      html('<p><input type=checkbox checked>pick up <input type=checkbox>deliver</p>'),
      '[x] pick up [ ] deliver'
    ],
    [
      'plain where both strike out',
      'I do ~~not~~ want it.',
      html('<p>I do <s>not</s> want it.</p>'),
      'I do ~~not~~ want it.'
    ],
    [
      'plain where both say the same',
      'The *lamp* is out.',
      html('<p>The <b>lamp</b> is out.</p>'),
      'The *lamp* is out.'
    ],
    [
      'plain with what HTML says otherwise',
      'The lamp in front of 7 Oak Street is out since Monday and it is dark.',
      html('<p>Sent by Mailer</p>'),
      'The lamp in front of 7 Oak Street is out since Monday and it is dark.\n\n[message.html]\nSent by Mailer'
    ],
    [
      'with a value',
      'My answer:',
      html('<p>My answer: <input value="cancel"></p>'),
      'My answer:\n\n[message.html]\nMy answer: cancel'
    ],
    [
      'with what was chosen',
      'My answer:',
      html('<p>My answer: <select><option>approve<option selected>refuse</select></p>'),
      'My answer:\n\n[message.html]\nMy answer: refuse'
    ],
    [
      'with what a picture says',
      'Come in.',
      html('<p>Come in. <img alt="do not come, the dog bites" src="cid:a"></p>'),
      'Come in. [image: do not come, the dog bites]'
    ],
    [
      'with another word',
      'Dear town,\nplease look at the gate.',
      html('<p>Dear town,</p><p>please never look at the gate.</p>'),
      'Dear town,\nplease look at the gate.\n\n[message.html]\nplease never look at the gate.'
    ],
    [
      'with a word less',
      'please never look at the gate.',
      html('<p>please look at the gate.</p>'),
      'please never look at the gate.\n\n[message.html]\nplease look at the gate.'
    ],
    [
      'with another figure',
      'I owe 12 dollars.',
      html('<p>I owe 21 dollars.</p>'),
      'I owe 12 dollars.\n\n[message.html]\nI owe 21 dollars.'
    ],
    [
      'with another link',
      'See https://a.example/x for it.',
      html('<p>See <a href="https://b.example/x">https://a.example/x</a> for it.</p>'),
      'See https://a.example/x [https://b.example/x] for it.'
    ],
    [
      'with links exchanged',
      'Yes <https://a.example/yes> No <https://a.example/no>',
      html('<a href="https://a.example/no">Yes</a> <a href="https://a.example/yes">No</a>'),
      'Yes <https://a.example/yes> No <https://a.example/no>\n\n[message.html]\nYes [https://a.example/no] No [https://a.example/yes]'
    ],
    [
      'with the other of two HTML texts',
      'The lamp is out.',
      `Content-Type: text/html\n\n<p>The gate is out.</p>\n--b-alternative\n${html('<p>The lamp is out.</p>')}`,
      'The lamp is out.\n\n[message.html]\nThe gate is out.'
    ]
  ])('%s', async (_name, one, other, expected) => {
    expect((await alternatives(one, other)).envelope.text).toBe(expected)
  })

  test.each([
    ['other words', 'Please look.', '<p>Please never look.</p>', true],
    [
      'a remote picture',
      'Please look.',
      '<p>Please look.</p><img src="https://x.example/photo.jpg">',
      true
    ],
    ['a marked answer', 'keep / give up', '<p>keep / <b><u>give up</u></b></p>', true],
    ['a drawing', 'Please look.', '<p>Please look.</p><svg><path d="M0 0"/></svg>', true],
    [
      'nothing else',
      'Please look.\r\n\r\n- one\r\n- two\r\n\r\n> she said "no"\r\nAna <ana@people.example>, https://a.example/x, gate <https://a.example/y>',
      '<p style="color:#222">Please look.</p><ul><li>one<li>two</ul><blockquote>she said &ldquo;no&rdquo;</blockquote>Ana &lt;<a href="mailto:ana@people.example">ana@people.example</a>&gt;, <a href="https://a.example/x">https://a.example/x</a>, <a href="https://a.example/y">gate</a>',
      false
    ],
    [
      'a counter of readers',
      'Please look.',
      '<p>Please&nbsp;look.</p><img src="https://x.example/o.gif" width=1 height=1>',
      false
    ]
  ])('HTML is kept to be looked at where it shows %s', async (_name, one, other, kept) => {
    const { envelope } = await alternatives(one, html(other))
    expect([envelope.documents, envelope.evidence['htmlIsText']]).toEqual(
      kept
        ? [[expect.objectContaining({ name: 'message.html', inline: true })], undefined]
        : [[], true]
    )
  })

  test('HTML over a bound is kept, and the plain text beside it is read', async () => {
    const { envelope } = await alternatives(
      'Please look.',
      html('<b>'.repeat(readLimits.htmlDepth + 1))
    )
    expect([
      envelope.text,
      envelope.documents.map(({ name }) => name),
      envelope.evidence['htmlIsText']
    ]).toEqual(['Please look.', ['message.html'], undefined])
  })

  test('however long and different both are, the work grows with their length', async () => {
    const words = (seed: string) =>
      Array.from({ length: 60_000 }, (_, n) => `${seed}${n}`).join(' ')
    expect((await alternatives(words('a'), html(words('b')))).envelope.text.length).toBeGreaterThan(
      600_000
    )
    const tag = '*a [<(https:'
    expect(
      (
        await alternatives(
          tag.repeat(20_000),
          html(`<p>${tag.replaceAll('<', '&lt;').repeat(20_000)}`)
        )
      ).envelope.text
    ).toContain('https:')
  })
})

describe('an invitation alone is put into words', () => {
  const event = (...lines: string[]) =>
    [
      'BEGIN:VCALENDAR',
      'METHOD:REQUEST',
      'BEGIN:VEVENT',
      ...lines,
      'BEGIN:VALARM',
      'DESCRIPTION:alarm',
      'END:VALARM',
      'END:VEVENT',
      'END:VCALENDAR'
    ].join('\r\n')
  test.each([
    [
      'zone, folds and escapes',
      event(
        'SUMMARY;LANGUAGE=en:Look at\r\n  the porch',
        'LOCATION:7 Oak St\\, rear',
        'DTSTART;TZID="America/Chicago":20261203T090000',
        'DTEND;TZID="America/Chicago":20261203T093000',
        'DESCRIPTION:One\\nTwo\\;'
      ),
      'Look at the porch\nWhere: 7 Oak St, rear\nWhen: 2026-12-03 09:00 – 09:30 (America/Chicago)\nOne\nTwo;'
    ],
    [
      'times of no zone stay so',
      event('SUMMARY:A', 'DTSTART:20261203T090000'),
      'A\nWhen: 2026-12-03 09:00'
    ],
    [
      'UTC and another day',
      event('SUMMARY:A', 'DTSTART:20261203T230000Z', 'DTEND:20261204T010000Z'),
      'A\nWhen: 2026-12-03 23:00 – 2026-12-04 01:00 (UTC)'
    ],
    ['a whole day', event('SUMMARY:A', 'DTSTART;VALUE=DATE:20261203'), 'A\nWhen: 2026-12-03'],
    ['one that is called off', event('SUMMARY:A').replace('REQUEST', 'CANCEL'), 'CANCEL: A'],
    ['nothing', 'BEGIN:VCALENDAR\nEND:VCALENDAR', '']
  ])('%s', (_name, source, expected) => {
    expect(calendarText(source)).toBe(expected)
  })

  test('and beside words it stays a document with its text', async () => {
    const { envelope } = await read(
      `${head}${multipart('mixed', plain('Please come.'), `Content-Type: text/calendar\n\n${event('SUMMARY:Porch')}`)}`
    )
    expect([envelope.text, envelope.documents]).toEqual([
      'Please come.',
      [expect.objectContaining({ name: 'invitation.ics', text: 'Porch' })]
    ])
    expect(
      (await read(`${head}Content-Type: text/calendar\n\n${event('SUMMARY:Porch')}`)).envelope.text
    ).toBe('Porch')
  })
})

describe('a mail forwarded as a file', () => {
  const inner = (text: string) =>
    `From: Lena Fox <lena@people.example>\nSubject: hole\nDate: Fri, 27 Nov 2026 10:00:00 -0600\n${multipart('related', plain(text), picture)}`
  const forward = (type: string, text = 'See below.') =>
    read(
      `${head}${multipart('mixed', plain(text), `Content-Type: ${type}\nContent-Disposition: attachment; filename="hole.eml"\n\n${inner('A deep pothole at 7 Oak Street.')}`)}`
    )

  test.each(['message/rfc822', 'application/octet-stream; name="hole.eml"'])(
    'is read, its writer a party and its papers documents: %s',
    async (type) => {
      const { envelope } = await forward(type)
      expect(envelope).toMatchObject({
        text: 'See below.\n\n[hole.eml]\nhole\n\nA deep pothole at 7 Oak Street.',
        sender: { emails: ['jane@example.com'] },
        parties: [{ role: 'writer', name: 'Lena Fox', emails: ['lena@people.example'] }]
      })
      expect(envelope.documents.map(({ name }) => name)).toEqual(['hole.eml', 'p.png'])
      // Routing reads the text and must not see who somebody is.
      expect(envelope.text).not.toMatch(/lena/i)
    }
  )

  const nested = (levels: number): string =>
    levels === 0
      ? `${head}${plain('innermost')}`
      : `${head}Content-Type: message/rfc822\n\n${nested(levels - 1)}`
  test('is opened so many levels deep, and stays closed below', async () => {
    expect((await read(nested(readLimits.enclosed))).envelope.text).toContain('innermost')
    const deeper = await read(nested(readLimits.enclosed + 1))
    expect(deeper.envelope.text).not.toContain('innermost')
    expect(deeper.envelope.documents.at(-1)!.withheld).toMatch(/deeper/)
  })

  test('is not read out of a bounce', async () => {
    const { kind, envelope } = await translated(
      stored(fixture('delivery-report'), { mailFrom: '' })
    )
    expect([kind, envelope.parties]).toEqual(['bounce', undefined])
  })
})

describe('our own address at the end of a long list', () => {
  test.each([headerLimits.addresses - 1, headerLimits.addresses, 3_000])(
    'after %i others it is among the recipients',
    (others) => {
      const cc = Array.from({ length: others }, (_, n) => `N ${n} <n${n}@people.example>`).join(
        ',\n '
      )
      const { recipients } = email.fromFile(
        'x.eml',
        Buffer.from(
          `From: a@b.example\nTo: council@other.example\nCc: ${cc},\n Parks <Parks@elm.example>\n\nx`
        ),
        agency
      )
      expect(recipients).toContain('parks@elm.example')
      expect(recipients!.length).toBeLessThanOrEqual(headerLimits.addresses + 1)
    }
  )
})

describe('what a report says became of our mail', () => {
  const report = (fields: string, type = 'message/delivery-status') =>
    `From: MAILER-DAEMON@mx.example\nTo: reply@elm.example\nSubject: x\n${multipart('report', plain('Status of your message.'), `Content-Type: ${type}\n\n${fields}`)}`
  const status = (...lines: string[]) => `Reporting-MTA: dns; mx.example\n\n${lines.join('\n')}`
  test.each([
    ['delayed', status('Action: delayed', 'Status: 4.4.1')],
    ['delivered', status('Action: delivered (to mailbox)', 'Status: 2.0.0')],
    ['relayed', status('Action: relayed')],
    ['expanded', status('Action: expanded')],
    ['failed', status('Action: failed', 'Status: 5.1.1')],
    // RFC 3464 section 2.3.3: the server has given up, although its reason may pass.
    ['failed', status('Action: failed', 'Status: 4.4.7')],
    ['delayed', status('Status: 4.2.2')],
    ['failed', status('Status: 5.2.1')],
    ['delivered', `${status('Action: failed')}\n\nAction: delivered`],
    ['failed', `${status('Action: delayed')}\n\nAction: failed`]
  ])('%s', async (outcome, fields) => {
    expect(await read(report(fields), { mailFrom: '' })).toMatchObject({
      kind: 'bounce',
      envelope: { evidence: { report: { outcome } } }
    })
  })

  test.each([
    ['read', 'displayed'],
    ['deleted', 'deleted'],
    ['delivered', 'dispatched']
  ])('a receipt of reading: %s', async (outcome, type) => {
    expect(
      await read(
        report(
          `Disposition: manual-action/MDN-sent-manually; ${type}`,
          'message/disposition-notification'
        ),
        { mailFrom: '' }
      )
    ).toMatchObject({ envelope: { evidence: { report: { outcome } } } })
  })

  test('old servers say in words that they go on trying', async () => {
    const exim =
      'From: Mail Delivery System <Mailer-Daemon@mx.example>\nX-Failed-Recipients: a@b.example\n\nThis message was created automatically by mail delivery software.\n'
    expect(
      await read(
        `${exim}Your message has not yet been delivered. No action is required on your part. Delivery attempts will continue.`,
        { mailFrom: '' }
      )
    ).toMatchObject({ kind: 'bounce', envelope: { evidence: { report: { outcome: 'delayed' } } } })
    expect(
      await read(`${exim}A message could not be delivered. This is a permanent error.`, {
        mailFrom: ''
      })
    ).toMatchObject({ envelope: { evidence: { report: { outcome: 'failed' } } } })
  })
})

describe('words of its own', () => {
  test.each([
    '',
    '(no subject)',
    'Fwd:',
    'RE: Fw: Scan',
    'Scanned document',
    'IMG_2034.pdf',
    'scan0001.pdf',
    'Documento escaneado',
    '(sin asunto)',
    'Scan from a Xerox WorkCentre',
    '2026-11-28',
    'Please see attached'
  ])('a subject has none: %s', (subject) => {
    expect(saysSomething(subject)).toBe(false)
  })

  test.each(['Pothole', 'Re: Pothole', 'Fwd: bache en la calle', '道路に穴', 'complaint.pdf'])(
    'a subject has some: %s',
    (subject) => {
      expect(saysSomething(subject)).toBe(true)
    }
  )

  test("a telephone's signature, a logo and characters without width are none", () => {
    expect(
      [
        'Sent from my iPhone',
        'Enviado desde mi iPhone',
        '\u200b\u2060',
        ' ',
        '--',
        '[image: City of Elm]'
      ].map(hasOwnText)
    ).toEqual([false, false, false, false, false, false])
    expect(['Help', '👍', 'Sent from my iPhone\nThe lamp is out'].map(hasOwnText)).toEqual([
      true,
      true,
      true
    ])
  })

  test.each([
    'Scan',
    'see attached',
    'Please see the attached document.',
    'Hello,\n\nplease find my letter enclosed. Thank you!\n\nSent from my iPhone',
    'Documento',
    'Adjunto',
    'Buenos días:\nAdjunto le envío el formulario. Gracias.',
    '👍',
    'IMG_2034.pdf',
    '[image: City of Elm]',
    '...'
  ])('a text that says only that there is a file has none, as a subject has none: %s', (text) => {
    expect([
      hasWords({ text }),
      unreadDoubt({
        text,
        documents: [
          {
            name: 'a.bin',
            mediaType: 'application/octet-stream',
            bytes: 1,
            sha256: '0'.repeat(64),
            pages: 0
          }
        ]
      })
    ]).toEqual([false, expect.stringMatching(/octet-stream/)])
  })

  test.each(['Help', 'The lamp is out', 'see attached, it leaks', 'Adjunto mi queja', '道路に穴'])(
    'but any other word is one: %s',
    (text) => {
      expect(hasWords({ text })).toBe(true)
    }
  )

  const document = {
    name: 'a.amr',
    mediaType: 'audio/amr',
    bytes: 1,
    sha256: '0'.repeat(64),
    pages: 0
  }
  test('a contact whose documents nothing reads waits unless it says something', () => {
    expect(unreadDoubt({ text: '', documents: [document] })).toMatch(/audio\/amr/)
    expect(
      unreadDoubt({
        text: '',
        subject: 'Scan',
        documents: [{ ...document, withheld: 'It is locked.' }]
      })
    ).toBe('It is locked.')
    expect(unreadDoubt({ text: '\u200b', documents: [] })).toMatch(/empty/)
    expect([
      unreadDoubt({ text: 'ok', documents: [] }),
      unreadDoubt({ text: 'Help', documents: [document] }),
      unreadDoubt({ text: '', category: 'pothole', documents: [document] })
    ]).toEqual([undefined, undefined, undefined])
    expect(
      unreadDoubt({ text: 'Scan', documents: [{ ...document, withheld: 'It is locked.' }] })
    ).toBe('It is locked.')
    expect(hasWords({ text: '', answers: { topic: 'streets' } })).toBe(true)
  })
})
