import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { asEvenhandError, EvenhandError } from '../../../platform/errors.ts'
import { lockForTake } from '../../../core/line/locks.ts'
import { listQuarantine, quarantine, releaseContact } from '../../../core/contacts/quarantine.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import {
  bringIn,
  casesOf,
  contactRow,
  emptyLine,
  lineOf,
  settlerOf,
  stand,
  take,
  town
} from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const settle = (...ids: string[]) => settlerOf(runtime).settle(ids)

describe('a contact its channel could not vouch for', () => {
  test('waits for a person with its arrival kept', async () => {
    const held = await bringIn(runtime, { raw: { quarantine: 'the signature is wrong' } })
    await settle(held.contactId)
    expect(await contactRow(runtime, held.contactId)).toMatchObject({
      state: 'quarantined',
      outcome: 'quarantined',
      quarantine_code: 'HELD_BY_CHANNEL',
      case_id: null
    })
    expect(await casesOf(runtime, held.contactId)).toEqual([])
    const { total, contacts } = await listQuarantine(runtime.db)
    expect(total).toBe(1)
    expect(contacts).toMatchObject([
      {
        contactId: held.contactId,
        receipt: held.receipt,
        arrivedAt: held.arrivedAt,
        code: 'HELD_BY_CHANNEL',
        reason: 'the signature is wrong'
      }
    ])
  })

  test('once released is taken before everything that arrived after it', async () => {
    await emptyLine(runtime)
    const held = await bringIn(runtime, { raw: { quarantine: 'the signature is wrong' } })
    await settle(held.contactId)
    const later = await stand(runtime)
    await releaseContact(runtime.db, held.contactId, 'staff:ann', 'I called them back')
    await settle(held.contactId)
    expect(await contactRow(runtime, held.contactId)).toMatchObject({
      state: 'settled',
      outcome: 'case',
      quarantine_code: null
    })
    expect((await take(runtime))?.receipt).toBe(held.receipt)
    expect((await take(runtime))?.caseId).toBe(later.caseId)
    const events = await runtime.db
      .selectFrom('events')
      .select(['kind', 'actor', 'data'])
      .where('contact_id', '=', held.contactId)
      .orderBy('id')
      .execute()
    expect(events.map(({ kind }) => kind)).toEqual([
      'contact.accepted',
      'contact.quarantined',
      'contact.released',
      'case.entered'
    ])
    expect(events[2]).toMatchObject({ actor: 'staff:ann', data: { reason: 'I called them back' } })
  })
})

describe('releasing', () => {
  test('a contact that could not be read gives a department its original', async () => {
    const { contactId } = await runtime.acceptor.accept({
      channel: 'email',
      source: 'test',
      bytes: Buffer.from('unreadable'),
      mediaType: 'message/rfc822',
      recipients: town('water'),
      evidence: {}
    })
    await quarantine(runtime.db, contactId, 'read', new EvenhandError('READ_UNPARSEABLE'))
    await releaseContact(runtime.db, contactId, 'staff:ann', 'it is a photograph')
    await settle(contactId)
    expect(await casesOf(runtime, contactId)).toMatchObject([
      { department: 'water', state: 'waiting' }
    ])
    const { envelope, raw_sha256: sha256 } = await contactRow(runtime, contactId)
    expect(envelope!.documents).toEqual([
      { name: 'original', mediaType: 'message/rfc822', bytes: 10, sha256, pages: 0 }
    ])
  })

  test('needs a reason, and a contact that is in quarantine', async () => {
    const { contactId } = await stand(runtime)
    await expect(
      releaseContact(runtime.db, contactId, 'staff:ann', '\u200B\u2060 ')
    ).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    for (const id of [contactId, randomUUID(), 'nonsense'])
      await expect(releaseContact(runtime.db, id, 'staff:ann', 'fine')).rejects.toMatchObject({
        code: 'CONTACT_NOT_QUARANTINED'
      })
  })

  test('happens once when two ask for it', async () => {
    const { contactId } = await bringIn(runtime, { raw: { quarantine: 'x' } })
    await settle(contactId)
    const asked = await Promise.allSettled(
      [1, 2, 3].map(() => releaseContact(runtime.db, contactId, 'staff:ann', 'fine'))
    )
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

test('a settled contact cannot be quarantined by a straggler', async () => {
  const { contactId } = await stand(runtime)
  await quarantine(runtime.db, contactId, 'read', new EvenhandError('READ_TIMEOUT'))
  expect(await contactRow(runtime, contactId)).toMatchObject({ state: 'settled', outcome: 'case' })
})

async function poison(): Promise<string> {
  const { contactId } = await bringIn(runtime)
  await sql`update contacts set envelope = jsonb_set(envelope, '{recipients}', '7')
      where id = ${contactId}`.execute(runtime.db)
  return contactId
}

describe('a contact that no set can be settled with', () => {
  test('does not hold up the others', async () => {
    await emptyLine(runtime)
    const [before, bad, after] = [await bringIn(runtime), await poison(), await bringIn(runtime)]
    await settle(before.contactId, bad, after.contactId)
    expect(await lineOf(runtime)).toHaveLength(2)
    expect(await contactRow(runtime, bad)).toMatchObject({ state: 'read', attempts: 1 })
  })

  test('waits for a person after three attempts', async () => {
    const bad = await poison()
    for (const state of ['read', 'read', 'quarantined']) {
      await settle(bad)
      expect(await contactRow(runtime, bad)).toMatchObject({ state })
    }
    expect(await contactRow(runtime, bad)).toMatchObject({
      quarantine_code: 'SETTLE_FAILED',
      outcome: 'quarantined'
    })
    await settle(bad)
    expect(await contactRow(runtime, bad)).toMatchObject({ state: 'quarantined', attempts: 3 })
  })

  test('is not blamed when it is the database that goes away', async () => {
    const { contactId } = await bringIn(runtime)
    const outcome = await runtime.db.transaction().execute(async (trx) => {
      await lockForTake(trx, 'parks')
      const settling = settle(contactId).catch((error: unknown) => error)
      const waiting =
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
      while ((await runtime.database.pool.query(waiting)).rowCount === 0);
      return settling
    })
    expect(asEvenhandError(outcome).code).toBe('DATABASE_DOWN')
    expect(await contactRow(runtime, contactId)).toMatchObject({ state: 'read', attempts: 0 })
    await settle(contactId)
    expect(await contactRow(runtime, contactId)).toMatchObject({ state: 'settled' })
  })
})
