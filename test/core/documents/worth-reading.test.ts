import { describe, expect, test } from '@jest/globals'
import sharp from 'sharp'
import { isWorthReading, pictureSize } from '../../../core/documents/worth-reading.ts'

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#fff' } })
const of = (mediaType: string, inline = false) => ({ mediaType, ...(inline ? { inline } : {}) })

describe('decorations are not read', () => {
  test.each([
    ['a tracking pixel', 1, 1, false, false],
    ['a logo in a signature', 400, 120, false, false],
    ['just under the bound', 199, 2_000, false, false],
    ['at the bound', 200, 2_000, false, true],
    ['a large logo drawn in the text', 900, 399, true, false],
    ['a screenshot put into the text', 900, 400, true, true]
  ])('%s: %i × %i', async (_, width, height, inline, read) => {
    for (const bytes of [
      await picture(width, height).png().toBuffer(),
      await picture(width, height).jpeg().toBuffer(),
      await picture(width, height).gif().toBuffer()
    ]) {
      expect(pictureSize(bytes)).toEqual([width, height])
      expect(isWorthReading(of('image/png', inline), bytes)).toBe(read)
    }
  })

  test.each([
    'audio/mpeg',
    'video/mp4',
    'text/calendar',
    'text/vcard',
    'application/pkcs7-signature',
    'application/pgp-signature',
    'message/rfc822',
    'message/delivery-status',
    'application/ms-tnef'
  ])('%s', (type) => {
    expect(isWorthReading(of(type), Buffer.from('BEGIN'))).toBe(false)
  })

  test("the HTML a mail's text was made of, and empty files", () => {
    expect(isWorthReading(of('text/html', true), Buffer.from('<p>Hello'))).toBe(false)
    expect(isWorthReading(of('text/html'), Buffer.from('<p>Hello'))).toBe(true)
    expect(isWorthReading(of('application/pdf'), new Uint8Array())).toBe(false)
  })
})

describe('paper is read', () => {
  test('whatever the sender calls it', () => {
    expect(isWorthReading(of('audio/mpeg'), Buffer.from('junk before\n%PDF-1.4'))).toBe(true)
    expect(isWorthReading(of('message/rfc822'), Buffer.from('II*\0'))).toBe(true)
    expect(isWorthReading(of('application/octet-stream'), Buffer.from('PK\x03\x04'))).toBe(true)
  })

  test("also where a picture's header is cut or leads nowhere", () => {
    for (const bytes of [
      '\xff\xd8\xff',
      '\xff\xd8\xff\xe0\0\0\xff\xe0\0\0',
      '\x89PNG\r\n\x1a\n',
      `\xff\xd8${'\xff\xe0\0\x02'.repeat(2_000)}`
    ]) {
      const content = Buffer.from(bytes, 'latin1')
      expect(pictureSize(content)).toBeUndefined()
      expect(isWorthReading(of('image/jpeg'), content)).toBe(true)
    }
  })
})
