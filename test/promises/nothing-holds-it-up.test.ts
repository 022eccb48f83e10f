/**
 * What strangers may send, by every door, in shapes made to take long: the work that follows is
 * bounded, by counting and not by time.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import { hostileBodies, hostileMails, type Shape } from '../../bench/hostile-shapes.ts'
import { channels } from '../../channels/index.ts'
import { readLimits } from '../../channels/email/limits.ts'
import { loadAgency, type Agency } from '../../config/agency.ts'
import { Breather } from '../../platform/limits/breather.ts'
import type { StoredRaw } from '../../core/intake/channel.ts'
import { comparable, TEXT_LIMIT } from '../../core/duplicates/comparable.ts'
import { ALWAYS_COMPARED, BYTES_COMPARED, withinReach } from '../../core/duplicates/reach.ts'
import { asEvenhandError } from '../../platform/errors.ts'
import { TranslatePool } from '../../core/reading/pool.ts'
import { routingInput } from '../../core/routing/input.ts'
import { Router } from '../../core/routing/rules.ts'
import { BYTES_PER_SET, loadReady } from '../../core/settle/lookups.ts'
import { bringIn, contactRow, readByHand, settlerOf } from '../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { openPipeline } from '../helpers/pipeline.ts'

const mails = hostileMails()

function rawOf({ bytes }: Shape): StoredRaw {
  return {
    channel: 'email',
    source: 'smtp',
    bytes,
    mediaType: 'message/rfc822',
    recipients: ['parks@willowcreek.example'],
    evidence: { mailFrom: 'ana@example.org' },
    sha256: ''
  }
}

describe('mail', () => {
  let pool: TranslatePool
  let agency: Agency
  beforeAll(async () => {
    // How long the common lane gives is for the bench to weigh: a slower machine hands more to the
    // slow lane, and what is asserted here holds in both.
    pool = new TranslatePool(new URL('../../channels/translate-thread.ts', import.meta.url), {
      readers: 2,
      commonMs: 20_000
    })
    agency = await loadAgency('config')
  })
  afterAll(() => pool.close())

  test.each(mails.map((shape) => [shape.name, shape] as const))(
    '%s: what comes back to the main thread is bounded, and so are the words it is compared and routed by',
    async (_, shape) => {
      const translated = await pool
        .translate(async () => rawOf(shape))
        .catch((error: unknown) => asEvenhandError(error).code)
      if (typeof translated === 'string') {
        expect(['READ_LIMIT', 'READ_UNPARSEABLE']).toContain(translated)
        return
      }
      const { envelope, contents, tokens } = translated[0]!
      expect(envelope.text.length).toBeLessThanOrEqual(readLimits.textLength)
      expect(envelope.documents.length).toBeLessThanOrEqual(readLimits.documents)
      expect(tokens.length).toBeLessThanOrEqual(20)
      // What is neither text nor document: names, addresses, headers kept as evidence.
      expect(JSON.stringify({ ...envelope, text: '', documents: [] }).length).toBeLessThanOrEqual(
        500_000
      )
      expect(contents.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(
        readLimits.decodedBytes
      )
      const folded = comparable(envelope.text)
      expect(folded.letters.length).toBeLessThanOrEqual(TEXT_LIMIT + 20)
      expect(folded.words.join('').length).toBeLessThanOrEqual(TEXT_LIMIT * 2)
      expect(routingInput(envelope).text.length).toBeLessThanOrEqual(50_000)
      expect(
        new Router(agency.routes, agency.departments.general).decide(routingInput(envelope))[0]!
          .department
      ).toBe('parks')
    }
  )

  test('all of them in the pool at once: the lane never holds more than its readers, and an honest one is read before their half', async () => {
    const order: string[] = []
    let most = 0
    const hostile = mails.filter(({ bytes }) => bytes.length < 3_000_000)
    const reading = hostile.map((shape) =>
      pool
        .translate(async () => {
          most = Math.max(most, pool.state.common.running)
          return rawOf(shape)
        }, 'one sender')
        .catch(() => undefined)
        .then(() => {
          order.push('hostile')
        })
    )
    await pool
      .translate(
        async () =>
          rawOf({
            name: 'honest',
            bytes: Buffer.from(
              'From: bo@example.org\r\nTo: parks@willowcreek.example\r\nSubject: Bench\r\n\r\nThe bench is broken.\r\n'
            )
          }),
        'another'
      )
      .then(() => {
        order.push('honest')
      })
    expect(order.indexOf('honest')).toBeLessThan(hostile.length / 2)
    await Promise.all(reading)
    expect(most).toBeLessThanOrEqual(2)
  })
})

describe('comparing', () => {
  let runtime: TestRuntime
  beforeAll(async () => {
    runtime = await createTestRuntime()
  })
  afterAll(() => runtime.remove())

  test('a contact is compared with so many bytes of others and no more, those that share most first', async () => {
    const long = 'The swing at the playground is broken. '.repeat(4_000)
    const ids: string[] = []
    for (let n = 0; n < 8; n += 1) {
      const { contactId } = await bringIn(runtime)
      await readByHand(runtime, contactId, { text: `${long} ${n}` })
      ids.push(contactId)
    }
    const near = new Map([['one', ids.map((contactId) => ({ contactId }))]])
    const kept = (await withinReach(runtime.db, near, new Map([['one', ids.slice(0, 6)]])))
      .get('one')!
      .map(({ contactId }) => contactId)
    const fit = Math.max(ALWAYS_COMPARED, Math.floor(BYTES_COMPARED / long.length))
    expect(kept.length).toBeLessThanOrEqual(fit)
    // The last two were found by their words; of the person's own the newest, which come first.
    expect(kept).toEqual([...ids.slice(0, kept.length - 2), ...ids.slice(6)])
  })

  test('short ones are all compared', async () => {
    const ids: string[] = []
    for (let n = 0; n < 30; n += 1) {
      const { contactId } = await bringIn(runtime)
      await readByHand(runtime, contactId, { text: `The lamp number ${n} is dark.` })
      ids.push(contactId)
    }
    const near = new Map([['one', ids.map((contactId) => ({ contactId }))]])
    expect((await withinReach(runtime.db, near, new Map([['one', ids]]))).get('one')).toHaveLength(
      30
    )
  })

  test('others are let in after so many letters, counted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(400_000), { maxLength: 40 }), async (pieces) => {
        const breather = new Breather(300_000)
        let [most, since] = [0, 0]
        for (const piece of pieces) {
          const before = breather.pauses
          await breather.after(piece)
          since += piece
          most = Math.max(most, since)
          if (breather.pauses > before) since = 0
        }
        // Never more than the bound and the one piece that passed it.
        expect(most).toBeLessThan(300_000 + 400_001)
      }),
      { numRuns: 30 }
    )
  })
})

test('an honest mail behind fifty hostile ones of one sender is in its line when it is settled with them', async () => {
  const runtime = await createTestRuntime()
  const pipeline = openPipeline(runtime)
  try {
    const hostile = mails.filter(({ bytes }) => bytes.length < 1_000_000).slice(0, 50)
    const ids: string[] = []
    for (const { bytes } of hostile)
      ids.push(
        (await runtime.acceptor.accept({ ...rawOf({ name: '', bytes }), externalId: randomUUID() }))
          .contactId
      )
    const honest = await bringIn(runtime)
    await readByHand(runtime, honest.contactId, { text: 'The bench is broken.' })
    // Read beside them and settled at once: nothing of theirs has to be over first.
    await settlerOf(runtime).settle([honest.contactId])
    expect(await contactRow(runtime, honest.contactId)).toMatchObject({
      state: 'settled',
      outcome: 'case'
    })
    await pipeline.run(ids)
    const states = await runtime.db
      .selectFrom('contacts')
      .select(['state', 'quarantine_code'])
      .where('id', 'in', ids)
      .execute()
    expect(
      states.filter(
        ({ state, quarantine_code: code }) =>
          state !== 'settled' && code !== 'READ_LIMIT' && code !== 'READ_UNPARSEABLE'
      )
    ).toEqual([])
  } finally {
    await pipeline.close()
    await runtime.remove()
  }
})

test('what waits to be settled goes in sets of so many bytes, the long ones last; in its line each stands by its arrival', async () => {
  const runtime = await createTestRuntime()
  try {
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) {
      const { contactId } = await bringIn(runtime)
      await readByHand(runtime, contactId, { text: `${n} ${randomUUID()} `.repeat(20_000) })
      ids.push(contactId)
    }
    const honest = await bringIn(runtime)
    await readByHand(runtime, honest.contactId, { text: 'The bench is broken.' })
    const first = await runtime.db
      .transaction()
      .execute((trx) => loadReady(trx, [ids[0]!], 'read', 200))
    expect(first.map(({ id }) => id)).toEqual([...ids.slice(0, first.length - 1), honest.contactId])
    expect(first.length).toBe(1 + Math.floor(BYTES_PER_SET / (39 * 20_000)))
    // One that is longer than a whole set goes alone.
    await sql`update contacts set envelope = envelope || jsonb_build_object('subject', repeat('x',
        ${BYTES_PER_SET})) where id = ${ids[0]}`.execute(runtime.db)
    expect(
      (await runtime.db.transaction().execute((trx) => loadReady(trx, [ids[0]!], 'read'))).map(
        ({ id }) => id
      )
    ).toEqual([ids[0]])
    await settlerOf(runtime).settle([...ids, honest.contactId])
    expect(await runtime.db.selectFrom('contacts').select('state').distinct().execute()).toEqual([
      { state: 'settled' }
    ])
  } finally {
    await runtime.remove()
  }
})

test('every kind of body and of mail has shapes of its own: none is there twice', () => {
  expect(new Set(mails.map(({ name }) => name)).size).toBe(mails.length)
  expect(new Set(hostileBodies().map(({ name }) => name)).size).toBe(hostileBodies().length)
  expect(channels.length).toBeGreaterThan(5)
})
