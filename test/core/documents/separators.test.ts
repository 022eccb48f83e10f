import { afterAll, describe, expect, it } from '@jest/globals'
import { assert, integer, property, stringMatching } from 'fast-check'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'
import { closeReaders } from '../../../core/documents/read.ts'
import type { Page } from '../../../core/documents/types.ts'
import {
  archiveNumber,
  findSplits,
  signSeparator,
  verifySeparator
} from '../../../core/documents/separators.ts'
import { findBarcodes } from '../../helpers/barcodes.ts'

const secret = Buffer.from('a secret of this installation')
afterAll(closeReaders)

describe('our own separator sheets', () => {
  it('are known again by who has the secret, and by nobody else', () => {
    assert(
      property(
        stringMatching(/^[A-Za-z0-9-]{1,40}$/),
        integer({ min: 1, max: 99_999 }),
        (batch, letter) => {
          const text = signSeparator({ batch, letter }, secret)
          expect(verifySeparator(text, secret)).toEqual({ batch, letter })
          expect(verifySeparator(text, Buffer.from('another'))).toBeUndefined()
        }
      )
    )
  })

  it.each([
    '',
    'EVH1',
    'EVH1:b:1',
    'EVH1:b:1:',
    'EVH1:b:01:AAAAAAAAAAAAAAAAAAAAAA',
    'EVH1:b:1:AAAAAAAAAAAAAAAAAAAAAA',
    'PATCHT'
  ])('are not taken for one: %p', (text) => {
    expect(verifySeparator(text, secret)).toBeUndefined()
  })

  it('lose their value when batch or letter is changed', () => {
    const text = signSeparator({ batch: 'tray-7', letter: 3 }, secret)
    expect(verifySeparator(text.replace(':3:', ':4:'), secret)).toBeUndefined()
    expect(verifySeparator(text.replace('tray-7', 'tray-8'), secret)).toBeUndefined()
  })

  it('refuse names and numbers at just over the bound', () => {
    expect(() => signSeparator({ batch: 'b'.repeat(41), letter: 1 }, secret)).toThrow(RangeError)
    expect(() => signSeparator({ batch: 'b', letter: 100_000 }, secret)).toThrow(RangeError)
    expect(signSeparator({ batch: 'b'.repeat(40), letter: 99_999 }, secret)).toContain(':99999:')
  })
})

function page(number: number, ...texts: string[]): Pick<Page, 'number' | 'barcodes'> {
  return { number, barcodes: texts.map((text) => ({ format: 'QRCode', text, box: [0, 0, 1, 1] })) }
}

describe('where a stack splits', () => {
  it('is at sheets, and at marks on first pages, but a resident’s own code splits nothing', () => {
    const forged = signSeparator({ batch: 'tray-7', letter: 2 }, Buffer.from('guess'))
    const own = signSeparator({ batch: 'tray-7', letter: 2 }, secret)
    expect(
      findSplits(
        [
          page(1, 'ASN1'),
          page(2, 'https://example.org'),
          page(3, own),
          page(4, forged),
          page(5, 'PATCHT'),
          page(6, 'ASN2')
        ],
        { secret, numberPrefix: 'ASN' }
      )
    ).toEqual([
      { page: 3, kind: 'sheet', by: 'signed' },
      { page: 5, kind: 'sheet', by: 'text' },
      { page: 6, kind: 'mark', by: 'number' }
    ])
  })

  it('reads archive numbers up to their bound', () => {
    expect(archiveNumber('ASN00123', 'ASN')).toBe(123)
    expect(archiveNumber('ASN4294967295', 'ASN')).toBe(4_294_967_295)
    expect(archiveNumber('ASN4294967296', 'ASN')).toBeUndefined()
    expect(archiveNumber('ASNXYZ', 'ASN')).toBeUndefined()
  })
})

describe('a printed sheet', () => {
  it('is found on the page', async () => {
    const text = signSeparator({ batch: 'tray-7', letter: 12 }, secret)
    prepareZXingModule({
      overrides: {
        wasmBinary: new Uint8Array(
          readFileSync(
            createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm')
          )
        ).buffer
      }
    })
    const { image } = await writeBarcode(text, { format: 'QRCode', scale: 6 })
    const found = await findBarcodes(new Uint8Array(await image!.arrayBuffer()))
    expect(found.flat().map((code) => verifySeparator(code.text, secret))).toEqual([
      { batch: 'tray-7', letter: 12 }
    ])
  })
})
