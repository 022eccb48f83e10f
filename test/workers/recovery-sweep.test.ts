import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { askForDocuments, noteFinished } from '../../core/documents/store.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { sweep } from '../../workers/recovery-sweep.ts'
import { createTestRuntime, queueKinds, type TestRuntime } from '../helpers/runtime.ts'
import { bringIn, emptyLine, stand, standMany, take, town } from '../helpers/contacts.ts'

describe.each(queueKinds)('the sweep, queues on %s', (kind) => {
  let runtime: TestRuntime
  beforeAll(async () => {
    runtime = await createTestRuntime(kind)
  })
  afterEach(async () => {
    for (const department of ['parks', 'water']) await emptyLine(runtime, department)
    for (const stage of ['read', 'settle', 'outbound'] as const)
      await runtime.queues.queue(stage).obliterate({ force: true })
    await sql`update contacts set state = 'settled'`.execute(runtime.db)
    await sql`update outbound set state = 'sent'`.execute(runtime.db)
  })
  afterAll(() => runtime.remove())

  const tickets = () => runtime.queues.ticketCount('parks')
  const age = () =>
    sql`update contacts set updated_at = now() - interval '6 seconds'`.execute(runtime.db)
  const empty = (stage: 'read' | 'documents' | 'settle' | 'outbound') =>
    runtime.queues.queue(stage).obliterate({ force: true })

  /** Waits until what accepting handed in stands in the queue, then loses it. */
  async function lose(stage: 'read' | 'documents' | 'settle' | 'outbound'): Promise<void> {
    while ((await runtime.queues.pending(stage)) === 0) await new Promise(setImmediate)
    await empty(stage)
  }

  test('issues the tickets that are missing, one for each waiting case', async () => {
    await standMany(runtime, 3)
    expect(await sweep(runtime)).toMatchObject({ tickets: 3 })
    expect(await tickets()).toBe(3)
    expect(await sweep(runtime)).toMatchObject({ tickets: 0 })
  })

  test('takes away tickets with no case behind them', async () => {
    await runtime.queues.addTickets('parks', 4)
    await stand(runtime)
    await sweep(runtime)
    expect(await tickets()).toBe(1)
    await take(runtime)
    await sweep(runtime)
    expect(await tickets()).toBe(0)
  })

  test('a case that comes back into a line issues its ticket at once', async () => {
    const [caseId] = await standMany(runtime, 1)
    await take(runtime)
    await sweep(runtime)
    expect(await tickets()).toBe(0)
    await runtime.line.giveBack(caseId!, 'staff:ann', 'lunch')
    while ((await tickets()) === 0) await new Promise(setImmediate)
    expect(await tickets()).toBe(1)
  })

  test('returns cases whose lease ran out', async () => {
    const [caseId] = await standMany(runtime, 1, 'water')
    await take(runtime, 'staff:ann', 'water')
    await sql`update cases set lease_until = now() - interval '1 second'
        where id = ${caseId}`.execute(runtime.db)
    expect(await sweep(runtime)).toMatchObject({ leases: 1 })
    expect((await take(runtime, 'staff:bob', 'water'))?.caseId).toBe(caseId)
  })

  test('hands in again what reading forgot', async () => {
    await runtime.acceptor.accept({
      channel: 'api',
      source: 'test',
      bytes: Buffer.from(`forgotten by ${kind}`),
      mediaType: 'text/plain',
      evidence: {}
    })
    await lose('read')
    await age()
    expect(await sweep(runtime)).toMatchObject({ read: 1, settle: 0 })
  })

  test('hands in again what settling forgot', async () => {
    await bringIn(runtime)
    await lose('read')
    await age()
    expect(await sweep(runtime)).toMatchObject({ read: 0, settle: 1 })
  })

  test('hands in again documents nobody reads, and those whose contacts were not told', async () => {
    const [first, second] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string]
    const { contactId } = await bringIn(runtime)
    await lose('read')
    await askForDocuments(runtime.db, [
      { sha256: first, bytes: 1 },
      { sha256: second, bytes: 1 }
    ])
    await runtime.db
      .insertInto('contact_documents')
      .values([first, second].map((sha256) => ({ contact_id: contactId, sha256 })))
      .execute()
    await runtime.db
      .updateTable('contacts')
      .set({ state: 'documents' })
      .where('id', '=', contactId)
      .execute()
    const late = () =>
      sql`update documents set updated_at = now() - interval '10 seconds'`.execute(runtime.db)
    expect(await sweep(runtime)).toMatchObject({ documents: 0 })
    await late()
    expect(await sweep(runtime)).toMatchObject({ documents: 2 })
    await lose('documents')
    await noteFinished(runtime.db, first, { outcome: 'read' })
    await noteFinished(runtime.db, second, {
      outcome: 'withheld',
      reason: 'The document is empty.'
    })
    await age()
    await late()
    expect(await sweep(runtime)).toMatchObject({ documents: 1, settle: 0 })
    await lose('documents')
    await runtime.db
      .updateTable('contacts')
      .set({ state: 'settled' })
      .where('id', '=', contactId)
      .execute()
  })

  test('hands in what is owed and due', async () => {
    const { contactId } = await stand(runtime, { to: town('water') })
    expect(await sweep(runtime)).toMatchObject({ outbound: 1 })
    await lose('outbound')
    await sql`update outbound set due_at = now() + interval '1 hour'
        where contact_id = ${contactId}`.execute(runtime.db)
    expect(await sweep(runtime)).toMatchObject({ outbound: 0 })
  })

  test('a step that fails keeps no other from its work, unless the database is gone', async () => {
    const fail = (error: Error) =>
      sweep(runtime, {
        before: async () => 1,
        failing: async () => {
          throw error
        },
        after: async () => 2
      })
    expect(await fail(new Error('a defect'))).toEqual({ before: 1, failing: 0, after: 2 })
    await expect(fail(new EvenhandError('DATABASE_DOWN'))).rejects.toMatchObject({
      code: 'DATABASE_DOWN'
    })
  })

  test('leaves alone what is young, and what stands in a queue', async () => {
    await runtime.acceptor.accept({
      channel: 'api',
      source: 'test',
      bytes: Buffer.from(`young with ${kind}`),
      mediaType: 'text/plain',
      evidence: {}
    })
    expect(await sweep(runtime)).toMatchObject({ read: 0 })
    while ((await runtime.queues.pending('read')) === 0) await new Promise(setImmediate)
    await age()
    expect(await sweep(runtime)).toMatchObject({ read: 0 })
  })
})
