/**
 * Shapes made to take long, for every door: what a stranger may send within the size that the door
 * takes. Deterministic.
 */
import { gzipSync } from 'node:zlib'

export interface Shape {
  readonly name: string
  readonly bytes: Buffer
}

const mailHead =
  'From: Ana Maria <ana@example.org>\r\nTo: parks@willowcreek.example\r\nSubject: the swing is broken\r\nMIME-Version: 1.0\r\n'

function mail(name: string, ...pieces: (string | Buffer)[]): Shape {
  return { name, bytes: Buffer.concat([mailHead, ...pieces].map((piece) => Buffer.from(piece))) }
}

function html(name: string, body: string): Shape {
  return mail(name, 'Content-Type: text/html; charset=utf-8\r\n\r\n', body)
}

function text(name: string, body: string): Shape {
  return mail(name, 'Content-Type: text/plain; charset=utf-8\r\n\r\n', body)
}

const mixed = (boundary: string) => `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n`

/** A MIME part of a part of a part. */
function nestedParts(depth: number): string {
  const open = Array.from({ length: depth }, (_, n) => `${mixed(`b${n}`)}--b${n}\r\n`).join('')
  return `${open}Content-Type: text/plain\r\n\r\nthe swing\r\n`
}

/** Words that differ, so that every look-up and sketch has something to do. */
function prose(letters: number, word: (n: number) => string): string {
  const words: string[] = []
  for (let n = 0, length = 0; length < letters; n += 1) {
    words.push(word(n))
    length += words.at(-1)!.length + 1
  }
  return words.join(' ').slice(0, letters)
}

const attachment = (bytes: Buffer) =>
  `${mixed('b')}--b\r\nContent-Type: text/plain\r\n\r\nsee the plan\r\n--b\r\nContent-Type: application/octet-stream; name=plan.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n${bytes.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n--b--\r\n`

export function hostileMails(): Shape[] {
  return [
    html(
      '47 KB of nested quotes with lines',
      `${'<blockquote>'.repeat(900)}${'a<br>'.repeat(5_000)}${'</blockquote>'.repeat(900)}`
    ),
    html('100,000 open quotes', '<blockquote>'.repeat(100_000)),
    html('100,000 lists in each other', '<ul><li>'.repeat(100_000)),
    html('tables in tables', '<table><tr><td>'.repeat(20_000)),
    html(
      'a table of 30,000 cells',
      `<table>${`<tr>${'<td>x</td>'.repeat(30)}</tr>`.repeat(1_000)}</table>`
    ),
    html('a tag of a million attributes', `<p ${'a=b '.repeat(400_000)}>the swing</p>`),
    html(
      'attributes with different names',
      `<p ${Array.from({ length: 150_000 }, (_, n) => `a${n}=b`).join(' ')}>the swing</p>`
    ),
    html('an unclosed comment', `<!--${'<!-'.repeat(600_000)}`),
    html('half a million half tags', '<'.repeat(1_900_000)),
    html('end tags without a beginning', '</b>'.repeat(450_000)),
    html('entities', '&amp;#x26;'.repeat(180_000)),
    html('unclosed entities', '&'.repeat(1_900_000)),
    html(
      'a style sheet of selectors',
      `<style>${Array.from({ length: 20_000 }, (_, n) => `.c${n}{color:red}`).join('')}</style>${'<p class="c1 c2 c3 c4 c5 c6 c7 c8 c9">x</p>'.repeat(20_000)}`
    ),
    html(
      'styles that open and never end',
      `<style>${'a{'.repeat(90_000)}</style>${'<style>/*'.repeat(5_000)}`
    ),
    html(
      'styled to the bound',
      '<p style="color:red;font-size:12px;display:block;margin:0;padding:0">x'.repeat(25_000)
    ),
    html('links in links', '<a href="https://example.org/x">'.repeat(50_000)),
    html('white space', ' \t\n'.repeat(600_000)),
    html('soft hyphens and joiners', '\u00ad\u200d\u200b'.repeat(200_000)),
    text(
      'marks of quoting, deeper with every line',
      Array.from({ length: 1_900 }, (_, n) => `${'>'.repeat(n)} x`).join('\r\n')
    ),
    text('a million quoted lines', '> x\r\n'.repeat(390_000)),
    text('one word of 1.9 million letters', 'a'.repeat(1_900_000)),
    text('blanks before a line end', `${' '.repeat(1_900_000)}x`),
    text('blank lines', '\r\n'.repeat(900_000)),
    text(
      '1.9 million letters of prose',
      prose(1_900_000, (n) => `w${(n * 7_919).toString(36)}`)
    ),
    text(
      'prose in Cyrillic',
      prose(900_000, (n) => `вода${String.fromCharCode(0x430 + (n % 32))}${n % 1_009}`)
    ),
    text('letters under combining marks', `a${'\u0301'.repeat(600_000)}`),
    text('compatibility letters that grow when folded', '\ufdfa'.repeat(600_000)),
    text('right to left, with overrides', '\u202e\u05d0\u05d1\u202c '.repeat(180_000)),
    text('emoji joined by joiners', '👩‍👩‍👧‍👦'.repeat(70_000)),
    text('addresses', 'ana@example.org '.repeat(115_000)),
    text('links', 'https://example.org/a?b=c '.repeat(70_000)),
    text('numbers like telephones', '+1 (512) 555-0143 '.repeat(100_000)),
    text('dates and figures', '12/31/2026 $1,234.56 '.repeat(85_000)),
    text('words that routes are looked up by', 'pothole water leak permit '.repeat(70_000)),
    text('hyphens at line ends', 'a-\r\n'.repeat(450_000)),
    mail('parts in parts, 29 deep', nestedParts(29)),
    mail('parts in parts, 20,000 deep', nestedParts(20_000)),
    mail('100,000 empty parts', mixed('b'), '--b\r\n\r\n'.repeat(100_000)),
    mail('a million lines that look like boundaries', mixed('b'), '--\r\n'.repeat(1_000_000)),
    mail(
      'a boundary of many letters',
      mixed('b'.repeat(70)),
      `--${'b'.repeat(69)}\r\n`.repeat(100_000)
    ),
    mail(
      '499 parts of text',
      mixed('b'),
      '--b\r\nContent-Type: text/plain\r\n\r\nthe swing is broken\r\n'.repeat(490)
    ),
    mail(
      '100,000 headers',
      Array.from({ length: 100_000 }, (_, n) => `X-${n}: y\r\n`).join(''),
      '\r\nx'
    ),
    mail('headers up to the bound', 'Received: x\r\n'.repeat(18_000), '\r\nx'),
    mail('a header line of 2 MB', `X-Long: ${'a'.repeat(2_000_000)}\r\n\r\nx`),
    mail('a header folded 80,000 times', `References:${'\r\n <a@b>'.repeat(30_000)}\r\n\r\nx`),
    mail(
      '50,000 recipients',
      `Cc: ${Array.from({ length: 12_000 }, (_, n) => `p${n}@example.org`).join(', ')}\r\n\r\nx`
    ),
    mail('groups in brackets', `Cc: ${'a:<('.repeat(50_000)}\r\n\r\nx`),
    mail('encoded words', `Subject: ${'=?utf-8?q?a?= '.repeat(15_000)}\r\n\r\nx`),
    mail('unfinished encoded words', `Subject: ${'=?utf-8?q?'.repeat(20_000)}\r\n\r\nx`),
    mail(
      'parameters in pieces',
      `Content-Type: text/plain; ${Array.from({ length: 9_000 }, (_, n) => `name*${n}=a`).join('; ')}\r\n\r\nx`
    ),
    mail(
      'broken base64',
      'Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n',
      'QQ==\r\n'.repeat(350_000)
    ),
    mail(
      'broken quoted-printable',
      'Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n',
      '=\r\n'.repeat(700_000)
    ),
    mail('UTF-7', 'Content-Type: text/plain; charset=utf-7\r\n\r\n', '+AGE-'.repeat(350_000)),
    mail(
      'escapes of ISO-2022',
      'Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n',
      '\x1b$B\x1b(B'.repeat(300_000)
    ),
    mail(
      'a compressed file that grows a thousandfold',
      attachment(gzipSync(Buffer.alloc(100_000_000)))
    ),
    mail('an attachment of 28 MB', attachment(Buffer.alloc(28_000_000, 'The plan. '))),
    mail(
      '200 attachments of 100 KB',
      mixed('b'),
      ...Array.from(
        { length: 190 },
        (_, n) =>
          `--b\r\nContent-Type: application/octet-stream; name=f${n}.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.alloc(100_000, `${n} `).toString('base64')}\r\n`
      )
    ),
    mail(
      '40 MB of text',
      'Content-Type: text/plain\r\n\r\n',
      Buffer.alloc(39_000_000, 'The swing is broken.\r\n')
    )
  ]
}

export interface BodyShape extends Shape {
  readonly mediaType: string
}

const boundary = 'multipart/form-data; boundary=b'
const part = (name: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const filePart = (name: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\n${value}\r\n`

function body(name: string, mediaType: string, content: string | Buffer): BodyShape {
  return { name, mediaType, bytes: Buffer.from(content) }
}

export function hostileBodies(): BodyShape[] {
  const json = 'application/json'
  const encoded = 'application/x-www-form-urlencoded'
  return [
    body(
      'multipart of a million empty parts',
      boundary,
      `${'--b\r\n\r\n\r\n'.repeat(1_000_000)}--b--\r\n`
    ),
    body('multipart of 200,000 fields', boundary, `${part('a', 'b').repeat(150_000)}--b--\r\n`),
    body(
      'multipart with a field of 9 MB',
      boundary,
      `${part('message', 'The swing. '.repeat(850_000))}--b--\r\n`
    ),
    body(
      'multipart with headers that do not end',
      boundary,
      `--b\r\n${'X-A: b\r\n'.repeat(1_000_000)}`
    ),
    body(
      'multipart of lines that look like boundaries',
      boundary,
      `${part('a', '\r\n--'.repeat(2_000_000))}--b--\r\n`
    ),
    body(
      'a file of 9 MB full of keys',
      boundary,
      `${filePart('media', 'name="api_key"\r\n\r\n'.repeat(500_000))}--b--\r\n`
    ),
    body(
      'a file of 9 MB full of half keys',
      boundary,
      `${filePart('media', 'Content-Disposition: form-data; name="'.repeat(250_000))}--b--\r\n`
    ),
    body(
      'JSON of a million keys',
      json,
      `{${Array.from({ length: 700_000 }, (_, n) => `"k${n}":1`).join(',')}}`
    ),
    body('JSON of 10 MB of brackets', json, '['.repeat(9_900_000)),
    body('JSON of a million small lists', json, `{"text":[${'[],'.repeat(1_500_000)}[]]}`),
    body('JSON with a text of 9 MB', json, JSON.stringify({ text: 'The swing. '.repeat(850_000) })),
    body('JSON of escapes', json, `{"text":"${'\\u0041'.repeat(1_600_000)}"}`),
    body('urlencoded flood of fields', encoded, 'a=b&'.repeat(2_400_000)),
    body(
      'urlencoded flood of names',
      encoded,
      Array.from({ length: 500_000 }, (_, n) => `a${n}=b`).join('&')
    ),
    body('urlencoded flood of escapes', encoded, `message=${'%F0%9F%98%80'.repeat(800_000)}`),
    body('urlencoded of half escapes', encoded, `message=${'%'.repeat(9_900_000)}`),
    body('urlencoded of brackets', encoded, `${'a[b]'.repeat(2_000_000)}=c`),
    body('9 MB of nothing we know', 'application/octet-stream', Buffer.alloc(9_900_000, 'x'))
  ]
}
