import { describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import sharp from 'sharp'
import { channels } from '../../../channels/index.ts'
import { findDocument, readStoredPages } from '../../../core/documents/store.ts'
import { listTranscriptions } from '../../../core/transcription/transcribe.ts'
import { casesOf, contactRow, settlerOf } from '../../helpers/contacts.ts'
import { mailWith, type MailFile } from '../../helpers/mail.ts'
import { documentsOf, openStage } from '../../helpers/pipeline.ts'
import { letterPng, scanPdf, scribble, standardFax, textPdf } from './fixtures.ts'
import { documentsForFile } from '../../helpers/reading.ts'

const { runtime, reader, stage, ready } = await documentsForFile()

const email = channels.find(({ kind }) => kind === 'email')!

/** Accepts and reads a mail, not its documents. */
async function bring(text: string, files: readonly MailFile[], subject = ''): Promise<string> {
  const { contactId } = await runtime.acceptor.accept(
    email.fromFile('mail.eml', await mailWith(text, files, { subject }), runtime.agency())
  )
  await reader.read([contactId])
  return contactId
}

/** Reads everything a contact waits for. */
async function readDocuments(contactId: string): Promise<void> {
  for (let more = await documentsOf(runtime, [contactId]); more.length > 0;)
    more = await stage.read(more)
}

const png = (bytes: Uint8Array) => ({ name: 'letter.png', type: 'image/png', bytes })

describe('a contact with a document', () => {
  test('waits for its reading, and its own text stays its text', async () => {
    const id = await bring('Please see the letter.', [png(await letterPng())])
    expect(await contactRow(runtime, id)).toMatchObject({ state: 'documents' })
    expect(ready).not.toContain(id)
    await readDocuments(id)
    const { state, envelope, trail } = await contactRow(runtime, id)
    expect(state).toBe('read')
    expect(ready.filter((one) => one === id)).toHaveLength(1)
    expect(envelope).toMatchObject({
      text: 'Please see the letter.',
      documents: [
        { mediaType: 'image/png', pages: 1, text: expect.stringContaining('street lamp outside') }
      ]
    })
    expect(envelope!.documents[0]!.confidence).toBeGreaterThan(0.85)
    expect(trail.at(-1)).toMatchObject({
      step: 'documents',
      verdict: 'read',
      evidence: { documents: 1, pages: 1 }
    })
  })

  test("and no text of its own gets the documents', with its language", async () => {
    const id = await bring('', [
      { name: 'fax.tif', type: 'image/tiff', bytes: await standardFax() }
    ])
    await readDocuments(id)
    expect(await contactRow(runtime, id)).toMatchObject({
      state: 'read',
      envelope: {
        text: expect.stringMatching(/street lamp[\s\S]+before the winter comes/),
        language: 'en'
      }
    })
    await settlerOf(runtime).settle([id])
    expect(await casesOf(runtime, id)).toHaveLength(1)
  })

  test('keeps page pictures and a searchable PDF for the desk', async () => {
    const bytes = await scanPdf([await letterPng(), await letterPng(150)])
    const id = await bring('Two pages.', [
      { name: 'scan.pdf', type: 'application/octet-stream', bytes }
    ])
    await readDocuments(id)
    const [hash] = await documentsOf(runtime, [id])
    const record = await findDocument(runtime.db, hash!)
    expect(record).toMatchObject({
      mediaType: 'application/pdf',
      pages: 2,
      pagesRead: 2,
      outcome: 'read',
      searchablePdf: expect.stringMatching(/^[0-9a-f]{64}$/)
    })
    expect((await runtime.blobs.get(record!.searchablePdf!)).subarray(0, 5).toString()).toBe(
      '%PDF-'
    )
    const pages = await readStoredPages(runtime.db, hash!)
    expect(pages.map(({ image, words }) => [image?.mediaType, words.length > 30])).toEqual([
      ['image/jpeg', true],
      ['image/jpeg', true]
    ])
    expect((await runtime.blobs.get(pages[0]!.image!.sha256)).length).toBeGreaterThan(1_000)
  })

  test('that has its own text layer is its own searchable PDF', async () => {
    const id = await bring('A form.', [
      { name: 'form.pdf', type: 'application/pdf', bytes: await (await textPdf(3)).save() }
    ])
    await readDocuments(id)
    const [hash] = await documentsOf(runtime, [id])
    expect(await findDocument(runtime.db, hash!)).toMatchObject({ pages: 3, searchablePdf: hash })
  })
})

describe('nothing is read', () => {
  test('of a mail whose only attachments are logos, signatures and calendars', async () => {
    const logo = await sharp({
      create: { width: 300, height: 90, channels: 3, background: '#06c' }
    })
      .png()
      .toBuffer()
    const id = await bring('Regards, Agnes', [
      { name: 'logo.png', type: 'image/png', bytes: logo, cid: 'logo@people.example' },
      { name: 'invite.ics', type: 'text/calendar', bytes: Buffer.from('BEGIN:VCALENDAR') },
      { name: 'smime.p7s', type: 'application/pkcs7-signature', bytes: Buffer.from('signature') }
    ])
    expect(await contactRow(runtime, id)).toMatchObject({
      state: 'read',
      envelope: { documents: [{ mediaType: 'image/png' }, {}, {}] }
    })
    expect(await documentsOf(runtime, [id])).toEqual([])
  })

  test('of an out-of-office reply', async () => {
    const mail = (await mailWith('I am away.', [png(await letterPng(140))])).toString('latin1')
    const { contactId } = await runtime.acceptor.accept(
      email.fromFile(
        'mail.eml',
        Buffer.from(`Auto-Submitted: auto-replied\r\n${mail}`, 'latin1'),
        runtime.agency()
      )
    )
    await reader.read([contactId])
    expect(await contactRow(runtime, contactId)).toMatchObject({
      state: 'read',
      kind: 'auto-reply'
    })
  })
})

describe('what cannot be read surely', () => {
  test('is withheld with its reason, and the contact goes on by its own text', async () => {
    const pdf = await textPdf()
    pdf.encrypt({ userPassword: 'not known', ownerPassword: 'not known either' })
    const id = await bring('My claim is attached.', [
      { name: 'locked.pdf', type: 'application/pdf', bytes: await pdf.save() }
    ])
    await readDocuments(id)
    expect(await contactRow(runtime, id)).toMatchObject({
      state: 'read',
      envelope: {
        text: 'My claim is attached.',
        documents: [{ withheld: 'The document is locked with a password.' }]
      }
    })
  })

  test('waits for a transcriber where there is no other text, with its place', async () => {
    const id = await bring('', [png(await scribble())])
    await readDocuments(id)
    const row = await contactRow(runtime, id)
    expect(row).toMatchObject({
      state: 'quarantined',
      quarantine_code: 'TEXT_UNSURE',
      envelope: { text: '' }
    })
    expect(ready).not.toContain(id)
    expect(
      (await listTranscriptions(runtime.db)).contacts.map(({ contactId }) => contactId)
    ).toContain(id)
  })

  test('is no reason to stop where a subject says what it is about', async () => {
    const id = await bring('', [png(await scribble())], 'The swing in the park is broken')
    await readDocuments(id)
    expect(await contactRow(runtime, id)).toMatchObject({ state: 'read', envelope: { text: '' } })
  })

  test('for want of the original is tried three times, then withheld', async () => {
    const id = await bring('The original is gone.', [
      { name: 'note.txt', type: 'text/plain', bytes: Buffer.from('a note that will be lost') }
    ])
    const [hash] = await documentsOf(runtime, [id])
    await runtime.db.deleteFrom('blobs').where('sha256', '=', hash!).execute()
    for (let n = 0; n < 2; n++)
      await expect(stage.read([hash!])).rejects.toMatchObject({ code: 'READ_BLOB_MISSING' })
    await readDocuments(id)
    expect(await contactRow(runtime, id)).toMatchObject({
      state: 'read',
      envelope: { documents: [{ withheld: expect.stringContaining('cannot be found') }] }
    })
  })
})

describe('a contact that cannot be finished', () => {
  test('holds up no other with the same document, and waits for a person after three attempts', async () => {
    const bytes = Buffer.from('The lamp at the corner has been dark for three weeks.')
    const [bad, good] = [
      await bring('First.', [{ name: 'a.txt', type: 'text/plain', bytes }]),
      await bring('Second.', [{ name: 'a.txt', type: 'text/plain', bytes }])
    ] as const
    await sql`update contacts set envelope = jsonb_set(envelope, '{documents}', '7')
        where id = ${bad}`.execute(runtime.db)
    const hashes = await documentsOf(runtime, [good])
    for (const state of ['documents', 'documents', 'quarantined']) {
      expect(await stage.read(hashes)).toEqual([])
      expect(await contactRow(runtime, bad)).toMatchObject({ state })
      expect(await contactRow(runtime, good)).toMatchObject({ state: 'read' })
    }
    expect(await contactRow(runtime, bad)).toMatchObject({
      quarantine_code: 'SETTLE_FAILED',
      outcome: 'quarantined'
    })
  })
})

describe('reading in slices', () => {
  test('ends a slice after some pages when others wait, and goes on where it was', async () => {
    const id = await bring('Many pages.', [
      { name: 'many.pdf', type: 'application/pdf', bytes: await (await textPdf(20)).save() }
    ])
    const [hash] = await documentsOf(runtime, [id])
    const busy = openStage(runtime, {
      othersWait: async () => true,
      onRead: (ids) => ready.push(...ids),
      pool: stage.pool
    })
    const seen: number[] = []
    for (let more = await busy.read([hash!]); ; more = await busy.read([hash!])) {
      seen.push((await findDocument(runtime.db, hash!))!.pagesRead)
      if (more.length === 0) break
    }
    expect(seen).toEqual([8, 16, 20])
    expect(await contactRow(runtime, id)).toMatchObject({ state: 'read' })
  })

  test('the same document in two contacts is read once, and both go on', async () => {
    const bytes = await letterPng(170)
    const ids = [await bring('First.', [png(bytes)]), await bring('Second.', [png(bytes)])]
    await readDocuments(ids[0]!)
    for (const id of ids) expect(await contactRow(runtime, id)).toMatchObject({ state: 'read' })
    const later = await bring('Third.', [png(bytes)])
    await readDocuments(later)
    expect(await contactRow(runtime, later)).toMatchObject({
      state: 'read',
      envelope: { documents: [{ pages: 1 }] }
    })
  })
})
