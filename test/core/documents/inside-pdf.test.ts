import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PDFDocument, PDFName } from '@cantoo/pdf-lib'
import { limits } from '../../../core/documents/limits.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import type { Page, ReadOptions } from '../../../core/documents/types.ts'
import { addXfa, annotate, formPdf, letterPdf, waitingPdf } from './form-fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(2)
})
afterAll(() => pool.close())

const read = (bytes: Uint8Array, options: ReadOptions = {}) => readDocument(bytes, options, pool)
const save = async (pdf: PDFDocument) =>
  Buffer.from(await pdf.save({ updateFieldAppearances: false }))
const onePage = async (bytes: Uint8Array): Promise<Page> => (await read(bytes)).pages[0]!

describe('the values of a form', () => {
  test.each([
    ['with appearances', true],
    ['without appearances', false]
  ] as const)('are in its text beside their labels, %s', async (_, appearances) => {
    const page = await onePage(await formPdf({ appearances }))
    expect(page.text).toMatch(/Applicant Wilhelmina Okonkwo/)
    expect(page.text).toMatch(/Ward Mill ward/)
    expect(page.text).toMatch(/\[x\] With music/)
    expect(page.text).not.toMatch(/\[x\] With stalls/)
    expect(page.text).toMatch(/Number ?Of ?Guests: 140/)
  })

  test('have boxes where they stand, and the fields are told one by one', async () => {
    const page = await onePage(await formPdf())
    const word = page.words.find(({ text }) => text === 'Okonkwo')!
    const { box } = page.fields!.find(({ name }) => name === 'applicant')!
    expect([
      word.box[0] >= box[0],
      word.box[2] <= box[2],
      word.box[1] >= box[1] - 2,
      word.box[3] <= box[3] + 2
    ]).toEqual([true, true, true, true])
    expect(page.fields).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'ward', type: 'choice', value: 'Mill ward' }),
        expect.objectContaining({ name: 'stalls', type: 'checkbox', value: '' })
      ])
    )
  })

  test('that nobody sees are kept apart and are not its text', async () => {
    const page = await onePage(await formPdf())
    expect(page.text).not.toContain('unseen')
    expect(page.fields).toContainEqual(
      expect.objectContaining({ name: 'internalNote', value: 'unseen remark', hidden: true })
    )
  })

  test.each([
    ['with appearances', true, 0],
    ['without appearances', false, 0],
    ['on a turned page', true, 90]
  ] as const)('are found in the searchable copy %s', async (_, appearances, turned) => {
    const { searchablePdf } = await read(await formPdf({ appearances, turned }), {
      searchablePdf: true
    })
    const copy = await PDFDocument.load(searchablePdf!)
    for (const page of copy.getPages()) page.node.delete(PDFName.of('Annots'))
    // What was only laid unseen over the page is found, and told apart from what it shows.
    const { text, notes = [] } = await onePage(await save(copy))
    expect([text, ...notes.map((note) => note.text)].join(' ')).toMatch(/Okonkwo/)
  })
})

describe('comments', () => {
  test('of every kind are in its text, with who made them, and hidden ones only apart', async () => {
    const pdf = await letterPdf('A plan of the new crossing')
    const page = pdf.getPage(0)
    annotate(pdf, page, { Subtype: 'Text', Contents: '(The kerb is too high here)', T: '(Rosa)' })
    annotate(pdf, page, {
      Subtype: 'FreeText',
      Contents: '(Move the lamp left)',
      DA: '(/Helv 10 Tf)',
      Rect: [200, 100, 350, 120]
    })
    annotate(pdf, page, {
      Subtype: 'Highlight',
      Contents: '(This is wrong)',
      QuadPoints: [30, 262, 100, 262, 30, 248, 100, 248]
    })
    annotate(pdf, page, { Subtype: 'Text', Contents: '(nobody sees this)', F: 2 })
    const read = await onePage(await save(pdf))
    expect(read.text).toMatch(
      /A plan of the new crossing[\s\S]+Comment \(Rosa\): The kerb is too high here/
    )
    expect(read.text).toMatch(/Move the lamp left/)
    expect(read.text).toMatch(/This is wrong/)
    expect(read.text).not.toMatch(/nobody/)
    expect(read.notes).toContainEqual(
      expect.objectContaining({ kind: 'Text', text: 'nobody sees this', hidden: true })
    )
    expect(read.words.find(({ text }) => text === 'lamp')).toMatchObject({ from: 'note' })
  })

  test.each([
    [limits.annotationsPerPage, false],
    [limits.annotationsPerPage + 1, true]
  ])('%i on a page: more than are read is said (%p)', async (count, said) => {
    const pdf = await letterPdf('Busy')
    for (let n = 1; n <= count; n++)
      annotate(pdf, pdf.getPage(0), { Subtype: 'Text', Contents: `(remark ${n})` })
    const { pages, reason, outcome } = await read(await save(pdf))
    expect(pages[0]!.text).toContain(`remark ${limits.annotationsPerPage}`)
    expect(pages[0]!.text.includes(`remark ${limits.annotationsPerPage + 1}`)).toBe(false)
    expect([outcome, /more or longer form fields and comments/.test(reason ?? '')]).toEqual([
      'read',
      said
    ])
  })

  test('longer than the bound are cut there', async () => {
    const pdf = await letterPdf('Long')
    annotate(pdf, pdf.getPage(0), {
      Subtype: 'Text',
      Contents: `(${'x'.repeat(limits.annotationCharacters)}yz)`
    })
    const { notes, unread } = await onePage(await save(pdf))
    expect([notes![0]!.text.length, /more or longer/.test(unread ?? '')]).toEqual([
      limits.annotationCharacters,
      true
    ])
  })

  test('longer together than the bound are cut there, and the page says so', async () => {
    const pdf = await letterPdf('Long')
    const count = limits.annotationsCharacters / limits.annotationCharacters
    for (let n = 0; n < count; n++)
      annotate(pdf, pdf.getPage(0), {
        Subtype: 'Text',
        Contents: `(${'y'.repeat(limits.annotationCharacters)})`
      })
    const { notes, unread } = await onePage(await save(pdf))
    expect([notes!.length, unread]).toEqual([count, undefined])
    annotate(pdf, pdf.getPage(0), { Subtype: 'Text', Contents: '(one more)' })
    const over = await onePage(await save(pdf))
    expect([over.notes!.length, /more or longer/.test(over.unread ?? '')]).toEqual([count, true])
  })
})

describe("a form in Adobe's XML", () => {
  const data =
    '<form1><ApplicantName>Jelena Petrović</ApplicantName><Concern><![CDATA[The culvert at 9 Mill Lane is blocked & floods]]></Concern></form1>'

  test('whose page only asks to wait is what its data says', async () => {
    const pdf = await waitingPdf()
    addXfa(pdf, data)
    const { outcome, pages } = await read(await save(pdf))
    expect([outcome, pages[0]!.text]).toEqual([
      'read',
      'Applicant Name: Jelena Petrović\nConcern: The culvert at 9 Mill Lane is blocked & floods'
    ])
  })

  test('without data, or only a page that asks to wait, goes to a person', async () => {
    for (const make of [
      async () => {
        const pdf = await waitingPdf()
        addXfa(pdf, '<form1><Name/></form1>')
        return pdf
      },
      waitingPdf
    ]) {
      const { outcome, reason, pages } = await read(await save(await make()))
      expect([outcome, pages[0]!.text]).toEqual(['withheld', ''])
      expect(reason).toMatch(/cannot be shown here|another program is needed/)
    }
  })

  test('that is shown by its page is not said twice', async () => {
    const pdf = await letterPdf('Applicant Jelena Petrovic', 'The culvert at 9 Mill Lane')
    addXfa(
      pdf,
      '<form1><Name>Jelena Petrovic</Name><Concern>The culvert at 9 Mill Lane</Concern><Phone>555 0144</Phone></form1>',
      { dynamic: false }
    )
    expect((await onePage(await save(pdf))).text).toBe(
      'Applicant Jelena Petrovic\nThe culvert at 9 Mill Lane\n\nPhone: 555 0144'
    )
  })

  test.each([
    [limits.xfaBytes - 1_000, 'read'],
    [limits.xfaBytes + 1, 'withheld']
  ])('of %i bytes of data: %s', async (bytes, outcome) => {
    const pdf = await waitingPdf()
    addXfa(pdf, `<form1><Name>Ann</Name>${' '.repeat(bytes)}</form1>`)
    const result = await read(await save(pdf))
    expect([result.outcome, result.pages[0]!.text]).toEqual([
      outcome,
      outcome === 'read' ? 'Name: Ann' : ''
    ])
  })

  test.each([
    [limits.xfaValues, 'read'],
    [limits.xfaValues + 1, 'withheld']
  ])('of %i values: %s', async (count, outcome) => {
    const pdf = await waitingPdf()
    addXfa(
      pdf,
      `<form1>${Array.from({ length: count }, (_, n) => `<Row>value ${n}</Row>`).join('')}</form1>`
    )
    expect((await read(await save(pdf))).outcome).toBe(outcome)
  })

  test('is found in the searchable copy', async () => {
    const pdf = await waitingPdf()
    addXfa(pdf, data)
    const { searchablePdf } = await read(await save(pdf), { searchablePdf: true })
    const { text } = await onePage(searchablePdf!)
    expect(text).toMatch(/Petrović/)
    expect(text).not.toMatch(/wait/)
  })
})

describe('files inside', () => {
  test('are read each in its own right, also those pinned to a page and a PDF in a PDF', async () => {
    const inner = await letterPdf('The inner letter about the weir')
    await inner.attach(Buffer.from('Deepest words'), 'deep.txt', { mimeType: 'text/plain' })
    const outer = await letterPdf('See the files')
    await outer.attach(await save(inner), 'inner.pdf', { mimeType: 'application/pdf' })
    await outer.attach(Buffer.from('Minutes of the meeting'), 'minutes.txt', {
      mimeType: 'text/plain'
    })
    const { context } = outer
    const stream = context.register(context.stream('Pinned words', { Type: 'EmbeddedFile' }))
    annotate(outer, outer.getPage(0), {
      Subtype: 'FileAttachment',
      FS: context.obj({ Type: 'Filespec', F: 'pinned.txt', EF: { F: stream } } as never),
      Contents: '(see pin)'
    })
    const { attachments } = await read(await save(outer), { attachments: true })
    expect(
      attachments!
        .map(({ name, outcome, pages }) => [name, outcome, pages.map((page) => page.text).join('')])
        .toSorted()
    ).toEqual([
      ['inner.pdf', 'read', 'The inner letter about the weir'],
      ['minutes.txt', 'read', 'Minutes of the meeting'],
      ['unnamed', 'read', 'Pinned words']
    ])
    expect(attachments!.find(({ name }) => name === 'inner.pdf')!.attachments).toMatchObject([
      { name: 'deep.txt', outcome: 'read', pages: [{ text: 'Deepest words' }] }
    ])
  })

  test('that hang where viewers list none are said to be there', async () => {
    const pdf = await letterPdf('A film')
    const file = pdf.context.register(pdf.context.stream('frames', { Type: 'EmbeddedFile' }))
    pdf.catalog.set(
      PDFName.of('AF'),
      pdf.context.obj([{ Type: 'Filespec', F: 'film.mp4', EF: { F: file } }] as never)
    )
    const { attachments, reason } = await read(await save(pdf), { attachments: true })
    expect([attachments, reason]).toEqual([
      undefined,
      'It holds a file in a place that is not looked into.'
    ])
  })

  test('of a portfolio stand for it: its cover is not its content', async () => {
    const pdf = await letterPdf('For the best experience, open this PDF portfolio in Acrobat.')
    pdf.catalog.set(PDFName.of('Collection'), pdf.context.obj({ Type: 'Collection', View: 'D' }))
    await pdf.attach(await save(await letterPdf('The appeal itself')), 'appeal.pdf', {
      mimeType: 'application/pdf'
    })
    const { outcome, pages, attachments } = await read(await save(pdf), { attachments: true })
    expect([outcome, pages[0]!.text, attachments![0]!.pages[0]!.text]).toEqual([
      'read',
      '',
      'The appeal itself'
    ])
  })

  test('deeper than the bound are named and left to a person', async () => {
    let bytes = Buffer.from('bottom')
    for (let depth = limits.embeddedDepth + 1; depth >= 1; depth--) {
      const pdf = await letterPdf(`Level ${depth}`)
      await pdf.attach(
        bytes,
        depth > limits.embeddedDepth ? 'bottom.txt' : `level-${depth + 1}.pdf`
      )
      bytes = await save(pdf)
    }
    let { attachments } = await read(bytes, { attachments: true })
    for (let depth = 1; depth < limits.embeddedDepth; depth++) {
      expect(attachments).toMatchObject([{ outcome: 'read' }])
      attachments = attachments![0]!.attachments
    }
    expect(attachments).toMatchObject([
      {
        outcome: 'read',
        attachments: [
          { name: 'bottom.txt', outcome: 'withheld', reason: expect.stringMatching(/too deep/) }
        ]
      }
    ])
  })

  test.each([limits.embeddedFiles, limits.embeddedFiles + 1])(
    '%i of them: no more than the bound are taken out, and it is said',
    async (count) => {
      const pdf = await letterPdf('Many')
      for (let n = 1; n <= count; n++)
        await pdf.attach(Buffer.from(`file ${n}`), `f${String(n).padStart(3, '0')}.txt`)
      const { attachments, reason } = await read(await save(pdf), { attachments: true })
      expect(attachments).toHaveLength(limits.embeddedFiles)
      expect(reason).toEqual(
        count > limits.embeddedFiles
          ? expect.stringMatching(/It holds 51 files, of which the first 50 were taken out/)
          : undefined
      )
    }
  )

  test('with more bytes together than the bound: the one that passes it is named, the others are read', async () => {
    const pdf = await letterPdf('Heavy')
    await pdf.attach(Buffer.alloc(limits.embeddedBytes - 10), 'a-zeros.bin')
    await pdf.attach(Buffer.from('more than ten bytes'), 'b-over.txt')
    await pdf.attach(Buffer.from('nine left'), 'c-fits.txt')
    const { attachments } = await read(await save(pdf), { attachments: true })
    expect(
      attachments!.map(({ name, outcome, reason }) => [
        name,
        outcome,
        /more than 64 MiB together/.test(reason ?? '')
      ])
    ).toEqual([
      ['a-zeros.bin', 'withheld', false],
      ['b-over.txt', 'withheld', true],
      ['c-fits.txt', 'read', false]
    ])
  })
})

describe('a layer that is switched off', () => {
  test("is not the page's text, is kept apart, and a person is told", async () => {
    const pdf = await letterPdf('Seen by everybody')
    const { context } = pdf
    const group = context.register(context.obj({ Type: 'OCG', Name: 'draft' }))
    pdf.catalog.set(
      PDFName.of('OCProperties'),
      context.obj({ OCGs: [group], D: { OFF: [group] } } as never)
    )
    const page = pdf.getPage(0)
    page.node
      .normalizedEntries()
      .Resources.set(PDFName.of('Properties'), context.obj({ Draft: group } as never))
    const font = page.node.normalizedEntries().Font.keys()[0]!.asString()
    page.node.addContentStream(
      context.register(
        context.stream(
          `/OC /Draft BDC BT ${font} 12 Tf 30 100 Td <556E7365656E20736563726574> Tj ET EMC`
        )
      )
    )
    const { pages, reason } = await read(await save(pdf))
    expect(pages[0]!.text).toBe('Seen by everybody')
    expect(pages[0]!.notes).toContainEqual(
      expect.objectContaining({ kind: 'HiddenLayer', hidden: true })
    )
    expect(reason).toMatch(/layer that is switched off/)
  })
})
