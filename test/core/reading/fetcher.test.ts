import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { RawContact, RemoteFile, StoredRaw } from '../../../core/intake/channel.ts'
import { alertCounts } from '../../../platform/alerts.ts'
import { Blobs, sha256 } from '../../../platform/storage/blob-store.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { listQuarantine, quarantine, releaseContact } from '../../../core/contacts/quarantine.ts'
import { Fetcher } from '../../../core/reading/fetcher.ts'
import { TranslatePool } from '../../../core/reading/pool.ts'
import { claimDue } from '../../../core/contacts/remote-files.ts'
import { Reader } from '../../../core/reading/reader.ts'
import { sweep } from '../../../workers/recovery-sweep.ts'
import { contactRow, settlerOf } from '../../helpers/contacts.ts'
import { openFileHost, type FileHost } from '../../helpers/file-host.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
let host: FileHost
let pool: TranslatePool
let reader: Reader
let fetcher: Fetcher
let wanted: string[] = []
let complete: string[] = []

/** A contact of these tests names its files in its bytes, one path a line, after its first line. */
function filesOf({ bytes }: StoredRaw): RemoteFile[] {
  const [, ...paths] = Buffer.from(bytes).toString().split('\n')
  return paths.map((path, index) => ({
    url: host.url + path,
    name: `file ${index + 1}`,
    hosts: [host.host],
    maxBytes: 1_000_000,
    headers: { authorization: 'Basic c2VjcmV0' }
  }))
}

beforeAll(async () => {
  runtime = await createTestRuntime()
  host = await openFileHost()
  pool = new TranslatePool(new URL('../../fixtures/translate-thread.ts', import.meta.url), {
    readers: 1
  })
  const { db, blobs, log } = runtime
  reader = new Reader({
    db,
    blobs,
    pool,
    log,
    onRead: () => undefined,
    remote: { filesOf, onWanted: (ids) => wanted.push(...ids) }
  })
  fetcher = new Fetcher({ db, blobs, log, filesOf, onComplete: (ids) => complete.push(...ids) })
})
beforeEach(() => {
  wanted = []
  complete = []
})
afterAll(async () => {
  await pool.close()
  await host.close()
  await runtime.remove()
})

/** A fetcher of another process, which has no original at hand. */
const freshFetcher = () =>
  new Fetcher({
    db: runtime.db,
    blobs: new Blobs(runtime.settings.DATA_DIR, runtime.db),
    log: runtime.log,
    filesOf,
    onComplete: (ids) => complete.push(...ids)
  })

async function accept(paths: string[], more: Partial<RawContact> = {}): Promise<string> {
  const bytes = Buffer.from(['fetched ', ...paths].join('\n'))
  return (
    await runtime.acceptor.accept({
      channel: 'sms',
      source: 'test',
      externalId: randomUUID(),
      bytes,
      mediaType: 'text/plain',
      evidence: {},
      ...more
    })
  ).contactId
}

const filesIn = (id: string) =>
  runtime.db
    .selectFrom('remote_files')
    .selectAll()
    .where('contact_id', '=', id)
    .orderBy('number')
    .execute()
const makeDue = (id: string) =>
  runtime.db
    .updateTable('remote_files')
    .set({ due_at: new Date(0) })
    .where('contact_id', '=', id)
    .execute()

test('a contact is read when its files are here, and sees them in their order', async () => {
  const large = Buffer.alloc(200_000, 7)
  host.tell('/a', { body: 'first' })
  host.tell('/b', { body: large, headers: { 'content-type': 'audio/mpeg' } })
  const id = await accept(['/a', '/b'])
  await reader.read([id])
  expect(wanted).toEqual([id])
  expect(await contactRow(runtime, id)).toMatchObject({ state: 'accepted' })
  await fetcher.fetch([id])
  expect(complete).toEqual([id])
  await reader.read([id])
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'read',
    envelope: {
      text: `file 1 image/png ${sha256(Buffer.from('first'))}\nfile 2 audio/mpeg ${sha256(large)}`
    },
    trail: [{ step: 'fetch', verdict: 'fetched' }, { step: 'read' }]
  })
  const event = await runtime.db
    .selectFrom('events')
    .select('data')
    .where('contact_id', '=', id)
    .where('kind', '=', 'contact.fetched')
    .executeTakeFirstOrThrow()
  expect(event.data).toEqual({
    files: [{ sha256: sha256(Buffer.from('first')) }, { sha256: sha256(large) }]
  })
  expect((await runtime.blobs.get(sha256(large))).length).toBe(200_000)
})

test('what is late is tried again when it is due, and not before', async () => {
  host.tell('/late', { status: 404 }, { body: 'here now' })
  const id = await accept(['/late'])
  await reader.read([id])
  await fetcher.fetch([id])
  expect(await filesIn(id)).toMatchObject([
    { state: 'waiting', attempts: 1, reason: expect.stringContaining('HTTP 404') }
  ])
  await fetcher.fetch([id])
  await reader.read([id])
  expect(await contactRow(runtime, id)).toMatchObject({ state: 'accepted', trail: [] })
  expect(host.asked.filter(({ path }) => path === '/late')).toHaveLength(1)
  await makeDue(id)
  await fetcher.fetch([id])
  expect(complete).toEqual([id])
})

test('what never comes is given up after 13 tries, and the contact is read without it, saying so', async () => {
  const id = await accept(['/never'])
  await reader.read([id])
  for (let attempt = 0; attempt < 14; attempt += 1) {
    await fetcher.fetch([id])
    await makeDue(id)
  }
  await reader.read([id])
  expect(host.asked.filter(({ path }) => path === '/never')).toHaveLength(13)
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'read',
    envelope: { text: expect.stringContaining('file 1 missing') },
    trail: [{ step: 'fetch', verdict: 'missing', evidence: { missing: 1 } }, { step: 'read' }]
  })
})

test('a provider that is down is tried for three days, hourly after the first hours, and heard of', async () => {
  host.tell('/down', ...Array.from({ length: 81 }, () => ({ status: 503 })))
  const id = await accept(['/down'])
  await reader.read([id])
  for (let attempt = 1; attempt < 81; attempt += 1) {
    await makeDue(id)
    await fetcher.fetch([id])
    const [file] = await filesIn(id)
    expect(file).toMatchObject({
      state: 'waiting',
      attempts: attempt,
      reason: expect.stringContaining('HTTP 503')
    })
    if (attempt >= 13) expect(file!.due_at.getTime() - file!.updated_at.getTime()).toBe(3_600_000)
  }
  expect(alertCounts().get('file-not-fetched')).toBe(1)
  await makeDue(id)
  await fetcher.fetch([id])
  expect(await filesIn(id)).toMatchObject([{ state: 'missing' }])
  expect(complete).toEqual([id])
})

test('without its original a contact waits for a person after three attempts, who may have it tried once more', async () => {
  const id = await accept(['/lost'])
  await reader.read([id])
  const blobs = await runtime.db
    .selectFrom('blobs')
    .selectAll()
    .where('sha256', '=', (await contactRow(runtime, id)).raw_sha256)
    .execute()
  await runtime.db.deleteFrom('blobs').where('sha256', '=', blobs[0]!.sha256).execute()
  const thrice = async () => {
    for (let n = 0; n < 3; n += 1) {
      await makeDue(id)
      await freshFetcher().fetch([id])
    }
  }
  await thrice()
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'quarantined',
    quarantine_code: 'READ_BLOB_MISSING'
  })
  expect(await filesIn(id)).toMatchObject([{ state: 'held' }])
  await releaseContact(runtime.db, id, 'staff:ann', 'the disk is back')
  expect(await contactRow(runtime, id)).toMatchObject({ state: 'accepted', attempts: 0 })
  await thrice()
  await releaseContact(runtime.db, id, 'staff:ann', 'it is lost')
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'read',
    envelope: { documents: [{ name: 'original' }] }
  })
})

test('one file gone does not cost the others', async () => {
  host.tell('/gone', { status: 410 })
  host.tell('/good', { body: 'good' })
  const id = await accept(['/gone', '/good'])
  await reader.read([id])
  await fetcher.fetch([id])
  expect((await filesIn(id)).map(({ state }) => state)).toEqual(['missing', 'fetched'])
  expect(complete).toEqual([id])
})

test('one that cannot be read is released with what was fetched', async () => {
  host.tell('/page-1', { body: 'page 1' })
  host.tell('/page-2', { status: 410 })
  const id = await accept(['/page-1', '/page-2'])
  await reader.read([id])
  await fetcher.fetch([id])
  await quarantine(runtime.db, id, 'read', new EvenhandError('READ_UNPARSEABLE'))
  await releaseContact(runtime.db, id, 'staff:ann', 'I can read it')
  expect((await contactRow(runtime, id)).envelope!.documents).toMatchObject([
    { name: 'original' },
    {
      name: 'file 1',
      mediaType: 'image/png',
      bytes: 6,
      sha256: sha256(Buffer.from('page 1')),
      pages: 0
    }
  ])
})

test('two processes fetch each file once, and the end is told once', async () => {
  host.tell('/once', { body: 'once' })
  const id = await accept(['/once'])
  await reader.read([id])
  await Promise.all([fetcher.fetch([id]), fetcher.fetch([id]), fetcher.fetch([id])])
  expect(host.asked.filter(({ path }) => path === '/once')).toHaveLength(1)
  expect(complete).toEqual([id])
})

test('what a killed process had claimed is fetched by another when the claim has run out', async () => {
  host.tell('/killed', { body: 'after all' })
  const id = await accept(['/killed'])
  await reader.read([id])
  await claimDue(runtime.db, [id])
  await fetcher.fetch([id])
  expect(complete).toEqual([])
  await makeDue(id)
  await fetcher.fetch([id])
  expect(complete).toEqual([id])
})

test('a contact without files is read at once, also beside one that waits', async () => {
  host.tell('/silent', { silent: true })
  const [slow, quick] = [await accept(['/silent']), await accept([])]
  await reader.read([slow, quick])
  // It says nothing, so that a person looks.
  expect(await contactRow(runtime, quick)).toMatchObject({ state: 'quarantined' })
  expect(await contactRow(runtime, slow)).toMatchObject({ state: 'accepted' })
})

test('nothing of addresses or credentials is stored', async () => {
  host.tell('/private', { body: 'x' })
  const id = await accept(['/private'])
  await reader.read([id])
  await fetcher.fetch([id])
  expect(JSON.stringify([await filesIn(id), (await contactRow(runtime, id)).trail])).not.toMatch(
    /127\.0\.0\.1|c2VjcmV0|\/private/
  )
})

describe('the sweep', () => {
  test('hands in what is due, and does not hand what waits for files to the readers', async () => {
    const id = await accept(['/never-2'])
    await reader.read([id])
    await runtime.db
      .updateTable('contacts')
      .set({ updated_at: new Date() })
      .where('state', '=', 'accepted')
      .execute()
    await runtime.db
      .updateTable('contacts')
      .set({ updated_at: new Date(0) })
      .where('id', '=', id)
      .execute()
    await runtime.db
      .updateTable('remote_files')
      .set({ due_at: new Date(Date.now() + 60_000) })
      .where('state', '=', 'waiting')
      .execute()
    expect(await sweep(runtime)).toMatchObject({ fetch: 0, read: 0 })
    await makeDue(id)
    expect(await sweep(runtime)).toMatchObject({ fetch: 1, read: 0 })
  })
})

test('what a person must release first is fetched only then, and the contact is read anew with its files', async () => {
  host.tell('/held', { body: 'held' })
  const id = await accept(['/held'], { quarantine: "the signature is not the provider's" })
  await reader.read([id])
  await settlerOf(runtime).settle([id])
  expect((await listQuarantine(runtime.db)).contacts.map(({ contactId }) => contactId)).toContain(
    id
  )
  expect(wanted).toEqual([])
  await fetcher.fetch([id])
  expect(host.asked.filter(({ path }) => path === '/held')).toHaveLength(0)
  await releaseContact(runtime.db, id, 'staff:ann', 'the provider confirms it')
  await fetcher.fetch([id])
  await reader.read([id])
  await settlerOf(runtime).settle([id])
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'settled',
    outcome: 'case',
    envelope: { text: expect.stringContaining(sha256(Buffer.from('held'))) }
  })
})
