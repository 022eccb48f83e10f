import { afterAll, describe, expect, it } from '@jest/globals'
import { sql } from 'kysely'
import { unread } from '../../../core/documents/read.ts'
import {
  askForDocuments,
  findDocument,
  readStoredPages,
  storeDocument
} from '../../../core/documents/store.ts'
import { processBatch } from '../../../core/mailroom/process-batch.ts'
import type { BatchView, Scan } from '../../../core/mailroom/types.ts'
import { up } from '../../../platform/db/migrations/0036-page-store.ts'
import { up as upReaders } from '../../../platform/db/migrations/0041-read-again.ts'
import { openStage } from '../../helpers/pipeline.ts'
import { stackPdf, typedPdf } from './stacks.ts'
import { clerk, mailroomForFile } from './support.ts'

const { runtime, room } = await mailroomForFile()
const { db } = runtime
const stage = openStage(runtime)
afterAll(() => stage.close())

let counter = 0
const words = (): string => `page ${++counter} of the tests about wells`

async function trayOf(bytes: Uint8Array): Promise<{ id: string; scan: Scan }> {
  const { id } = await room.logTray({ actor: clerk })
  return { id, scan: await room.addScan(id, { name: 'a.pdf', bytes, actor: clerk }) }
}

async function processed(batchId: string): Promise<BatchView> {
  await processBatch(runtime, batchId)
  return (await room.viewBatch(batchId))!
}

const textsOf = ({ sheets }: BatchView) => sheets.map(({ text }) => text)

/** A page that is read again loses this. */
async function mark(sha256: string): Promise<void> {
  await db
    .updateTable('document_pages')
    .set(({ ref }) => ({ text: sql<string>`'seen ' || ${ref('text')}` }))
    .where('sha256', '=', sha256)
    .execute()
}

const setState = (scanId: string, state: Scan['state']) =>
  db.updateTable('scans').set({ state }).where('id', '=', scanId).execute()

describe('pages of a scan', () => {
  it('are read once for two trays with the same bytes, each with sheets of its own', async () => {
    const said = [words(), words()]
    const bytes = await typedPdf(...said)
    const [first, second] = [await trayOf(bytes), await trayOf(bytes)]
    await setState(first.scan.id, 'reading')
    expect((await processed(second.id)).scans).toMatchObject([{ state: 'stored' }])
    expect(textsOf(await processed(first.id))).toEqual(said)
    await mark(first.scan.sha256)
    const { sheets, scans, batch } = await processed(second.id)
    expect(sheets.map(({ text, scanId }) => [text, scanId])).toEqual(
      said.map((text) => [`seen ${text}`, second.scan.id])
    )
    expect(scans).toMatchObject([{ state: 'read', pages: 2, reason: undefined }])
    expect([batch.pagesRead, batch.pagesTotal]).toEqual([2, 2])
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from sheets
      where thumbnail_sha256 is not null and scan_id = ${second.scan.id}`.execute(db)
    expect(rows).toEqual([{ count: 2 }])
  })

  it('that came with a contact before are only searched for barcodes, and the contact’s document stays read', async () => {
    const bytes = await stackPdf([{ words: words() }, { code: 'PATCHT', format: 'Code128' }])
    const { id, scan } = await trayOf(bytes)
    const whole = {
      sha256: scan.sha256,
      bytes: bytes.length,
      mediaType: 'application/pdf',
      kind: 'pdf',
      outcome: 'read',
      searchablePdf: scan.sha256
    } as const
    const page = (number: number) => ({ ...unread(number, 'x'), text: 'as attached' })
    const pages = [1, 2].map((number) => {
      const { withheld: _, ...read } = page(number)
      return read
    })
    await storeDocument(db, { ...whole, pages })
    const { sheets } = await processed(id)
    expect(sheets.map(({ kind, text }) => [kind, text])).toEqual([
      ['page', 'as attached'],
      ['separator', 'as attached']
    ])
    expect(await findDocument(db, scan.sha256)).toMatchObject({
      outcome: 'read',
      searchablePdf: scan.sha256,
      pagesOnly: false
    })
  })

  it('that a contact waits for are read by the documents stage alone', async () => {
    const said = words()
    const { id, scan } = await trayOf(await typedPdf(said))
    await askForDocuments(db, [{ sha256: scan.sha256, bytes: scan.bytes }])
    expect((await processed(id)).scans).toMatchObject([{ state: 'stored', pages: undefined }])
    expect(await stage.read([scan.sha256])).toEqual([])
    await mark(scan.sha256)
    const batch = await processed(id)
    expect(textsOf(batch)).toEqual([`seen ${said}`])
    expect(batch.scans).toMatchObject([{ state: 'read' }])
  })

  it('are left alone by the documents stage, and are not read again when a contact brings the same file', async () => {
    const said = words()
    const { id, scan } = await trayOf(await typedPdf(said))
    await askForDocuments(db, [
      { sha256: scan.sha256, bytes: scan.bytes, barcodes: true, pagesOnly: true }
    ])
    expect(await stage.read([scan.sha256])).toEqual([])
    expect(await readStoredPages(db, scan.sha256)).toEqual([])
    await processed(id)
    await mark(scan.sha256)
    expect(await findDocument(db, scan.sha256)).toMatchObject({
      outcome: 'read',
      pagesOnly: true,
      searchablePdf: undefined
    })
    await askForDocuments(db, [{ sha256: scan.sha256, bytes: scan.bytes }])
    expect(await stage.read([scan.sha256])).toEqual([])
    expect(await findDocument(db, scan.sha256)).toMatchObject({
      outcome: 'read',
      searchablePdf: scan.sha256
    })
    expect((await readStoredPages(db, scan.sha256)).map(({ text }) => text)).toEqual([
      `seen ${said}`
    ])
  })
})

/** Puts the tables into the shape of release 0026, with everything that is in them. */
async function toOldShape(): Promise<void> {
  await sql`alter table sheets add column result jsonb, add column words jsonb,
    add column image_sha256 text, add column image_type text`.execute(db)
  const scans = await db.selectFrom('scans').select(['id', 'sha256']).execute()
  for (const { id, sha256 } of scans)
    for (const { words: found, image, ...result } of await readStoredPages(db, sha256))
      await sql`update sheets set result = ${JSON.stringify(result)}::jsonb,
        words = ${JSON.stringify(found)}::jsonb, image_sha256 = ${image?.sha256 ?? null},
        image_type = ${image?.mediaType ?? null}
        where scan_id = ${id} and page = ${result.number}`.execute(db)
  await sql`update sheets set words = '[]', result = ${JSON.stringify(unread(0, ''))}::jsonb
    - 'words' || jsonb_build_object('withheld', withheld, 'number', page)
    where withheld is not null`.execute(db)
  await sql`delete from documents where pages_only`.execute(db)
  await sql`alter table sheets drop column withheld`.execute(db)
  await sql`alter table documents drop column pages_only`.execute(db)
  await sql`alter table document_pages drop column reader_version`.execute(db)
}

describe('a data folder of an earlier release', () => {
  it('keeps what was read of its scans, whole, withheld or cut off', async () => {
    const whole = await trayOf(await stackPdf([{ words: words() }, 'blank', { code: 'PATCHT' }]))
    const twin = await trayOf(await runtime.blobs.get(whole.scan.sha256))
    const broken = await trayOf(Buffer.from(`%PDF-1.7 ${words()}`))
    const cut = await trayOf(await typedPdf(words(), words()))
    const trays = [whole, twin, broken, cut]
    for (const { id } of trays) await processed(id)
    const look = async ({ id }: { id: string }) => ({
      ...(await room.viewBatch(id))!,
      words: await room.words(id, 1),
      picture: (await room.picture(id, 1, 'page'))?.bytes.length
    })
    const seen = []
    for (const tray of trays.slice(0, 3)) seen.push(await look(tray))
    expect(seen[2]!.sheets).toMatchObject([{ withheld: expect.stringMatching(/\w/), read: true }])
    await toOldShape()
    await sql`update sheets set result = null, words = null, image_sha256 = null, image_type = null
      where scan_id = ${cut.scan.id} and page = 2`.execute(db)
    await setState(cut.scan.id, 'reading')

    for (const step of [up, upReaders]) await db.transaction().execute((trx) => step(trx))

    for (const [index, tray] of trays.slice(0, 3).entries())
      expect(await look(tray)).toEqual(seen[index])
    expect(await findDocument(db, whole.scan.sha256)).toMatchObject({
      pages: 3,
      pagesRead: 3,
      outcome: 'read',
      pagesOnly: true
    })
    expect(await findDocument(db, broken.scan.sha256)).toMatchObject({
      pages: undefined,
      pagesRead: 0,
      outcome: undefined
    })
    await mark(cut.scan.sha256)
    const batch = await processed(cut.id)
    expect(textsOf(batch)).toEqual([
      expect.stringMatching(/^seen page/),
      expect.stringMatching(/^page/)
    ])
    expect(batch.scans).toMatchObject([{ state: 'read' }])
  })
})
