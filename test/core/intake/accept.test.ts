import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomBytes, randomUUID } from 'node:crypto'
import type { RawContact } from '../../../core/intake/channel.ts'
import { sha256 } from '../../../platform/storage/blob-store.ts'
import { createTestRuntime, queueKinds, type TestRuntime } from '../../helpers/runtime.ts'

function raw(text: string | Uint8Array, extra: Partial<RawContact> = {}): RawContact {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  return { channel: 'api', source: 'test', bytes, mediaType: 'text/plain', evidence: {}, ...extra }
}

describe.each(queueKinds)('accepting with queues on %s', (kind) => {
  let runtime: TestRuntime
  beforeAll(async () => {
    runtime = await createTestRuntime(kind)
  })
  afterAll(() => runtime.remove())

  test('keeps the bytes and the row before it answers', async () => {
    const accepted = await runtime.acceptor.accept(raw('the street lamp is out'))
    expect(accepted.repeated).toBe(false)
    const row = await runtime.db
      .selectFrom('contacts')
      .selectAll()
      .where('id', '=', accepted.contactId)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      state: 'accepted',
      receipt: accepted.receipt,
      raw_sha256: sha256(Buffer.from('the street lamp is out'))
    })
    expect((await runtime.blobs.get(row.raw_sha256)).toString()).toBe('the street lamp is out')
  })

  test('gives a retry the first answer', async () => {
    const first = await runtime.acceptor.accept(raw('twice', { externalId: 'id-1' }))
    const again = await runtime.acceptor.accept(raw('twice', { externalId: 'id-1' }))
    expect(again).toEqual({ ...first, repeated: true })
  })

  test('gives retries that come in the same instant one receipt', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        runtime.acceptor.accept(raw('same instant', { externalId: 'id-2' }))
      )
    )
    expect(new Set(answers.map(({ receipt }) => receipt)).size).toBe(1)
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1)
  })

  test('takes the bytes as identity where a provider gives no id', async () => {
    const first = await runtime.acceptor.accept(raw('no id here'))
    expect((await runtime.acceptor.accept(raw('no id here'))).receipt).toBe(first.receipt)
    expect((await runtime.acceptor.accept(raw('no id here!'))).receipt).not.toBe(first.receipt)
  })

  test('counts the same bytes for another recipient as another delivery', async () => {
    const [parks, water, again] = await Promise.all(
      [['parks@x.example'], ['water@x.example'], ['PARKS@x.example']].map((recipients) =>
        runtime.acceptor.accept(raw('one mail', { recipients }))
      )
    )
    expect(parks!.receipt).not.toBe(water!.receipt)
    expect(again!.receipt).toBe(parks!.receipt)
  })

  test('gives places in the order of arrival, however many come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, n) =>
        runtime.acceptor.accept(raw(`number ${n} ${randomUUID()}`))
      )
    )
    const ordinals = answers.map(({ ordinal }) => ordinal)
    expect(ordinals).toEqual(ordinals.toSorted((a, b) => a - b))
    expect(new Set(ordinals).size).toBe(300)
  })

  test('keeps large originals in files and finds them again', async () => {
    const bytes = randomBytes(3 * 1024 * 1024)
    const accepted = await runtime.acceptor.accept(raw(bytes))
    expect(
      await runtime.db
        .selectFrom('blobs')
        .select('sha256')
        .where('sha256', '=', sha256(bytes))
        .executeTakeFirst()
    ).toBeUndefined()
    expect(bytes.equals(await runtime.blobs.get(sha256(bytes)))).toBe(true)
    expect((await runtime.acceptor.accept(raw(bytes))).receipt).toBe(accepted.receipt)
  })

  test('takes in an empty contact, NUL bytes and lone surrogates from a provider', async () => {
    const accepted = await runtime.acceptor.accept(
      raw('', {
        externalId: 'a\u0000b\uD800',
        evidence: { from: 'x\u0000\uD83D', deep: ['\uDFFF'] }
      })
    )
    const row = await runtime.db
      .selectFrom('contacts')
      .select('evidence')
      .where('id', '=', accepted.contactId)
      .executeTakeFirstOrThrow()
    expect(row.evidence).toEqual({ from: 'x\uFFFD\uFFFD', deep: ['\uFFFD'] })
  })

  test('bounds and cleans what a provider says about a contact', async () => {
    const deep = (levels: number): unknown => (levels === 0 ? 'bottom' : { in: deep(levels - 1) })
    const accepted = await runtime.acceptor.accept(
      raw('claims', {
        externalId: 'x'.repeat(100_000),
        source: 's'.repeat(5_000),
        recipients: Array.from({ length: 2_000 }, (_, n) => `r${n}@x.example`),
        quarantine: 'a\u0000b',
        evidence: { 'a\u0000b': 1, ['k'.repeat(10)]: deep(1_000), at: new Date(0) }
      })
    )
    const row = await runtime.db
      .selectFrom('contacts')
      .selectAll()
      .where('id', '=', accepted.contactId)
      .executeTakeFirstOrThrow()
    expect([row.external_id.length, row.source.length, row.recipients.length]).toEqual([
      67, 1_000, 1_000
    ])
    expect(row.evidence).toMatchObject({
      'a\uFFFDb': 1,
      at: '1970-01-01T00:00:00.000Z',
      quarantine: 'a\uFFFDb'
    })
    expect(JSON.stringify(row.evidence).length).toBeLessThan(500)
  })

  test('a contact the database refuses takes none of those beside it down', async () => {
    const bad = raw('refused', { channel: 'a\u0000pi' as 'api' })
    const answers = await Promise.allSettled(
      [raw('before'), bad, raw('after')].map((one) => runtime.acceptor.accept(one))
    )
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(answers[1]).toMatchObject({ reason: { code: 'INTAKE_STORE_DOWN' } })
    const [before, , after] = answers.map((answer) =>
      answer.status === 'fulfilled' ? answer.value : undefined
    )
    expect(before!.repeated || after!.repeated).toBe(false)
    expect(after!.ordinal).toBeGreaterThan(before!.ordinal)
  })

  test('more unanswered contacts than fit in memory are told to come later', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 2_300 }, (_, n) => runtime.acceptor.accept(raw(`flood ${kind} ${n}`)))
    )
    const refused = answers.filter((answer) => answer.status === 'rejected')
    expect(refused).toHaveLength(300)
    expect(refused[0]).toMatchObject({ reason: { code: 'INTAKE_BUSY', retry: true } })
    expect((await runtime.acceptor.accept(raw(`flood ${kind} 2299`))).repeated).toBe(false)
  })

  test('writes one event for each contact, none for a retry', async () => {
    const accepted = await runtime.acceptor.accept(raw('event', { externalId: 'id-3' }))
    await runtime.acceptor.accept(raw('event', { externalId: 'id-3' }))
    const events = await runtime.db
      .selectFrom('events')
      .select(['kind', 'actor', 'data'])
      .where('contact_id', '=', accepted.contactId)
      .execute()
    expect(events).toEqual([
      {
        kind: 'contact.accepted',
        actor: 'channel:api',
        data: expect.objectContaining({ ordinal: accepted.ordinal })
      }
    ])
  })

  test('says "try later" when the database is gone, and keeps nothing', async () => {
    const broken = await createTestRuntime(kind)
    await broken.database.close()
    await expect(broken.acceptor.accept(raw('lost?'))).rejects.toMatchObject({
      code: 'INTAKE_STORE_DOWN',
      retry: true,
      status: 503
    })
    await broken.queues.close()
  })
})
