import { describe, expect, test } from '@jest/globals'
import { decodeTransfer } from '../../../channels/email/transfer.ts'
import { translated } from './support.ts'

const words =
  'Señora, the lamp in front of 7 Oak Street has been dark since Monday, and two people fell over the kerb.'
const encoded = (text: string, width = 76) =>
  Buffer.from(text)
    .toString('base64')
    .replace(new RegExp(`.{${width}}`, 'g'), '$&\n')
const footer =
  '-- \nThis message was scanned by a gateway: https://gateway.example/x?id=4\nCONFIDENTIAL\nQuestions? Ask us.'

/** A text part as it is decoded, without its last line ends. */
const decoded = (source: string, encoding = 'base64') =>
  decodeTransfer(Buffer.from(source, 'latin1'), encoding, 'text').toString().trimEnd()

describe('a text in base64 is read, whatever a gateway put beside it:', () => {
  // Each length modulo 3 ends in another padding; 57 bytes fill a line exactly.
  test.each([words.length - 1, words.length - 2, words.length - 3, 56, 57, 58, 10])(
    'a footer after %i characters',
    (length) => {
      const text = words.slice(0, length)
      expect(decoded(`${encoded(text)}\n${footer}`)).toBe(`${text}\n${footer}`)
      expect(decoded(`${encoded(text)}\n\n${footer}`)).toBe(`${text}\n${footer}`)
      expect(decoded(`${encoded(text, 20)}\n${footer}`)).toBe(`${text}\n${footer}`)
    }
  )

  test('a banner before it', () => {
    expect(decoded(`[EXTERNAL] Mind the links in this message.\n\n${encoded(words)}`)).toBe(
      `[EXTERNAL] Mind the links in this message.\n\n${words}`
    )
  })

  test('a single word in capitals after it', () => {
    expect(decoded(`${encoded(words)}\nDISCLAIMER`)).toBe(`${words}\nDISCLAIMER`)
    expect(decoded(`${encoded('Please help with this')}\nDISCLAIMER`)).toBe(
      'Please help with this\nDISCLAIMER'
    )
  })

  test('padding that was lost, and characters that are to be passed over', () => {
    expect(decoded(encoded(words).replace(/=+/, ''))).toBe(words)
    expect(decoded(encoded(words).replace(/(.{20})(.{20})/, '$1!*$2\x00'))).toBe(words)
    expect(decoded(encoded(words).replaceAll('\n', ' \n '))).toBe(words)
    expect(decoded(encoded(words).replace(/^/gm, '> '))).toBe(words)
  })

  test('runs joined by a gateway', () => {
    expect(decoded(`${encoded('first')}\n${encoded(' and second')}`)).toBe('first and second')
  })

  test('words that were never encoded, although they say so', () => {
    expect(decoded('The lamp is out.\nPlease come.')).toBe('The lamp is out.\nPlease come.')
  })

  test('Russian in an 8-bit charset', async () => {
    const koi8 = Buffer.from('8NLJ18XULCDHz9LPxCE=', 'base64').toString('base64')
    expect(
      (
        await translated({
          channel: 'email',
          source: 'smtp',
          mediaType: 'message/rfc822',
          recipients: [],
          evidence: {},
          sha256: '0',
          bytes: Buffer.from(
            `From: a@b.example\nContent-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: base64\n\n${koi8}\n\nScanned by a gateway.\n`
          )
        })
      ).envelope.text
    ).toBe('Привет, город!\nScanned by a gateway.')
  })
})

describe('a file in base64', () => {
  test('has its own bytes and none of the footer', () => {
    const bytes = Buffer.from(Array.from({ length: 500 }, (_, n) => (n * 37) % 256))
    for (const length of [498, 499, 500, 57, 58]) {
      const file = bytes.subarray(0, length)
      expect(
        decodeTransfer(
          Buffer.from(`${file.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n${footer}\r\n`),
          'base64',
          'file'
        )
      ).toEqual(file)
    }
  })
})

describe('other encodings with a footer', () => {
  test('quoted-printable keeps the letters of both, each in its charset', async () => {
    const mail = Buffer.concat([
      Buffer.from(
        `From: a@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nSe=C3=B1ora, la l=C3=A1mpara est=C3=A1 rota.\n\n`
      ),
      Buffer.from('Geprüft. © Gateway\n', 'latin1')
    ])
    expect(
      (
        await translated({
          channel: 'email',
          source: 'smtp',
          mediaType: 'message/rfc822',
          recipients: [],
          evidence: {},
          sha256: '0',
          bytes: mail
        })
      ).envelope.text
    ).toBe('Señora, la lámpara está rota.\n\nGeprüft. © Gateway')
    expect(
      decoded(Buffer.from('Se=C3=B1ora\n© Gateway').toString('latin1'), 'quoted-printable')
    ).toBe('Señora\n© Gateway')
  })

  test('uuencode keeps what stands before and after it, with or without its end', () => {
    const body = 'begin 644 note.txt\n#:&D*\n'
    expect(decoded(`A word before.\n${body}\`\nend\n${footer}`, 'x-uuencode')).toBe(
      `A word before.\nhi\n${footer}`
    )
    expect(decoded(`${body}${footer}`, 'x-uuencode')).toBe(`hi\n${footer}`)
    expect(
      decodeTransfer(Buffer.from(`${body}\`\nend\n${footer}`), 'x-uuencode', 'file').toString()
    ).toBe('hi\n')
  })
})
