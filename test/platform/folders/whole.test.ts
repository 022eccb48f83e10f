import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import sharp from 'sharp'
import { looksWhole } from '../../../platform/folders/whole.ts'
import { corpusFile, corpusTest, listCorpus } from '../../helpers/corpora.ts'

const page = { create: { width: 400, height: 300, channels: 3 as const, background: 'white' } }

test('a TIFF is whole with its last byte of image data, and not at any length before', async () => {
  const whole = await sharp(page).tiff({ compression: 'none' }).toBuffer()
  expect(looksWhole(whole)).toBe(true)
  for (const part of [0.1, 0.5, 0.9, 0.99])
    expect([part, looksWhole(whole.subarray(0, Math.floor(whole.length * part)))]).toEqual([
      part,
      false
    ])
})

test('a PDF is whole with its end marker', () => {
  const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n')
  expect([looksWhole(pdf), looksWhole(pdf.subarray(0, -8))]).toEqual([true, false])
})

test('nothing at all is not whole; what cannot tell is', () => {
  expect([looksWhole(Buffer.alloc(0)), looksWhole(Buffer.from('a text'))]).toEqual([false, true])
})

test('directories that lead in a circle come to an end', () => {
  const circle = Buffer.from('49492a0008000000000008000000', 'hex')
  expect(looksWhole(circle)).toBe(true)
})

corpusTest(
  ['fax-tiff/derived'],
  'faxes of the corpora are whole, and not without their last tenth',
  () => {
    const samples = listCorpus('fax-tiff/derived', /\.tif$/)
    for (const name of samples) {
      const bytes = fs.readFileSync(corpusFile(name))
      expect([name, looksWhole(bytes), looksWhole(bytes.subarray(0, bytes.length * 0.9))]).toEqual([
        name,
        true,
        false
      ])
    }
    return samples.length
  }
)
