import { expect, test } from '@jest/globals'
import sharp from 'sharp'
import { signSeparator } from '../../../core/documents/separators.ts'
import { findBarcodes } from '../../helpers/barcodes.ts'
import { drawQrCodes } from '../../../core/mailroom/qr.ts'

test('a drawn code is read back by our own reader, also the longest there is and with a spot on it', async () => {
  const text = signSeparator({ batch: 'B'.repeat(40), letter: 99_999 }, Buffer.alloc(32, 7))
  const [code] = await drawQrCodes([text])
  const side = code!.size
  const cover = (side * side * 0.02) ** 0.5
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1700" height="2200" viewBox="0 0 ${side * 2} ${side * 2.6}"><rect width="100%" height="100%" fill="#fff"/>
    <g transform="translate(${side / 2} ${side / 2})"><path d="${code!.path}"/><rect x="${side * 0.6}" y="${side * 0.6}" width="${cover}" height="${cover}" fill="#fff"/></g></svg>`
  const pages = await findBarcodes(await sharp(Buffer.from(svg)).png().toBuffer())
  expect(pages.map((page) => page.map((barcode) => barcode.text))).toEqual([[text]])
})
