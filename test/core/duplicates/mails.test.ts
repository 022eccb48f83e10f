/**
 * Two mails of one sender with the same words, as reading leaves them: what else they bring
 * decides.
 */
import { describe, expect, test } from '@jest/globals'
import {
  Constructed,
  Integer,
  ObjectIdentifier,
  OctetString,
  Sequence,
  Set as AsnSet
} from 'asn1js'
import { translate } from '../../../channels/email/translate.ts'
import { sha256 } from '../../../platform/storage/blob-store.ts'
import { comparable } from '../../../core/duplicates/comparable.ts'
import { newWords } from '../../../core/envelope.ts'
import { toContent } from '../../../core/duplicates/envelope-content.ts'
import { judge, type Comparand } from '../../../core/duplicates/judge.ts'

const sentence =
  'This is what the crossing looked like when we came there with the children this morning; please look at it soon.'

async function comparedOf(mail: string): Promise<Comparand> {
  const bytes = Buffer.from(
    `From: Ana Pereira <ana@people.example>\nTo: parks@willowcreek.example\nSubject: Crossing\nMIME-Version: 1.0\n${mail}`.replaceAll(
      '\n',
      '\r\n'
    ),
    'latin1'
  )
  const [found] = await translate({
    bytes,
    mediaType: 'message/rfc822',
    sha256: sha256(bytes),
    evidence: {},
    recipients: [],
    channel: 'email',
    source: 'test'
  })
  const { envelope } = found!
  return { text: comparable(newWords(envelope)), content: toContent(envelope), at: 0 }
}

async function kindOf(one: string, other: string): Promise<string> {
  const [a, b] = [await comparedOf(one), await comparedOf(other)]
  expect([a.content.words?.text, b.content.words?.text]).toEqual([
    expect.stringContaining('crossing'),
    expect.stringContaining('crossing')
  ])
  return judge(a, b, 'same').kind
}

const part = (head: string, bytes: Buffer | string) =>
  `--b\n${head}\nContent-Transfer-Encoding: base64\n\n${Buffer.from(bytes).toString('base64')}\n`
const words = `--b\nContent-Type: text/plain\n\n${sentence}\n`
const page = (html: string) => `--b\nContent-Type: text/html\n\n<p>${sentence}</p>${html}\n`
const mixed = (type: string, ...parts: string[]) =>
  `Content-Type: ${type}; boundary=b\n\n${parts.join('')}--b--\n`
const html = (body: string) => `Content-Type: text/html\n\n<html><body>${body}</body></html>`

/** The header of a picture of that size; what follows tells one from another. */
function png(width: number, height: number, tail: string): Buffer {
  const head = Buffer.alloc(24)
  head.write('\x89PNG\r\n\x1a\n', 'latin1')
  head.writeUInt32BE(width, 16)
  head.writeUInt32BE(height, 20)
  return Buffer.concat([head, Buffer.from(tail)])
}

const inline = (type: string, name: string, bytes: Buffer | string) =>
  part(
    `Content-Type: ${type}; name="${name}"\nContent-Disposition: inline; filename="${name}"\nContent-ID: <part1@phone.example>`,
    bytes
  )

describe('a file that a telephone puts into the mail', () => {
  test.each([
    ['image/jpeg', 'IMG_1.jpg'],
    ['video/quicktime', 'IMG_1.mov'],
    ['audio/mp4', 'memo.m4a'],
    ['text/vcard', 'card.vcf'],
    ['text/html', 'page.html'],
    ['application/pdf', 'form.pdf']
  ])('as %s with a Content-ID is a paper', async (type, name) => {
    const mail = (bytes: string) => mixed('multipart/mixed', words, inline(type, name, bytes))
    expect([
      await kindOf(mail('one'), mail('two')),
      await kindOf(mail('one'), mail('one'))
    ]).toEqual(['likely', 'sure'])
  })

  test.each([
    [60, 40],
    [400, 300],
    [640, 360]
  ])('a picture of %i × %i that no HTML draws is one too', async (width, height) => {
    const mail = (tail: string) =>
      mixed('multipart/mixed', words, inline('image/png', 'a.png', png(width, height, tail)))
    expect([
      await kindOf(mail('one'), mail('two')),
      await kindOf(mail('one'), mail('one'))
    ]).toEqual(['likely', 'sure'])
  })

  test.each([
    [60, 40],
    [400, 300],
    [640, 360]
  ])('drawn by the HTML, another picture of %i × %i is another look', async (width, height) => {
    const mail = (tail: string, id = 'cid:part1@phone.example') =>
      mixed(
        'multipart/related',
        page(`<img src="${id}">`),
        inline('image/png', 'a.png', png(width, height, tail))
      )
    expect([
      await kindOf(mail('one'), mail('two')),
      await kindOf(mail('one'), mail('one', 'CID:part1%40phone.example'))
    ]).toEqual(['likely', 'sure'])
  })

  test("a logo of the sender's program does not keep a mail from the same words without it, a photograph does", async () => {
    const mail = (height: number) =>
      mixed(
        'multipart/related',
        page('<img src="cid:part1@phone.example">'),
        inline('image/png', 'a.png', png(640, height, ''))
      )
    const plain = `Content-Type: text/plain\n\n${sentence}`
    expect([await kindOf(mail(60), plain), await kindOf(mail(360), plain)]).toEqual([
      'sure',
      'likely'
    ])
  })
})

describe('HTML', () => {
  test.each([
    [
      'struck words',
      `<p>${sentence}</p><p><s>Close it.</s> Keep it.</p>`,
      `<p>${sentence}</p><p>Close it. <s>Keep it.</s></p>`
    ],
    [
      'a marked choice',
      `<p>${sentence}</p><p><mark>Yes</mark> No</p>`,
      `<p>${sentence}</p><p>Yes <mark>No</mark></p>`
    ],
    [
      'a chosen option',
      `<p>${sentence}</p><select><option selected>Yes<option>No</select>`,
      `<p>${sentence}</p><select><option>Yes<option selected>No</select>`
    ],
    [
      'an alternative text',
      `<p>${sentence}</p><img alt="yes" src="https://x.example/a">`,
      `<p>${sentence}</p><img alt="no" src="https://x.example/a">`
    ]
  ])('with %s is for a person, the same HTML is not', async (_, one, other) => {
    expect([await kindOf(html(one), html(other)), await kindOf(html(one), html(one))]).toEqual([
      'likely',
      'sure'
    ])
  })

  test('counts also where the plain text beside it is the same', async () => {
    const mail = (marked: string) =>
      mixed(
        'multipart/alternative',
        `--b\nContent-Type: text/plain\n\n${sentence} Yes No\n`,
        page(marked)
      )
    expect(await kindOf(mail('<p><b>Yes</b> No</p>'), mail('<p>Yes <b>No</b></p>'))).toBe('likely')
  })
})

/** Each says or shows more than the sentence. */
const additions: readonly (readonly [string, string])[] = [
  ['a value', '<input value="3">'],
  ['a value in words', '<input value="cancel">'],
  ['a value with its name', '<label>Trees <input value="12"></label>'],
  ['what was chosen', '<select><option>approve<option selected>refuse</select>'],
  ['a choice that shows its first entry', '<select><option>approve<option>refuse</select>'],
  ['an entry by its label', '<select><option label=maybe selected></select>'],
  ['a picture with words', '<img alt="do not come, the dog bites">'],
  ['a remote picture', '<img src="https://x.example/photo.jpg">'],
  ['a picture in the page', '<img src="data:image/png;base64,AAAA">'],
  [
    'a background that is a picture',
    '<div style="background:url(https://x.example/a.png)">&nbsp;</div>'
  ],
  ['another sentence', '<p>But never on Monday.</p>'],
  ['words that a style writes', '<style>.n::before{content:"not "}</style><i class=n></i>'],
  ['words that a style writes somewhere', '<style>p > i::after{content:counter(x)}</style><p>'],
  ['a drawing', '<svg><path d="M0 0L9 9"/></svg>'],
  ['words in a drawing', '<svg><text>never</text></svg>'],
  ['a gauge', '<meter value=3 max=10></meter>'],
  ['a bar', '<progress value=3 max=10></progress>'],
  ['a bar that runs', '<progress></progress>'],
  ['a formula', '<math><mn>1</mn></math>'],
  ['an object', '<object data="https://x.example/a.pdf">see it</object>'],
  ['a frame', '<iframe src="https://x.example/"></iframe>'],
  ['a video', '<video src="https://x.example/a.mp4"></video>'],
  ['a text to fill in', '<textarea>never</textarea>'],
  ['a button', '<button>Cancel it</button>'],
  ['a button of a form', '<form><button>Cancel it</button></form>'],
  ['a button by its value', '<input type=submit value="Cancel it">'],
  ['a hint', '<input placeholder="cancel">'],
  ['a dialog', '<dialog>never</dialog>'],
  ['what only Outlook shows', '<!--[if mso]><p>never</p><![endif]-->'],
  ['a link', '<a href="https://x.example/">&nbsp;</a>']
]

/** Each shows something else than the words do, which a text can have as they stand. */
const others: readonly (readonly [string, string, string])[] = [
  ['a list that begins at 5', '<ol start=5><li>pay<li>wait</ol>', '1. pay\n2. wait'],
  ['an entry with a number', '<ol><li value=7>pay</ol>', '1. pay'],
  ['letters', '<ol type=A><li>pay</ol>', '1. pay'],
  ['Roman numbers', '<ol type=i><li>pay</ol>', '1. pay'],
  ['a list counted down', '<ol reversed><li>pay<li>wait</ol>', '1. pay\n2. wait'],
  ['letters by a style', '<ol style="list-style-type:upper-alpha"><li>pay</ol>', '1. pay'],
  ['lowered figures', '<p>x1<sub>2</sub></p>', 'x12'],
  ['raised figures', '<p>10<span style="vertical-align:50%">3</span></p>', '103'],
  ['what is raised before another figure', '<p>10<sup>3</sup>5</p>', '10^35'],
  ['a quotation', '<p>I said <q>no</q></p>', 'I said no'],
  ['words above others', '<p><ruby>no<rt>yes</rt></ruby></p>', 'noyes'],
  ['capitals by a style', '<p style="text-transform:uppercase">polish</p>', 'polish'],
  ['words moved', '<p><span style="position:relative;left:90px">yes</span> no</p>', 'yes no'],
  ['words turned round', '<p><bdo dir=rtl>12</bdo></p>', '12'],
  [
    'words turned round by a style',
    '<p><span style="unicode-bidi:bidi-override;direction:rtl">12</span></p>',
    '12'
  ],
  ['a marked answer', '<p><mark>Yes</mark> No</p>', 'Yes No'],
  ['a bold answer', '<p>Yes / <b>No</b></p>', 'Yes / No'],
  ['an underlined line', '<p>Yes<br><u>No</u></p>', 'Yes\nNo'],
  ['a line of a telephone in bold', '<div>Yes</div><div><b>No</b></div>', 'Yes\nNo'],
  ['an entry in bold', '<ul><li>Yes<li><strong>No</strong></ul>', '* Yes\n* No'],
  ['a cell in bold', '<table><tr><td>Yes<td style="font-weight:700">No</table>', 'Yes No'],
  ['an answer in red', '<p>Yes <font color=red>No</font></p>', 'Yes No'],
  [
    'an answer in red by a rule',
    '<style>.x{color:#c00}</style><p>Yes <i class=x>No</i></p>',
    'Yes No'
  ],
  [
    'an answer on a background',
    '<p><span style="background-color:yellow">Yes</span> No</p>',
    'Yes No'
  ],
  ['an answer in a box', '<p><span style="border:1px solid red">Yes</span> No</p>', 'Yes No'],
  ['an answer that a rule hides', '<style>p i{display:none}</style><p>Yes <i>No</i></p>', 'Yes No'],
  [
    'an answer that a rule strikes',
    '<style>p i{text-decoration:line-through}</style><p>Yes <i>No</i></p>',
    'Yes No'
  ],
  [
    'what is hidden on a narrow screen',
    '<style>@media (max-width:600px){i{display:none}}</style><p>Yes <i>No</i></p>',
    'Yes No'
  ],
  ['a style from elsewhere', '<link rel=stylesheet href="https://x.example/a.css"><p>Yes', 'Yes'],
  [
    'letters drawn by a font from elsewhere',
    '<style>@font-face{font-family:a;src:url(https://x.example/a.woff)}</style><p>Yes',
    'Yes'
  ],
  ['what opens at a click', '<details><summary>Yes</summary>No</details>', 'Yes\nNo'],
  ['a formula', '<math><msup><mi>x</mi><mn>2</mn></msup></math>', 'x^2'],
  ['words laid over others', '<p style="letter-spacing:-9px">Yes</p>', 'Yes'],
  ['words moved out by a margin', '<p style="margin-left:-9999px">Yes</p>', 'Yes'],
  ['words in white', '<p>Yes <font color=white>No</font></p>', 'Yes No'],
  ['words nearly in white', '<p>Yes <span style="color:#fefefe">No</span></p>', 'Yes No'],
  ['words too small', '<p>Yes <span style="font-size:2px">No</span></p>', 'Yes No'],
  ['words shown faintly', '<p>Yes <span style="opacity:.1">No</span></p>', 'Yes No'],
  ['words in a low box', '<p style="height:2px;overflow:hidden">Yes</p>', 'Yes'],
  ['words turned by a style', '<p style="transform:scale(0)">Yes</p>', 'Yes'],
  ['words made small by a style', '<p style="scale:0">Yes</p>', 'Yes'],
  ['a style that goes by a variable', '<p style="color:var(--a)">Yes</p>', 'Yes'],
  ['a style in a secret spelling', '<p style="d\\69splay:none">Yes</p>', 'Yes']
]

describe("HTML against the same sender's mail without HTML", () => {
  const plain = (text = '') => `Content-Type: text/plain\n\n${sentence}${text}\n`
  const both = (text: string, html: string) =>
    mixed(
      'multipart/alternative',
      `--b\nContent-Type: text/plain\n\n${sentence}${text}\n`,
      page(html)
    )

  test.each(additions)(
    'beside the plain text, %s is for a person, and is shown or kept',
    async (_, html) => {
      expect(await kindOf(both('', html), plain())).toBe('likely')
      const { content } = await comparedOf(both('', html))
      expect(content.lookIsText).toBe(false)
    }
  )

  test.each(additions)('alone, %s is for a person', async (_, html) => {
    expect(await kindOf(mixed('multipart/mixed', page(html)), plain())).toBe('likely')
  })

  test.each(others)(
    '%s is not what stands there, alone or beside a plain text',
    async (_, html, text) => {
      expect(await kindOf(mixed('multipart/mixed', page(html)), plain(`\n\n${text}`))).toBe(
        'likely'
      )
      expect(await kindOf(both(`\n\n${text}`, html), plain(`\n\n${text}`))).toBe('likely')
    }
  )

  test.each([
    ['another figure', 'I owe 12 dollars.', '<p>I owe 21 dollars.</p>'],
    ['"never"', 'Please look.', '<p>Please never look.</p>'],
    ['"never" less', 'Please never look.', '<p>Please look.</p>'],
    [
      'another target of a link',
      'See https://a.example/x',
      '<p>See <a href="https://b.example/x">https://a.example/x</a></p>'
    ],
    ['the target of a link', 'See this', '<p>See <a href="https://b.example/x">this</a></p>'],
    ['a sign', 'It was 5 degrees', '<p>It was -5 degrees</p>'],
    ['another order', 'the landlord hit the tenant', '<p>the tenant hit the landlord</p>']
  ])('beside the plain text, %s is for a person', async (_, text, html) => {
    expect(await kindOf(both(`\n\n${text}`, html), plain(`\n\n${text}`))).toBe('likely')
  })

  const outlook =
    '<style><!-- @font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;} p.MsoNormal, li.MsoNormal {margin:0in; font-size:11.0pt; font-family:"Calibri",sans-serif;} a:link, span.MsoHyperlink {mso-style-priority:99; color:#0563C1; text-decoration:underline;} @page WordSection1 {size:8.5in 11.0in; margin:1.0in;} div.WordSection1 {page:WordSection1;} --></style><!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]-->'
  test.each([
    ['bare HTML', ''],
    [
      'of a telephone',
      '<div style="caret-color: rgb(0, 0, 0); -webkit-text-size-adjust: auto; text-transform: none; orphans: auto; -webkit-text-stroke-width: 0px; background-color: rgb(255, 255, 255)"><br></div>'
    ],
    ['of Outlook', outlook],
    ['with a counter of readers', '<img src="https://x.example/o" width="1" height="1">'],
    [
      'with a signature in another colour',
      '<div style="margin:0;font-family:Arial;font-size:10pt;color:#1f497d"><br></div>'
    ]
  ])('the same words are the same, %s', async (_, html) => {
    expect([
      await kindOf(mixed('multipart/mixed', page(html)), plain()),
      await kindOf(both('', html), plain()),
      await kindOf(plain(), both('', html))
    ]).toEqual(['sure', 'sure', 'sure'])
  })

  test('and written otherwise by another program: quoted-printable, other wraps, flowed, no-break spaces, shapes of quotation marks', async () => {
    const flowed = `Content-Type: text/plain; charset=utf-8; format=flowed\n\n${sentence.replace('when ', 'when \n')}\n\n"Yes," she said. Isn't it?\n`
    const encoded = `Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<div dir=3D"ltr">${sentence.replace('when ', 'when=\n ')}<br><br>=E2=80=9CYes,=E2=80=9D&nbsp;she said. Isn&rsquo;t it?</div>`
    const alternative = mixed(
      'multipart/alternative',
      `--b\nContent-Type: text/plain\n\n${sentence.replace('with ', 'with\n')}\n\n"Yes," she said. Isn't it?\n`,
      `--b\n${encoded}\n`
    )
    expect([await kindOf(encoded, flowed), await kindOf(alternative, flowed)]).toEqual([
      'sure',
      'sure'
    ])
  })
})

describe('a signature', () => {
  const signed = (
    type: string,
    name: string,
    bytes: Buffer | string,
    container = 'multipart/signed'
  ) =>
    mixed(
      container,
      words,
      part(
        `Content-Type: ${type}; name="${name}"\nContent-Disposition: attachment; filename="${name}"`,
        bytes
      )
    )
  const armour = (inside: string) =>
    `-----BEGIN PGP SIGNATURE-----\n\n${Buffer.from(inside).toString('base64')}\n-----END PGP SIGNATURE-----\n`
  /**
   * SignedData that names a content and holds none (RFC 5652 section 5), as a detached signature
   * does; no signature that would hold.
   */
  const cms = (value: string) =>
    Buffer.from(
      new Sequence({
        value: [
          new ObjectIdentifier({ value: '1.2.840.113549.1.7.2' }),
          new Constructed({
            idBlock: { tagClass: 3, tagNumber: 0 },
            value: [
              new Sequence({
                value: [
                  new Integer({ value: 1 }),
                  new AsnSet({ value: [] }),
                  new Sequence({
                    value: [new ObjectIdentifier({ value: '1.2.840.113549.1.7.1' })]
                  }),
                  new AsnSet({ value: [new OctetString({ valueHex: Buffer.from(value) })] })
                ]
              })
            ]
          })
        ]
      }).toBER()
    )

  test('is no paper: each copy has its own', async () => {
    expect(
      await kindOf(
        signed('application/pgp-signature', 'signature.asc', armour('one')),
        signed('application/pgp-signature', 'signature.asc', armour('two'))
      )
    ).toBe('sure')
    expect(
      await kindOf(
        signed('application/pkcs7-signature', 'smime.p7s', cms('one')),
        signed('application/pkcs7-signature', 'smime.p7s', cms('two'))
      )
    ).toBe('sure')
  })

  test('with something behind it, under another name or outside of a signed mail is a paper', async () => {
    const [one, two] = [cms('one'), cms('two')]
    const behind = (signature: Buffer, file: string) =>
      signed(
        'application/pkcs7-signature',
        'smime.p7s',
        Buffer.concat([signature, Buffer.from(file)])
      )
    expect(await kindOf(behind(one, '%PDF-1.7 one'), behind(one, '%PDF-1.7 two'))).toBe('likely')
    for (const [name, container] of [
      ['claim.pdf', 'multipart/signed'],
      ['smime.p7s', 'multipart/mixed']
    ] as const) {
      expect(
        await kindOf(
          signed('application/pkcs7-signature', name, one, container),
          signed('application/pkcs7-signature', name, two, container)
        )
      ).toBe('likely')
    }
  })

  test.each([
    ['application/pkcs7-signature', 'claim.pdf', 'multipart/mixed'],
    ['application/pkcs7-signature', 'claim.pdf', 'multipart/signed'],
    ['application/pkcs7-signature', 'smime.p7s', 'multipart/signed'],
    ['application/x-pkcs7-signature', 'smime.p7s', 'multipart/mixed'],
    ['application/pgp-signature', 'signature.asc', 'multipart/signed']
  ])('by its type %s alone, as %s in %s, is a paper', async (type, name, container) => {
    expect(
      await kindOf(
        signed(type, name, '%PDF-1.7 one', container),
        signed(type, name, '%PDF-1.7 two', container)
      )
    ).toBe('likely')
  })
})

test('equal new words above other history are not joined', async () => {
  const below = (question: string) =>
    `Content-Type: text/plain\n\n${sentence}\n\nOn Sat, Nov 28, 2026 at 10:00 Town <parks@willowcreek.example> wrote:\n> ${question}\n`
  const [one, other] = [below('Which crossing at the school?'), below('Which park at the lake?')]
  expect([await kindOf(one, other), await kindOf(one, one)]).toEqual(['likely', 'sure'])
})
