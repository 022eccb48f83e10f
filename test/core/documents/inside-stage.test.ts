import { describe, expect, test } from '@jest/globals'
import type { PDFDocument } from '@cantoo/pdf-lib'
import { channels } from '../../../channels/index.ts'
import { limits } from '../../../core/documents/limits.ts'
import { findDocument, readStoredPages } from '../../../core/documents/store.ts'
import { listTranscriptions } from '../../../core/transcription/transcribe.ts'
import { casesOf, contactRow, settlerOf } from '../../helpers/contacts.ts'
import { mailWith, type MailFile } from '../../helpers/mail.ts'
import { documentsOf } from '../../helpers/pipeline.ts'
import { letterPng } from './fixtures.ts'
import { formPdf, letterPdf, waitingPdf } from './form-fixtures.ts'
import { docx, para, run, xlsx } from './office-fixtures.ts'
import { documentsForFile } from '../../helpers/reading.ts'

const { runtime, reader, stage, ready } = await documentsForFile()

const email = channels.find(({ kind }) => kind === 'email')!
const save = async (pdf: PDFDocument) =>
  Buffer.from(await pdf.save({ updateFieldAppearances: false }))
const pdfFile = async (pdf: PDFDocument | Buffer, name = 'paper.pdf'): Promise<MailFile> => ({
  name,
  type: 'application/pdf',
  bytes: Buffer.isBuffer(pdf) ? pdf : await save(pdf)
})

async function bring(text: string, files: readonly MailFile[]): Promise<string> {
  const { contactId } = await runtime.acceptor.accept(
    email.fromFile('mail.eml', await mailWith(text, files, {}), runtime.agency())
  )
  await reader.read([contactId])
  for (let more = await documentsOf(runtime, [contactId]); more.length > 0;)
    more = await stage.read(more)
  return contactId
}

describe('files inside a document of a contact', () => {
  test('become documents of the contact, read before it is settled, in the order they lie', async () => {
    const inner = await letterPdf('The culvert under Harbor Street is blocked again.')
    await inner.attach(Buffer.from('Measured on Monday: 40 cm of water.'), 'levels.txt')
    const outer = await letterPdf('Covering page of the report')
    await outer.attach(await save(inner), 'report.pdf')
    const id = await bring('Please see the report.', [await pdfFile(outer, 'cover.pdf')])
    const { state, envelope, trail } = await contactRow(runtime, id)
    expect(state).toBe('read')
    expect(ready.filter((one) => one === id)).toHaveLength(1)
    expect(envelope!.documents).toMatchObject([
      { name: 'cover.pdf', text: 'Covering page of the report' },
      {
        name: 'report.pdf',
        within: 'cover.pdf',
        mediaType: 'application/pdf',
        pages: 1,
        text: 'The culvert under Harbor Street is blocked again.'
      },
      {
        name: 'levels.txt',
        within: 'cover.pdf › report.pdf',
        text: 'Measured on Monday: 40 cm of water.'
      }
    ])
    expect(trail.at(-1)).toMatchObject({ step: 'documents', evidence: { documents: 3 } })
    expect((await runtime.blobs.get(envelope!.documents[2]!.sha256)).toString()).toBe(
      'Measured on Monday: 40 cm of water.'
    )
  })

  test('give a contact without words of its own its text', async () => {
    const cover = await letterPdf('For the best experience, open this PDF portfolio in Acrobat.')
    await cover.attach(
      await save(await letterPdf('I appeal the zoning decision on 12 Maple Street.')),
      'appeal.pdf'
    )
    const id = await bring('', [await pdfFile(cover)])
    expect(await contactRow(runtime, id)).toMatchObject({
      state: 'read',
      envelope: { text: 'I appeal the zoning decision on 12 Maple Street.' }
    })
    await settlerOf(runtime).settle([id])
    expect(await casesOf(runtime, id)).toHaveLength(1)
  })

  test('are the same where the same document comes again, and where it was read by a process that was killed', async () => {
    const outer = await letterPdf('Twice')
    await outer.attach(Buffer.from('The words inside'), 'inside.txt')
    const bytes = await save(outer)
    const first = await bring('One.', [await pdfFile(bytes)])
    const hash = (await contactRow(runtime, first)).envelope!.documents[0]!.sha256
    await runtime.db
      .updateTable('documents')
      .set({ outcome: null })
      .where('sha256', '=', hash)
      .execute()
    const second = await bring('Two.', [await pdfFile(bytes)])
    for (const id of [first, second])
      expect(
        (await contactRow(runtime, id)).envelope!.documents.map(({ name, text }) => [name, text])
      ).toEqual([
        ['paper.pdf', 'Twice'],
        ['inside.txt', 'The words inside']
      ])
  })

  test('that lie too deep are documents too, and say why they were not read', async () => {
    let bytes: Buffer = Buffer.from('The deepest words of all')
    for (let depth = limits.embeddedDepth + 1; depth >= 1; depth--) {
      const pdf = await letterPdf(`Level ${depth}`)
      await pdf.attach(bytes, depth > limits.embeddedDepth ? 'deep.txt' : 'next.pdf')
      bytes = await save(pdf)
    }
    const { envelope } = await contactRow(runtime, await bring('Nested.', [await pdfFile(bytes)]))
    expect(envelope!.documents.at(-1)).toMatchObject({
      name: 'deep.txt',
      withheld: expect.stringMatching(/too deep/)
    })
    expect(envelope!.documents.at(-1)!.text).toBeUndefined()
  })

  test('too many: those within the bound are documents, and the one they were in says that there are more', async () => {
    const pdf = await letterPdf('Many')
    for (let n = 0; n <= limits.embeddedFiles; n++)
      await pdf.attach(Buffer.from(`words ${n}`), `f${String(n).padStart(3, '0')}.txt`)
    const { envelope } = await contactRow(runtime, await bring('Many.', [await pdfFile(pdf)]))
    expect(envelope!.documents).toHaveLength(1 + limits.embeddedFiles)
    expect(envelope!.documents[0]).toMatchObject({
      missing: expect.stringMatching(/51 files, of which the first 50/)
    })
  })
})

describe('an office file', () => {
  const office = (bytes: Buffer, name: string): MailFile => ({
    name,
    type: 'application/octet-stream',
    bytes
  })
  const costs = (sum: string) =>
    xlsx([
      {
        name: 'Costs',
        rows: `<row><c t="inlineStr"><is><t>Repair of the culvert at Mill Lane</t></is></c><c><v>${sum}</v></c></row>`
      }
    ])

  test('that came alone gives the contact its words, with those of a letter photographed into it', async () => {
    const id = await bring('', [
      office(
        docx(para(run('I appeal the zoning decision on 12 Maple Street.')), {
          extra: { 'word/media/image1.png': await letterPng() }
        }),
        'appeal.docx'
      )
    ])
    const { state, envelope } = await contactRow(runtime, id)
    expect([state, envelope!.text]).toEqual([
      'read',
      expect.stringMatching(
        /^I appeal the zoning decision on 12 Maple Street\.\n\n[\s\S]*street lamp/
      )
    ])
    expect(envelope!.documents.map(({ name, within }) => [name, within])).toEqual([
      ['appeal.docx', undefined],
      ['image1.png', 'appeal.docx']
    ])
  })

  test('whose only content is a picture, or that is locked or empty, waits for a person or is read by its picture', async () => {
    const pictured = await contactRow(
      runtime,
      await bring('', [
        office(
          docx(para('<w:r><w:drawing/></w:r>'), {
            extra: { 'word/media/image1.png': await letterPng() }
          }),
          'scan.docx'
        )
      ])
    )
    expect([pictured.state, pictured.envelope!.text]).toEqual([
      'read',
      expect.stringMatching(/street lamp/)
    ])
    const empty = await contactRow(runtime, await bring('', [office(docx(para('')), 'empty.docx')]))
    expect([empty.state, empty.envelope!.documents[0]!.withheld]).toEqual([
      'quarantined',
      'No text was found in it.'
    ])
  })

  test('with one other number is another paper: both matters have a case', async () => {
    const ids = [
      await bring('Please see the costs.', [office(costs('1250'), 'costs.xlsx')]),
      await bring('Please see the costs.', [office(costs('1260'), 'costs.xlsx')])
    ]
    await settlerOf(runtime).settle(ids)
    const cases = [await casesOf(runtime, ids[0]!), await casesOf(runtime, ids[1]!)]
    expect(cases.map((of) => of.length)).toEqual([1, 1])
    const texts = []
    for (const id of ids) texts.push((await contactRow(runtime, id)).envelope!.documents[0]!.text)
    expect(texts).toEqual([
      'Sheet: Costs\nRepair of the culvert at Mill Lane\t1250',
      'Sheet: Costs\nRepair of the culvert at Mill Lane\t1260'
    ])
  })
})

describe('a form', () => {
  test("that came alone is the contact's text with its values, and is found in its searchable copy", async () => {
    const id = await bring('', [await pdfFile(await formPdf())])
    const { envelope } = await contactRow(runtime, id)
    expect(envelope!.text).toMatch(/Applicant Wilhelmina Okonkwo/)
    const record = (await findDocument(runtime.db, envelope!.documents[0]!.sha256))!
    expect(record.searchablePdf).not.toBe(record.sha256)
    const [page] = await readStoredPages(runtime.db, record.sha256)
    expect(page!.fields).toContainEqual(
      expect.objectContaining({ name: 'applicant', value: 'Wilhelmina Okonkwo' })
    )
    expect(page!.words).toContainEqual(expect.objectContaining({ text: 'Okonkwo', from: 'field' }))
  })

  test('that cannot be shown waits for a person with the reason', async () => {
    const id = await bring('', [await pdfFile(await waitingPdf())])
    expect(await contactRow(runtime, id)).toMatchObject({
      state: 'quarantined',
      quarantine_code: 'TEXT_UNSURE',
      envelope: {
        text: '',
        documents: [{ withheld: expect.stringMatching(/another program is needed/) }]
      }
    })
    expect(
      (await listTranscriptions(runtime.db)).contacts.map(({ contactId }) => contactId)
    ).toContain(id)
  })
})
