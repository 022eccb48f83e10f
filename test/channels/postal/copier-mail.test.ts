import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { gatewaysSchema } from '../../../config/gateways.ts'
import { postal } from '../../../channels/postal/index.ts'
import { sha256 } from '../../../platform/storage/blob-store.ts'
import type { RawContact } from '../../../core/intake/channel.ts'
import { closeReaders } from '../../../core/documents/read.ts'
import { throughGateway } from '../../../core/intake/mail-gateways.ts'
import { takeMailedScans } from '../../../core/mailroom/mailed-scans.ts'
import { openMailroom } from '../../../core/mailroom/open.ts'
import { processBatch } from '../../../core/mailroom/process-batch.ts'
import { Reader } from '../../../core/reading/reader.ts'
import { TranslatePool } from '../../../core/reading/pool.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { typedPdf } from '../../core/mailroom/stacks.ts'

let runtime: TestRuntime
let pool: TranslatePool
let reader: Reader
beforeAll(async () => {
  runtime = await createTestRuntime()
  pool = new TranslatePool(new URL('../../../channels/translate-thread.ts', import.meta.url), {
    readers: 1
  })
  reader = new Reader({
    ...runtime,
    pool,
    onRead: () => undefined,
    onScans: (id, scans) => takeMailedScans(runtime, id, scans)
  })
})
afterAll(async () => {
  await pool.close()
  await closeReaders()
  await runtime.remove()
})

const { gateways } = gatewaysSchema.parse({
  gateways: [
    {
      id: 'copier',
      kind: 'postal',
      recipient: ['scans@town.example'],
      proof: { networks: ['192.0.2.17'] }
    }
  ]
})

/** A mail as a copier sends it, through its gateway. */
function mailed(files: readonly Uint8Array[], remoteAddress = '192.0.2.17'): RawContact {
  const parts = files.map(
    (file, index) =>
      `--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="scan${index}.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(file).toString('base64')}\r\n`
  )
  const bytes = Buffer.from(
    `From: copier@town.example\r\nTo: scans@town.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nScanned by the copier\r\n${parts.join('')}--x--\r\n`
  )
  const raw: RawContact = {
    channel: 'email',
    source: 'smtp',
    bytes,
    mediaType: 'message/rfc822',
    recipients: ['scans@town.example'],
    evidence: {}
  }
  return throughGateway(
    raw,
    {
      remoteAddress,
      user: undefined,
      senders: ['copier@town.example'],
      recipients: ['scans@town.example'],
      authenticationResults: []
    },
    gateways
  )
}

test("a copier's mail is a tray, stamped when the mail was accepted, and its letters are the contacts", async () => {
  const accepted = await runtime.acceptor.accept(
    mailed([
      await typedPdf('the first letter of a mail'),
      await typedPdf('the second letter', 'of the same mail')
    ])
  )
  await reader.read([accepted.contactId])
  const [batch, ...more] = await openMailroom(runtime).listBatches()
  expect(more).toEqual([])
  await processBatch(runtime, batch!.id)
  const view = (await openMailroom(runtime).viewBatch(batch!.id))!
  expect(view.batch).toMatchObject({
    state: 'released',
    receivedAt: accepted.arrivedAt,
    letters: 2,
    pageCount: { in: 3, letters: 3 }
  })
  const contacts = await runtime.db
    .selectFrom('contacts')
    .select(['channel', 'state', 'outcome', 'arrived_at'])
    .orderBy('ordinal')
    .execute()
  expect(contacts).toEqual([
    { channel: 'postal', state: 'settled', outcome: 'batch', arrived_at: accepted.arrivedAt },
    ...[1, 2].map(() => ({
      channel: 'postal',
      state: 'accepted',
      outcome: null,
      arrived_at: accepted.arrivedAt
    }))
  ])
})

test('cut off in the middle and read again it is still one tray', async () => {
  const { contactId } = await runtime.acceptor.accept(mailed([await typedPdf('read twice')]))
  await Promise.all([reader.read([contactId]), reader.read([contactId])])
  await runtime.db
    .updateTable('contacts')
    .set({ state: 'accepted' })
    .where('id', '=', contactId)
    .execute()
  await reader.read([contactId])
  expect(
    await runtime.db
      .selectFrom('batches')
      .innerJoin('scans', 'scans.batch_id', 'batches.id')
      .select('scans.name')
      .where('origin', '=', `mail/${contactId}`)
      .execute()
  ).toEqual([{ name: '1 scan0.pdf' }])
})

test("without a scan it waits for a person; a mail without the copier's proof stays a mail", async () => {
  const raw = mailed([])
  const [translation] = await postal.translate({ ...raw, sha256: sha256(raw.bytes) })
  expect(translation).toMatchObject({
    unsure: "The copier's mail came without a scan.",
    contents: []
  })
  expect(mailed([], '192.0.2.18')).toMatchObject({
    channel: 'email',
    evidence: { gatewayUnproved: 'copier' }
  })
})
