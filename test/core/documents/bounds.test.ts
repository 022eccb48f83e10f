import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { crc32, deflateSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { limits } from '../../../core/documents/limits.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import { letterPng, standardFax, textPdf } from './fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(1)
})
afterAll(() => pool.close())

/** How a document ends; whatever it did to the readers, the next one is read. */
async function outcomeOf(bytes: Uint8Array): Promise<object> {
  const { outcome, reason, mediaType } = await readDocument(bytes, {}, pool)
  const next = await readDocument(Buffer.from('still reading'), {}, pool)
  if (next.outcome !== 'read') throw new Error('the readers do not read any more')
  return { outcome, reason, mediaType }
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** A PNG that declares a size and carries almost nothing. */
function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([1, 0, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1_000))),
    chunk('IEND', Buffer.alloc(0))
  ])
}

describe('what is not read by machine ends with a reason', () => {
  it('withholds a picture just over the pixel bound, and takes one at the bound', async () => {
    const side = 10_000
    expect(await outcomeOf(pngHeader(side, limits.sourcePixels / side + 1))).toEqual({
      outcome: 'withheld',
      mediaType: 'image/png',
      reason: 'The document has more pixels than are read by machine.'
    })
    expect(await outcomeOf(pngHeader(side, limits.sourcePixels / side))).toMatchObject({
      outcome: 'read'
    })
  })

  it('reads what is there of a picture that breaks off', async () => {
    const whole = await letterPng()
    const { outcome, pages } = await readDocument(whole.subarray(0, whole.length * 0.8), {}, pool)
    expect(outcome).toBe('read')
    expect(pages[0]!.text).toContain('street lamp')
  })

  it('ends with a stated outcome on a fax whose end is cut off, wherever the cut is', async () => {
    const whole = await standardFax()
    for (const share of [0.1, 0.5, 0.9, 0.99])
      expect(await outcomeOf(whole.subarray(0, whole.length * share))).toHaveProperty('outcome')
  })

  it.each([
    ['an empty file', Buffer.alloc(0), 'The document is empty.'],
    [
      'noise',
      Buffer.from([0, 1, 2, 3, 255, 254, 0, 9]),
      'The document is of a kind that is not read by machine.'
    ],
    [
      'a PDF header without a PDF',
      Buffer.from('%PDF-1.7\nnothing follows'),
      'The document is damaged beyond reading.'
    ],
    [
      'a photograph of a phone that nothing here decodes',
      Buffer.concat([
        Buffer.from([0, 0, 0, 24]),
        Buffer.from('ftypheic\0\0\0\0mif1heic'),
        Buffer.alloc(100)
      ]),
      expect.stringContaining('HEIC photograph')
    ],
    [
      'a cut PNG header',
      Buffer.from([
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0
      ]),
      expect.any(String)
    ]
  ])('withholds %s', async (_, bytes, reason) => {
    expect(await outcomeOf(bytes)).toMatchObject({ outcome: 'withheld', reason })
  })

  it('withholds a PDF that is locked with a password', async () => {
    const pdf = await textPdf()
    pdf.encrypt({ userPassword: 'not known', ownerPassword: 'not known either' })
    expect(await outcomeOf(await pdf.save())).toMatchObject({
      outcome: 'withheld',
      reason: 'The document is locked with a password.'
    })
  })

  it('withholds an office file that unpacks to more than the bound', async () => {
    const bomb = zipSync({
      mimetype: [Buffer.from('application/vnd.oasis.opendocument.text'), { level: 0 }],
      'content.xml': new Uint8Array(limits.officeBytes + 1)
    })
    expect(await outcomeOf(bomb)).toMatchObject({
      outcome: 'withheld',
      reason: expect.stringContaining('unpacks to more')
    })
  })

  it('withholds a document in a language that is not installed', async () => {
    const { outcome, reason } = await readDocument(await letterPng(), { languages: ['tlh'] }, pool)
    expect({ outcome, reason }).toEqual({
      outcome: 'withheld',
      reason: 'The page was to be read in "tlh", whose data is not installed.'
    })
  })
})

describe('the pool', () => {
  it('ends a reader that takes longer than allowed and says so', async () => {
    const own = new ReaderPool(1)
    await expect(
      own.run(
        {
          kind: 'page',
          path: '/dev/zero',
          document: 'image',
          number: 1,
          languages: ['eng'],
          engine: 'wasm',
          barcodes: false,
          text: true
        },
        0.3
      )
    ).rejects.toThrow(/took longer|needed more|cannot be decoded|ended the reader/)
    await own.close()
  })

  it('gives back what is under way and what waits when it is closed, calls no document unreadable for that, and leaves no reader', async () => {
    const own = new ReaderPool(1)
    const work = [1, 2, 3].map(() =>
      own
        .run({ kind: 'open', path: '/dev/null' }, 5)
        .catch((error: Error & { code?: string }) => error.code ?? error.message)
    )
    await own.close()
    expect(await Promise.all(work)).toEqual(Array(3).fill('READERS_STOPPED'))
  })
})
