import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { askForDocuments, noteFinished } from '../../core/documents/store.ts'
import { EvenhandError } from '../../core/errors.ts'
import { sweep } from '../../core/sweep.ts'
import { createTestGround, queueKinds, type TestGround } from '../helpers/ground.ts'
import { bringIn, emptyLine, stand, standMany, take, town } from '../helpers/contacts.ts'

describe.each(queueKinds)('the sweep, queues on %s', (kind) => {
  let ground: TestGround
  beforeAll(async () => { ground = await createTestGround(kind) })
  afterEach(async () => {
    for (const department of ['parks', 'water']) await emptyLine(ground, department)
    for (const stage of ['read', 'settle', 'outbound'] as const) await ground.queues.queue(stage).obliterate({ force: true })
    await sql`update contacts set state = 'settled'`.execute(ground.db)
    await sql`update outbound set state = 'sent'`.execute(ground.db)
  })
  afterAll(() => ground.remove())

  const tickets = () => ground.queues.ticketCount('parks')
  const age = () => sql`update contacts set updated_at = now() - interval '6 seconds'`.execute(ground.db)
  const empty = (stage: 'read' | 'documents' | 'settle' | 'outbound') => ground.queues.queue(stage).obliterate({ force: true })

  /** Waits until what accepting handed in stands in the queue, then loses it. */
  async function lose(stage: 'read' | 'documents' | 'settle' | 'outbound'): Promise<void> {
    while (await ground.queues.pending(stage) === 0) await new Promise(setImmediate)
    await empty(stage)
  }

  test('mints the tickets that are missing, one for each waiting case', async () => {
    await standMany(ground, 3)
    expect(await sweep(ground)).toMatchObject({ tickets: 3 })
    expect(await tickets()).toBe(3)
    expect(await sweep(ground)).toMatchObject({ tickets: 0 })
  })

  test('takes away tickets with no case behind them', async () => {
    await ground.queues.addTickets('parks', 4)
    await stand(ground)
    await sweep(ground)
    expect(await tickets()).toBe(1)
    await take(ground)
    await sweep(ground)
    expect(await tickets()).toBe(0)
  })

  test('a case that comes back into a line mints its ticket at once', async () => {
    const [caseId] = await standMany(ground, 1)
    await take(ground)
    await sweep(ground)
    expect(await tickets()).toBe(0)
    await ground.line.giveBack(caseId!, 'staff:ann', '')
    while (await tickets() === 0) await new Promise(setImmediate)
    expect(await tickets()).toBe(1)
  })

  test('returns cases whose lease ran out', async () => {
    const [caseId] = await standMany(ground, 1, 'water')
    await take(ground, 'staff:ann', 'water')
    await sql`update cases set lease_until = now() - interval '1 second' where id = ${caseId}`.execute(ground.db)
    expect(await sweep(ground)).toMatchObject({ leases: 1 })
    expect((await take(ground, 'staff:bob', 'water'))?.caseId).toBe(caseId)
  })

  test('hands in again what reading forgot', async () => {
    await ground.intake.accept({ channel: 'api', source: 'test', bytes: Buffer.from(`forgotten by ${kind}`), mediaType: 'text/plain', evidence: {} })
    await lose('read')
    await age()
    expect(await sweep(ground)).toMatchObject({ read: 1, settle: 0 })
  })

  test('hands in again what settling forgot', async () => {
    await bringIn(ground)
    await lose('read')
    await age()
    expect(await sweep(ground)).toMatchObject({ read: 0, settle: 1 })
  })

  test('hands in again documents nobody reads, and those whose contacts were not told', async () => {
    const [first, second] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string]
    const { contactId } = await bringIn(ground)
    await lose('read')
    await askForDocuments(ground.db, [{ sha256: first, bytes: 1 }, { sha256: second, bytes: 1 }])
    await ground.db.insertInto('contact_documents').values([first, second].map((sha256) => ({ contact_id: contactId, sha256 }))).execute()
    await ground.db.updateTable('contacts').set({ state: 'documents' }).where('id', '=', contactId).execute()
    const late = () => sql`update documents set updated_at = now() - interval '10 seconds'`.execute(ground.db)
    expect(await sweep(ground)).toMatchObject({ documents: 0 })
    await late()
    expect(await sweep(ground)).toMatchObject({ documents: 2 })
    await lose('documents')
    await noteFinished(ground.db, first, { outcome: 'read' })
    await noteFinished(ground.db, second, { outcome: 'withheld', reason: 'The document is empty.' })
    await age()
    await late()
    expect(await sweep(ground)).toMatchObject({ documents: 1, settle: 0 })
    await lose('documents')
    await ground.db.updateTable('contacts').set({ state: 'settled' }).where('id', '=', contactId).execute()
  })

  test('hands in what is owed and due', async () => {
    const { contactId } = await stand(ground, { to: town('water') })
    expect(await sweep(ground)).toMatchObject({ outbound: 1 })
    await lose('outbound')
    await sql`update outbound set due_at = now() + interval '1 hour' where contact_id = ${contactId}`.execute(ground.db)
    expect(await sweep(ground)).toMatchObject({ outbound: 0 })
  })

  test('a step that fails keeps no other from its work, unless the database is gone', async () => {
    const fail = (error: Error) => sweep(ground, { before: async () => 1, failing: async () => { throw error }, after: async () => 2 })
    expect(await fail(new Error('a defect'))).toEqual({ before: 1, failing: 0, after: 2 })
    await expect(fail(new EvenhandError('DATABASE_DOWN'))).rejects.toMatchObject({ code: 'DATABASE_DOWN' })
  })

  test('leaves alone what is young, and what stands in a queue', async () => {
    await ground.intake.accept({ channel: 'api', source: 'test', bytes: Buffer.from(`young with ${kind}`), mediaType: 'text/plain', evidence: {} })
    expect(await sweep(ground)).toMatchObject({ read: 0 })
    while (await ground.queues.pending('read') === 0) await new Promise(setImmediate)
    await age()
    expect(await sweep(ground)).toMatchObject({ read: 0 })
  })
})
