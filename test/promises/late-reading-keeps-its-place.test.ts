import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { channels } from '../../channels/index.ts'
import { verifyAudit } from '../../core/audit/verify.ts'
import { DocumentStage } from '../../core/documents/stage.ts'
import { TranslatePool } from '../../core/reading/pool.ts'
import { Reader } from '../../core/reading/reader.ts'
import { contactRow, settlerOf, stand, take } from '../helpers/contacts.ts'
import { letterPng, scanPdf, standardFax } from '../core/documents/fixtures.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { documentsOf, openStage } from '../helpers/pipeline.ts'
import { killEvenhand, startEvenhand, stopEvenhand } from '../helpers/running.ts'
import { until } from '../helpers/until.ts'

const fax = channels.find(({ kind }) => kind === 'fax')!

const general = ['hello@willowcreek.example']

let runtime: TestRuntime
let pool: TranslatePool
let reader: Reader
let stage: DocumentStage
beforeAll(async () => {
  runtime = await createTestRuntime()
  pool = new TranslatePool(new URL('../../channels/translate-thread.ts', import.meta.url), {
    readers: 1
  })
  reader = new Reader({ ...runtime, pool, onRead: () => undefined })
  stage = openStage(runtime)
})
afterAll(async () => {
  await Promise.all([pool.close(), stage.close()])
  await runtime.remove()
})

async function acceptFax(name: string, bytes: Buffer): Promise<string> {
  return (await runtime.acceptor.accept(fax.fromFile(name, bytes, runtime.agency()))).contactId
}

async function readAndSettle(contactId: string): Promise<void> {
  await reader.read([contactId])
  for (let more = await documentsOf(runtime, [contactId]); more.length > 0;)
    more = await stage.read(more)
  await settlerOf(runtime).settle([contactId])
}

async function serveAll(): Promise<string[]> {
  const served: string[] = []
  for (
    let next = await take(runtime, 'staff:ann', 'general');
    next;
    next = await take(runtime, 'staff:ann', 'general')
  ) {
    served.push(next.caseId)
    await runtime.line.close(next.caseId, 'staff:ann', 'answered')
  }
  return served
}

async function caseOf(contactId: string): Promise<string> {
  return (await contactRow(runtime, contactId)).case_id!
}

test("a fax of nine o'clock that can be read at three is taken before a form of ten", async () => {
  const early = await acceptFax('fax.tif', await standardFax())
  await reader.read([early])
  expect((await contactRow(runtime, early)).state).toBe('documents')
  const form = await stand(runtime, {
    channel: 'web',
    to: general,
    text: 'The gate of the town hall is locked.'
  })
  await readAndSettle(early)
  expect(await serveAll()).toEqual([await caseOf(early), form.caseId])
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
})

test('faxes read in any order among forms are served in the order they came', async () => {
  const came: { paper: boolean; contactId: string }[] = []
  for (let n = 0; n < 12; n++) {
    if (n % 3 === 2)
      came.push({
        paper: false,
        contactId: (await stand(runtime, { text: `Form ${n}`, to: general })).contactId
      })
    else
      came.push({
        paper: true,
        contactId: await acceptFax(`fax-${n}.pdf`, await scanPdf([await letterPng(150 + n)]))
      })
  }
  const papers = came.filter(({ paper }) => paper).map(({ contactId }) => contactId)
  for (const contactId of [
    ...papers.filter((_, n) => n % 2 === 1).toReversed(),
    ...papers.filter((_, n) => n % 2 === 0)
  ])
    await readAndSettle(contactId)
  expect(await serveAll()).toEqual(
    await Promise.all(came.map(({ contactId }) => caseOf(contactId)))
  )
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
})

test('a process killed while it reads a long document: every page once, and none that was done is read again', async () => {
  const PAGES = 40
  const own = await createTestRuntime()
  await own.database.pool.query(`
    create table given (number integer not null);
    create function note_given() returns trigger language plpgsql as $$ begin insert into given values (new.number); return new; end $$;
    create trigger given before insert on document_pages for each row execute function note_given()`)
  const environment = { DATABASE_URL: own.settings.DATABASE_URL!, LOG_LEVEL: 'info' }
  const rows = async (query: string) =>
    (await own.database.pool.query<{ number: number }>(query)).rows.map(({ number }) => number)
  const document = await scanPdf(
    await Promise.all(Array.from({ length: PAGES }, (_, n) => letterPng(90 + (n % 7)))),
    100
  )
  const { contactId } = await own.acceptor.accept(fax.fromFile('long.pdf', document, own.agency()))

  const running = await startEvenhand(own.settings.DATA_DIR, environment, ['worker'])
  await until(async () => (await rows('select number from document_pages')).length >= 5)
  await killEvenhand(running)
  expect((await rows('select number from document_pages')).length).toBeLessThan(PAGES)
  const last = await startEvenhand(own.settings.DATA_DIR, environment, ['worker'])
  await until(async () => (await contactRow(own, contactId)).state === 'settled')
  await stopEvenhand(last)

  expect(await rows('select number from document_pages order by number')).toEqual(
    Array.from({ length: PAGES }, (_, n) => n + 1)
  )
  // Every page was stored once: of the pages in hand at a kill none had been stored, and no stored
  // one was read again.
  expect(await rows('select number from given order by number')).toEqual(
    Array.from({ length: PAGES }, (_, n) => n + 1)
  )
  const { envelope } = await contactRow(own, contactId)
  expect(envelope!.documents).toMatchObject([{ pages: PAGES, mediaType: 'application/pdf' }])
  expect(envelope!.text.match(/street lamp/g)).toHaveLength(PAGES)
  await own.remove()
})
