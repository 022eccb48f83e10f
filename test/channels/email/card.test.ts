/** Visiting cards in words. */
import { expect, test } from '@jest/globals'
import { cardText } from '../../../channels/email/card.ts'
import { readLimits } from '../../../channels/email/limits.ts'
import { readParts } from '../../../channels/email/parts.ts'
import { stored, translated } from './support.ts'

const part = async (body: string, type = 'text/vcard') =>
  readParts(Buffer.from(`Content-Type: ${type}\r\n\r\n${body}`))
const words = async (...lines: string[]) =>
  cardText(await part(['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n')))

test('name, office, numbers and addresses are said, and nothing twice', async () => {
  expect(
    await words(
      'VERSION:3.0',
      'N:Ruiz;Ana;;;',
      'FN:Ana Ruiz',
      'ORG:Oak Street Clinic;Front desk',
      'TEL;TYPE=cell:+1 217 555 0142',
      'item1.EMAIL;TYPE=INTERNET:ana@oak.example',
      'EMAIL:ana@oak.example',
      'ADR;TYPE=work:;;7 Oak Street;Springfield;IL;62701;',
      'NOTE:Calls\\, not mails'
    )
  ).toBe(
    'Ana Ruiz\nOak Street Clinic, Front desk\n+1 217 555 0142\nana@oak.example\n7 Oak Street, Springfield, IL, 62701\nCalls, not mails'
  )
})

test('an old card in quoted-printable is read, and what follows a picture is', async () => {
  expect(
    await words(
      'VERSION:2.1',
      'FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Jos=E9 Nu=',
      'nez',
      'PHOTO;ENCODING=BASE64;JPEG:AAAA=',
      'TEL;CELL:5550142'
    )
  ).toBe('José Nunez\n5550142')
})

test('so many cards and bytes are read, and no more', async () => {
  const card = (n: number) => `BEGIN:VCARD\nFN:Card ${n}\nEND:VCARD\n`
  const cards = (n: number) => Array.from({ length: n }, (_, index) => card(index)).join('')
  const most = cardText(await part(cards(readLimits.cards))).split('\n\n')
  expect(most).toHaveLength(readLimits.cards)
  expect(cardText(await part(cards(readLimits.cards + 1))).split('\n\n')).toEqual(most)
  const filled = (bytes: number) => `${'X:'.padEnd(bytes - 22, 'x')}\nBEGIN:VCARD\nFN:Last\n`
  expect(cardText(await part(filled(readLimits.cardBytes)))).toBe('Last')
  expect(cardText(await part(filled(readLimits.cardBytes + 8)))).toBe('')
})

test('it is the text of its document; other files have none', async () => {
  const mail = (name: string) =>
    `From: a@oak.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nMy card.\n--b\nContent-Type: application/octet-stream; name=${name}\n\nBEGIN:VCARD\nFN:Ana Ruiz\nEND:VCARD\n--b--\n`
  const read = async (name: string) => (await translated(stored(mail(name)))).envelope
  expect(await read('ana.vcf')).toMatchObject({
    text: 'My card.',
    documents: [{ name: 'ana.vcf', text: 'Ana Ruiz' }]
  })
  expect((await read('ana.bin')).documents[0]).not.toHaveProperty('text')
})

test('a mail that is only a card says what is on it; beside a scan it does not', async () => {
  const parts = (...more: string[]) =>
    `From: a@oak.example\nContent-Type: multipart/mixed; boundary=b\n${[
      'Content-Type: text/plain\n\n',
      'Content-Type: text/vcard\n\nBEGIN:VCARD\nFN:Ana Ruiz\nTEL:217-555-0142\nEND:VCARD',
      ...more
    ]
      .map((part) => `\n--b\n${part}`)
      .join('')}\n--b--\n`
  const textOf = async (mail: string) => (await translated(stored(mail))).envelope.text
  expect(await textOf(parts())).toBe('Ana Ruiz\n217-555-0142')
  expect(await textOf(parts('Content-Type: application/pdf\n\n%PDF-1.4'))).toBe('')
})
