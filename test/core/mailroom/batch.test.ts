import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { closeReaders } from '../../../core/documents/read.ts'
import { openMailroom } from '../../../core/mailroom/open.ts'
import type { BatchView, Mailroom } from '../../../core/mailroom/types.ts'
import { workOnBatch } from '../../../core/mailroom/work.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { openPipeline, type Pipeline } from '../../helpers/pipeline.ts'
import { stackPdf, type Paper } from './stacks.ts'

const clerk = 'staff:00000000-0000-4000-8000-000000000001'
let ground: TestGround
let room: Mailroom
let pipeline: Pipeline
beforeAll(async () => {
  ground = await createTestGround()
  room = openMailroom(ground)
  pipeline = openPipeline(ground)
})
afterAll(async () => {
  await pipeline.close()
  await closeReaders()
  await ground.remove()
})

/** A tray with one stack in it, read to the end. */
async function scanned(papers: (code: (letter: number) => string) => Paper[], tray: { expected?: number } = {}): Promise<BatchView> {
  const batch = await room.logTray({ actor: clerk, ...tray })
  const separators = await room.separators(batch.id, 1, 20)
  await room.addScan(batch.id, { name: 'stack.pdf', bytes: await stackPdf(papers((letter) => separators[letter - 1]!.code)), actor: clerk })
  await room.finishScanning(batch.id, clerk)
  await workOnBatch(ground, batch.id)
  return (await room.viewBatch(batch.id))!
}

describe('a batch with our own separator sheets', () => {
  it('releases itself when every page is accounted for: each letter one contact at the stamp', async () => {
    const { batch, sheets, letters } = await scanned((code) => [{ code: code(1) }, { words: 'the lamp is dark' }, 'blank', { code: code(2) }, { words: 'my bin was\nnot emptied' }, { words: 'second page' }], { expected: 2 })
    expect(batch.problems).toEqual([])
    expect(batch.state).toBe('released')
    expect(batch.account).toEqual({ in: 6, letters: 3, separators: 2, blanks: 1, withheld: 0, balanced: true })
    expect(sheets.map(({ kind, letter }) => [kind, letter])).toEqual([['separator', undefined], ['page', 1], ['blank', undefined], ['separator', undefined], ['page', 2], ['page', 2]])
    const contacts = await ground.db.selectFrom('contacts').selectAll().where('batch_id', '=', batch.id).execute()
    expect(contacts.map(({ id }) => id).toSorted()).toEqual(letters.map(({ contactId }) => contactId).toSorted())
    expect(contacts.map(({ arrived_at }) => arrived_at)).toEqual([batch.receivedAt, batch.receivedAt])
    await pipeline.run(contacts.map(({ id }) => id))
    expect(await ground.db.selectFrom('cases').select('arrived_at').where('contact_id', 'in', contacts.map(({ id }) => id)).execute()).toEqual([{ arrived_at: batch.receivedAt }, { arrived_at: batch.receivedAt }])
  })
})
