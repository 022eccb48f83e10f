import { describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { channels } from '../../../channels/index.ts'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { askAgain } from '../../../core/documents/read-again.ts'
import {
  findDocument,
  READER_VERSION,
  readStoredPages,
  storePage
} from '../../../core/documents/store.ts'
import { sweep } from '../../../workers/recovery-sweep.ts'
import { casesOf, contactRow, endCase, settlerOf } from '../../helpers/contacts.ts'
import { mailWith } from '../../helpers/mail.ts'
import { documentsOf } from '../../helpers/pipeline.ts'
import { documentsForFile } from '../../helpers/reading.ts'
import { lines, textPdf } from './fixtures.ts'

const { runtime, reader, stage, ready } = await documentsForFile()
const { db } = runtime
const email = channels.find(({ kind }) => kind === 'email')!

interface Brought {
  readonly id: string
  readonly hash: string
}

/** A mail with a file of so many pages, settled; what an older reader made of it is written over. */
async function settled(text: string, pages: number): Promise<Brought> {
  const file = {
    name: 'letter.pdf',
    type: 'application/pdf',
    bytes: await (await textPdf(pages)).save()
  }
  const { contactId: id } = await runtime.acceptor.accept(
    email.fromFile('mail.eml', await mailWith(text, [file]), runtime.agency())
  )
  await reader.read([id])
  const [hash] = await documentsOf(runtime, [id])
  await stage.read([hash!])
  await settlerOf(runtime).settle([id])
  return { id, hash: hash! }
}

async function asReadBefore({ id, hash }: Brought): Promise<void> {
  await db
    .updateTable('documents')
    .set({ reader_version: READER_VERSION - 1 })
    .where('sha256', '=', hash)
    .execute()
  await db
    .updateTable('document_pages')
    .set({
      reader_version: READER_VERSION - 1,
      text: sql`'before ' || number`,
      extras: JSON.stringify({ unread: 'not seen' })
    })
    .where('sha256', '=', hash)
    .execute()
  const { envelope } = await contactRow(runtime, id)
  const [document] = envelope!.documents
  const own = envelope!.textFrom === 'documents' ? 'before 1' : envelope!.text
  await db
    .updateTable('contacts')
    .set({
      envelope: JSON.stringify({
        ...envelope,
        text: own,
        documents: [{ ...document, text: 'before 1', missing: 'not seen' }]
      })
    })
    .where('id', '=', id)
    .execute()
}

async function readAgain(): Promise<void> {
  for (let more = await askAgain(db, 10); more.length > 0;) more = await stage.read(more)
}

const textsOf = async (hash: string) =>
  (await readStoredPages(db, hash)).map(({ text }) => text.split('\n')[0])

describe('documents that an older reader read', () => {
  test('are read again, and their contact says what is read now, at its place', async () => {
    const mail = await settled('', 1)
    await asReadBefore(mail)
    const before = await casesOf(runtime, mail.id)
    await readAgain()
    expect(await textsOf(mail.hash)).toEqual([lines[0]])
    const { state, envelope, trail } = await contactRow(runtime, mail.id)
    expect(state).toBe('settled')
    expect(envelope).toMatchObject({
      text: expect.stringContaining(lines[0]!),
      documents: [{ text: expect.stringContaining(lines[0]!), unreadPages: 0 }]
    })
    expect(envelope!.documents[0]).not.toHaveProperty('missing')
    expect(trail.at(-1)).toMatchObject({ step: 'documents', verdict: 'read again' })
    expect(await casesOf(runtime, mail.id)).toEqual(before)
    expect(ready.filter((id) => id === mail.id)).toHaveLength(1)
    expect((await verifyAudit(db)).problems).toEqual([])
  })

  test('once, and where nothing changed nothing is written', async () => {
    const mail = await settled('Please see the two pages of the letter.', 2)
    await readAgain()
    const { updated_at: at } = await contactRow(runtime, mail.id)
    await db.updateTable('documents').set({ reader_version: 1 }).execute()
    await db.updateTable('document_pages').set({ reader_version: 1 }).execute()
    await readAgain()
    expect((await contactRow(runtime, mail.id)).updated_at).toEqual(at)
    expect(await askAgain(db, 10)).toEqual([])
  })

  test("leave their writer's own words, and what a person typed", async () => {
    const own = await settled('Please look at the three pages of the letter.', 3)
    await asReadBefore(own)
    const typed = await settled('', 4)
    await asReadBefore(typed)
    await db
      .updateTable('contacts')
      .set({
        envelope: sql`envelope || '{"text": "typed by Ann", "textFrom": "documents"}'`,
        trail: sql`trail ||
          '[{"step": "transcribe", "verdict": "typed", "reason": "", "evidence": {}}]'`
      })
      .where('id', '=', typed.id)
      .execute()
    await readAgain()
    for (const [{ id, hash }, text] of [
      [own, 'Please look at the three pages of the letter.'],
      [typed, 'typed by Ann']
    ] as const) {
      expect((await contactRow(runtime, id)).envelope).toMatchObject({
        text,
        documents: [{ text: expect.stringContaining(lines[0]!) }]
      })
      expect((await textsOf(hash))[0]).toBe(lines[0])
    }
  })

  test('stand as they were read until each page is read, and where it cannot be', async () => {
    const mail = await settled('Please see the five pages of the letter.', 5)
    await asReadBefore(mail)
    expect(await askAgain(db, 10)).toEqual([mail.hash])
    expect(await findDocument(db, mail.hash)).toMatchObject({ outcome: undefined, pagesRead: 0 })
    const [first] = await readStoredPages(db, mail.hash)
    await storePage(db, mail.hash, { ...first!, text: '', withheld: 'The reader broke.' })
    expect((await textsOf(mail.hash))[0]).toBe('before 1')
    expect(await findDocument(db, mail.hash)).toMatchObject({ pagesRead: 1 })
    for (let more = [mail.hash]; more.length > 0;) more = await stage.read(more)
    expect(await textsOf(mail.hash)).toEqual(['before 1', ...Array(4).fill(lines[0])])
  })

  test('are left where their case is closed, and are as many at once as asked', async () => {
    const [closed, one, two] = [
      await settled('Six pages of a letter.', 6),
      await settled('Seven pages of a letter.', 7),
      await settled('Eight pages of a letter.', 8)
    ]
    for (const mail of [closed, one, two]) await asReadBefore(mail)
    const [ended] = await casesOf(runtime, closed.id)
    await endCase(runtime, ended!.id)
    expect(await askAgain(db, 1)).toEqual([one.hash])
    expect(await askAgain(db, 10)).toEqual([two.hash])
    expect(await findDocument(db, closed.hash)).toMatchObject({ outcome: 'read' })
  })

  test('are handed in by the sweep while no other document waits', async () => {
    const [one, two, three] = [
      await settled('Nine pages of a letter.', 9),
      await settled('Ten pages of a letter.', 10),
      await settled('Eleven pages of a letter.', 11)
    ]
    for (const mail of [one, two, three]) await asReadBefore(mail)
    expect((await sweep(runtime)).again).toBe(2)
    expect(await runtime.queues.pending('documents')).toBeGreaterThan(1)
    expect((await sweep(runtime)).again).toBe(0)
  })
})
