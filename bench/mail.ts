/**
 * Mail as residents send it, made up: short plain text, HTML with an alternative, and some with a
 * photograph-sized attachment.
 */
import { residentOf } from './match-people.ts'
import { seeded } from './random.ts'

const words =
  'the street lamp water bill late park bench broken please could someone look near school since Monday notice tree fell across road collection missed twice this month neighbour permit fence question about account thank you'.split(
    ' '
  )
const mailboxes = ['streets', 'water', 'parks', 'permits', 'sanitation', 'housing', 'clerk', 'info']

/**
 * The n-th mail: the same for the same n. Of ten, six are plain (2 KB), three HTML (10 KB), one has
 * a 60 KB attachment.
 */
export function benchMail(n: number): { bytes: Buffer; recipient: string; sender: string } {
  const recipient = `${mailboxes[n % mailboxes.length]}@willowcreek.example`
  const sender = residentOf(n % 50_000).email
  const { given, family } = residentOf(n % 50_000)
  const head = [
    `From: ${given} ${family} <${sender}>`,
    `To: ${recipient}`,
    `Subject: ${text(n, 5)}`,
    `Message-ID: <${n}.bench@people.example>`,
    'Date: Mon, 2 Nov 2026 10:00:00 +0000',
    'MIME-Version: 1.0'
  ]
  const kind = n % 10
  const body = kind < 6 ? plain(n) : kind < 9 ? html(n) : attachment(n)
  return { bytes: Buffer.from([...head, ...body].join('\r\n')), recipient, sender }
}

function plain(n: number): string[] {
  return ['Content-Type: text/plain; charset=utf-8', '', ...lines(n, 22)]
}

function html(n: number): string[] {
  const paragraphs = lines(n, 60).map(
    (line) => `<p style="font-family: Arial, sans-serif; margin: 0 0 12px 0">${line}</p>`
  )
  return [
    'Content-Type: multipart/alternative; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    ...lines(n, 60),
    '--b',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<html><body>',
    ...paragraphs,
    '</body></html>',
    '--b--'
  ]
}

/**
 * The photograph: made once, a line changed in each mail, so that making mail costs nothing beside
 * taking it in.
 */
const photo = Buffer.from(Array.from({ length: 60 * 1024 }, (_, index) => (index * 31) & 255))
  .toString('base64')
  .replace(/.{76}/g, '$&\r\n')

function attachment(n: number): string[] {
  return [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    ...lines(n, 10),
    '--b',
    'Content-Type: image/jpeg; name=photo.jpg',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename=photo.jpg',
    '',
    Buffer.from(String(n).padStart(9)).toString('base64'),
    photo,
    '--b--'
  ]
}

function lines(n: number, count: number): string[] {
  return Array.from({ length: count }, (_, line) => text(n * 100 + line, 14))
}

/**
 * As many different words as residents use, common ones often: two mails share words and hardly a
 * sentence.
 */
const vocabulary = Array.from(
  { length: 3_000 },
  (_, n) =>
    words[n] ??
    `${words[(n * 7) % words.length]!.slice(0, 4)}${words[(n * 11) % words.length]!.slice(-3)}${(n % 97).toString(36)}`
)

function text(seed: number, count: number): string {
  const next = seeded(seed)
  return `${Array.from({ length: count }, () => vocabulary[Math.floor(next() ** 2 * vocabulary.length)]).join(' ')} ${seed}`
}
