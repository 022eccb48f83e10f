/**
 * One covering note with two PDFs by mail, and one sentence with two photographs by the form: read
 * by the real readers, settled, looked at on the case page.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib'
import { randomUUID } from 'node:crypto'
import sharp from 'sharp'
import { channels } from '../../channels/index.ts'
import type { ChannelKind } from '../../core/envelope.ts'
import { contactRow } from '../helpers/contacts.ts'
import { submitForm } from '../helpers/form.ts'
import { mailWith } from '../helpers/mail.ts'
import { openPipeline, type Pipeline } from '../helpers/pipeline.ts'
import { openSite, type Site } from '../helpers/site.ts'
import { signIn } from '../helpers/staff.ts'

let site: Site
let pipeline: Pipeline
beforeAll(async () => {
  site = await openSite()
  pipeline = openPipeline(site.runtime)
})
afterAll(async () => {
  await pipeline.close()
  await site.close()
})

async function pdf(lines: readonly string[]): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  const [page, font] = [
    document.addPage([612, 792]),
    await document.embedFont(StandardFonts.Helvetica)
  ]
  lines.forEach((line, no) => page.drawText(line, { x: 60, y: 700 - no * 18, size: 12, font }))
  return document.save()
}

/** Brings a file in by a channel, to its line; answers its row. */
async function bring(kind: ChannelKind, name: string, bytes: Uint8Array) {
  const raw = {
    ...channels.find((one) => one.kind === kind)!.fromFile(name, bytes, site.runtime.agency()),
    externalId: randomUUID()
  }
  const { contactId } = await site.runtime.acceptor.accept(raw)
  await pipeline.run([contactId])
  return contactRow(site.runtime, contactId)
}

const note =
  'Dear Sir or Madam, please find enclosed what I have to complain about. I would be glad to hear from you soon. Yours sincerely, Agnes Whitlock'
const complaint = (about: string) =>
  pdf([
    'To the housing department',
    `I complain about ${about} in the house at 14 Mill Street.`,
    'It has been so since the ninth of September and nobody came.'
  ])
const mail = async (name: string, bytes: Uint8Array) =>
  bring(
    'email',
    'mail.eml',
    await mailWith(note, [{ name, type: 'application/pdf', bytes }], {
      subject: 'Complaint',
      to: 'housing@willowcreek.example'
    })
  )

test('a note with another PDF is a case of its own; the page of each says which papers differ', async () => {
  const first = await mail('complaint-a.pdf', await complaint('the broken heating'))
  const second = await mail('complaint-b.pdf', await complaint('the noise at night'))
  expect([first.outcome, second.outcome]).toEqual(['case', 'case'])
  const supervisor = await signIn(site, 'supervisor')
  for (const { case_id } of [first, second])
    expect((await supervisor.get(`/desk/cases/${case_id}`)).text).toContain(
      'What differs: <bdi>other papers: complaint-a.pdf / complaint-b.pdf</bdi>'
    )
})

test('the same note with the same PDF is one case', async () => {
  const bytes = await complaint('the wet cellar')
  const [first, second] = [await mail('cellar.pdf', bytes), await mail('cellar again.pdf', bytes)]
  expect([first.outcome, second.outcome, second.case_id]).toEqual([
    'case',
    'duplicate',
    first.case_id
  ])
})

test('one sentence by the form with two photographs is two cases', async () => {
  const picture = (background: string) =>
    sharp({ create: { width: 640, height: 480, channels: 3, background } })
      .jpeg()
      .toBuffer()
  const sent = async (background: string) => {
    const fields = {
      message: 'This is what I found in front of our door this morning, please have it taken away.',
      name: 'Agnes Whitlock',
      email: 'agnes@people.example',
      phone: '(217) 555-0142'
    }
    const receipt = await submitForm(site.url, fields, '', [
      new File([await picture(background)], 'photo.jpg', { type: 'image/jpeg' })
    ])
    const { id } = await site.runtime.db
      .selectFrom('contacts')
      .select('id')
      .where('receipt', '=', receipt)
      .executeTakeFirstOrThrow()
    await pipeline.run([id])
    return contactRow(site.runtime, id)
  }
  const [first, second] = [await sent('#804020'), await sent('#208040')]
  expect([first, second].map(({ envelope }) => envelope?.documents.length)).toEqual([1, 1])
  expect([first.outcome, second.outcome]).toEqual(['case', 'case'])
  expect(await sent('#208040')).toMatchObject({ outcome: 'duplicate', case_id: second.case_id })
})
