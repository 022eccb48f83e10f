import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { strToU8, zipSync } from 'fflate'
import { limits } from '../../../core/documents/limits.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import { docx, odf, para, pptx, run, xlsx, zipOf } from './office-fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(1)
})
afterAll(() => pool.close())

/** How a document ends; whatever it did to the reader, the next one is read. */
async function outcomeOf(
  bytes: Uint8Array
): Promise<{ outcome: string; reason: string | undefined; text: string }> {
  const { outcome, reason, pages } = await readDocument(bytes, {}, pool)
  const next = await readDocument(Buffer.from('still reading'), {}, pool)
  if (next.outcome !== 'read') throw new Error('the readers do not read any more')
  return { outcome, reason, text: pages[0]?.text ?? '' }
}

const ole = (...streams: string[]) =>
  Buffer.concat([
    Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
    Buffer.alloc(504),
    ...streams.map((name) => Buffer.from(name, 'utf16le')),
    Buffer.alloc(1_000)
  ])

describe('what cannot be read waits for a person with the reason', () => {
  test.each([
    [
      'a file locked with a password',
      ole('EncryptionInfo', 'EncryptedPackage'),
      /locked with a password/
    ],
    ['an old Word document', ole('WordDocument'), /old kind \(\.doc\)/],
    ['an old workbook', ole('Workbook'), /old kind \(\.xls\)/],
    ['an old presentation', ole('PowerPoint Document'), /old kind \(\.ppt\)/],
    ['a message saved by Outlook', ole('__substg1.0_0037001F'), /Outlook/],
    [
      'a binary workbook',
      zipOf({
        '[Content_Types].xml':
          '<Types><Override PartName="/xl/workbook.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>',
        'xl/workbook.bin': 'x'
      }),
      /\.xlsb/
    ],
    [
      'an OpenDocument text locked with a password',
      odf('text', '', { extra: { 'META-INF/manifest.xml': '<m><encryption-data/></m>' } }),
      /locked with a password/
    ],
    ['an empty document', docx(para('')), /No text was found/],
    [
      'a workbook of empty sheets',
      xlsx([
        { name: 'Sheet one', rows: '<row><c s="0"/></row>' },
        { name: 'Sheet two', rows: '' }
      ]),
      /No text was found/
    ],
    [
      'an OpenDocument spreadsheet of empty sheets',
      odf(
        'spreadsheet',
        '<table:table table:name="Sheet one"><table:table-row><table:table-cell/></table:table-row></table:table>'
      ),
      /No text was found/
    ],
    [
      'an OpenDocument presentation of empty slides',
      odf('presentation', '<draw:page draw:name="page one"/><draw:page draw:name="page two"/>'),
      /No text was found/
    ],
    [
      'a presentation of empty slides',
      pptx([{ body: '' }, { body: '<p:sp/>' }]),
      /No text was found/
    ],
    [
      'an empty workbook with macros',
      xlsx([{ name: 'Sheet one', rows: '' }], { extra: { 'xl/vbaProject.bin': 'x' } }),
      /macros/
    ],
    ['an empty presentation', pptx([]), /No text was found/]
  ])('%s', async (_, bytes, reason) => {
    expect(await outcomeOf(bytes)).toEqual({
      outcome: 'withheld',
      reason: expect.stringMatching(reason),
      text: ''
    })
  })
})

describe('a package that is not what it says', () => {
  const directoryAt = (zip: Buffer, name: string) => zip.lastIndexOf(Buffer.from(name)) - 46

  test('with a part larger than its directory says is damaged, and so is one of other bytes', async () => {
    const zip = docx(para(run('A letter '.repeat(500))))
    const lied = Buffer.from(zip)
    lied.writeUInt32LE(100, directoryAt(lied, 'word/document.xml') + 24)
    const other = Buffer.from(zip)
    other.writeUInt32LE(1, directoryAt(other, 'word/document.xml') + 16)
    for (const bytes of [lied, other])
      expect(await outcomeOf(bytes)).toMatchObject({
        outcome: 'withheld',
        reason: expect.stringMatching(/damaged/)
      })
  })

  test('that is cut off anywhere ends withheld, never half read', async () => {
    const zip = docx(para(run('A letter about the culvert')), {
      others: { comments: `<w:comment>${para(run('note'))}</w:comment>` }
    })
    for (const share of [0.2, 0.5, 0.8, 0.99])
      expect(await outcomeOf(zip.subarray(0, Math.floor(zip.length * share)))).toMatchObject({
        outcome: 'withheld'
      })
  })

  test('that names a part twice is not guessed at', async () => {
    const zip = docx(para(run('One')), {
      extra: {
        'word/Document.xml': '<w:document><w:p><w:r><w:t>Two</w:t></w:r></w:p></w:document>'
      }
    })
    expect(await outcomeOf(zip)).toMatchObject({
      outcome: 'withheld',
      reason: expect.stringMatching(/names one of its parts twice/)
    })
  })

  test('whose XML breaks off, declares a document type or is no XML is withheld', async () => {
    const withBody = (xml: string) =>
      zipOf({
        '[Content_Types].xml':
          '<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        'word/document.xml': xml
      })
    expect(await outcomeOf(withBody('<d><p><r><t>Half a let'))).toMatchObject({
      outcome: 'withheld',
      reason: expect.stringMatching(/breaks off/)
    })
    expect(await outcomeOf(withBody('<d><p><r><t>Half a letter</t></p></d>'))).toMatchObject({
      outcome: 'withheld',
      reason: expect.stringMatching(/do not fit together/)
    })
    expect(
      await outcomeOf(
        withBody(
          '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><d><p><r><t>&b;</t></r></p></d>'
        )
      )
    ).toMatchObject({ outcome: 'withheld', reason: expect.stringMatching(/document type/) })
    expect(await outcomeOf(withBody('no markup'))).toMatchObject({ outcome: 'withheld' })
    expect(
      await outcomeOf(withBody('<d><p><r><t>Words &amp; &unknown;</t></r></p></d>'))
    ).toMatchObject({ outcome: 'read', text: 'Words & &unknown;' })
  })

  test('in UTF-16 is read', async () => {
    const xml = '<d><p><r><t>Señora Núñez</t></r></p></d>'
    const zip = zipOf({
      '[Content_Types].xml':
        '<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
      'word/document.xml': Buffer.from(`\ufeff${xml}`, 'utf16le')
    })
    expect(await outcomeOf(zip)).toMatchObject({ outcome: 'read', text: 'Señora Núñez' })
  })

  test('with a part of a kind nobody knows says so', async () => {
    expect(
      await outcomeOf(
        docx(para(run('Words')), {
          extra: { 'word/ink/ink1.xml': '<ink/>' },
          types: { 'word/ink/ink1.xml': 'application/inkml+xml' }
        })
      )
    ).toMatchObject({
      outcome: 'read',
      text: 'Words',
      reason: 'A part of it is of a kind that is not looked into.'
    })
    expect(
      await outcomeOf(
        docx(para(run('Words')), {
          extra: {
            'word/afchunk.xml': '<html/>',
            'word/afchunk2.xml': '<html/>',
            'customXml/item1.xml': '<data/>'
          }
        })
      )
    ).toMatchObject({
      outcome: 'read',
      text: 'Words',
      reason: '2 parts of it are of a kind that is not looked into.'
    })
  })
})

describe('at the bound it is read, just over it waits for a person', () => {
  test.each([
    [limits.officeParts, 'read'],
    [limits.officeParts + 1, 'withheld'],
    [65_536, 'withheld']
  ])('%i parts: %s', async (count, outcome) => {
    const parts: Record<string, Uint8Array> = { 'content.xml': strToU8('<d><p>Words</p></d>') }
    for (let n = 2; n < count; n++) parts[`x/${n}.xml`] = new Uint8Array()
    const zip = Buffer.from(
      zipSync(
        {
          mimetype: [strToU8('application/vnd.oasis.opendocument.text'), { level: 0 }],
          ...parts
        },
        { level: 0 }
      )
    )
    expect(await outcomeOf(zip)).toMatchObject({ outcome })
  })

  test.each([
    [limits.officeDepth, 'read'],
    [limits.officeDepth + 1, 'withheld']
  ])('elements %i deep: %s', async (depth, outcome) => {
    const around = depth - 5
    expect(
      await outcomeOf(
        docx(`${'<w:x>'.repeat(around)}${para(run('Words'))}${'</w:x>'.repeat(around)}`)
      )
    ).toMatchObject({ outcome })
  })

  test.each([
    [limits.officeCells, undefined],
    [limits.officeCells + 1, 'It has more cells or letters than are read by machine.']
  ])('%i cells: %s', async (count, reason) => {
    const rows =
      `<row>${'<c><v>1</v></c>'.repeat(100)}</row>`.repeat(Math.floor(count / 100)) +
      `<row>${'<c><v>1</v></c>'.repeat(count % 100)}</row>`
    expect(await outcomeOf(xlsx([{ name: 'S', rows }]))).toMatchObject({
      outcome: 'read',
      reason
    })
  })

  test('more elements than are walked', async () => {
    expect(
      await outcomeOf(docx(para(run('Words')) + '<w:x/>'.repeat(limits.officeElements)))
    ).toMatchObject({ outcome: 'withheld', reason: expect.stringMatching(/more elements/) })
  })

  test('a string that is shown in every cell, and a row repeated a million times, end in bounded text', async () => {
    const long = `<t>${'a'.repeat(30_000)}</t>`
    const repeated = await outcomeOf(
      xlsx([{ name: 'S', rows: `<row>${'<c t="s"><v>0</v></c>'.repeat(100_000)}</row>` }], {
        strings: [long]
      })
    )
    expect([repeated.text.length <= limits.textCharacters, repeated.reason]).toEqual([
      true,
      expect.stringMatching(/more cells or letters/)
    ])
    const row =
      '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>'
    expect(
      await outcomeOf(
        odf('spreadsheet', `<table:table table:name="S">${row.repeat(3)}</table:table>`)
      )
    ).toMatchObject({ outcome: 'read', reason: expect.stringMatching(/more cells or letters/) })
  })

  test.each([
    [limits.textCharacters, undefined],
    [limits.textCharacters + 1, /more than 2 million characters/]
  ])('%i letters of plain text', async (count, reason) => {
    const { outcome, reason: why } = await outcomeOf(Buffer.alloc(count, 'a'))
    expect([outcome, why]).toEqual([
      'read',
      reason === undefined ? undefined : expect.stringMatching(reason)
    ])
  })
})
