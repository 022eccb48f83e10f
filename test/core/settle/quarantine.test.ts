import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { asEvenhandError, EvenhandError } from '../../../core/errors.ts'
import { lockForTake } from '../../../core/line/locks.ts'
import { listQuarantine, quarantine, release } from '../../../core/quarantine.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { bringIn, casesOf, contactRow, emptyLine, lineOf, settlerOf, stand, take, town } from '../../helpers/contacts.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
afterAll(() => ground.remove())

const settle = (...ids: string[]) => settlerOf(ground).settle(ids)

describe('a contact its channel could not vouch for', () => {
  test('waits for a person with its arrival kept', async () => {
    const held = await bringIn(ground, { raw: { quarantine: 'the signature is wrong' } })
    await settle(held.contactId)
    expect(await contactRow(ground, held.contactId)).toMatchObject({ state: 'quarantined', outcome: 'quarantined', quarantine_code: 'HELD_BY_CHANNEL', case_id: null })
    expect(await casesOf(ground, held.contactId)).toEqual([])
    const { total, contacts } = await listQuarantine(ground.db)
    expect(total).toBe(1)
    expect(contacts).toMatchObject([{ contactId: held.contactId, receipt: held.receipt, arrivedAt: held.arrivedAt, code: 'HELD_BY_CHANNEL', reason: 'the signature is wrong' }])
  })

  test('once released is taken before everything that arrived after it', async () => {
    await emptyLine(ground)
    const held = await bringIn(ground, { raw: { quarantine: 'the signature is wrong' } })
    await settle(held.contactId)
    const later = await stand(ground)
    await release(ground.db, held.contactId, 'staff:ann', 'I called them back')
    await settle(held.contactId)
    expect(await contactRow(ground, held.contactId)).toMatchObject({ state: 'settled', outcome: 'case', quarantine_code: null })
    expect((await take(ground))?.receipt).toBe(held.receipt)
    expect((await take(ground))?.caseId).toBe(later.caseId)
    const events = await ground.db.selectFrom('events').select(['kind', 'actor', 'data']).where('contact_id', '=', held.contactId).orderBy('id').execute()
    expect(events.map(({ kind }) => kind)).toEqual(['contact.accepted', 'contact.quarantined', 'contact.released', 'case.entered'])
    expect(events[2]).toMatchObject({ actor: 'staff:ann', data: { reason: 'I called them back' } })
  })
})

describe('releasing', () => {
  test('a contact that could not be read gives a department its original', async () => {
    const { contactId } = await ground.intake.accept({ channel: 'email', source: 'test', bytes: Buffer.from('unreadable'), mediaType: 'message/rfc822', recipients: town('water'), evidence: {} })
    await quarantine(ground.db, contactId, 'read', new EvenhandError('READ_UNPARSEABLE'))
    await release(ground.db, contactId, 'staff:ann', 'it is a photograph')
    await settle(contactId)
    expect(await casesOf(ground, contactId)).toMatchObject([{ department: 'water', state: 'waiting' }])
    const { envelope, raw_sha256: sha256 } = await contactRow(ground, contactId)
    expect(envelope!.documents).toEqual([{ name: 'original', mediaType: 'message/rfc822', bytes: 10, sha256, pages: 0 }])
  })

  test('needs a reason, and a contact that is in quarantine', async () => {
    const { contactId } = await stand(ground)
    await expect(release(ground.db, contactId, 'staff:ann', ' ')).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    for (const id of [contactId, randomUUID(), 'nonsense']) await expect(release(ground.db, id, 'staff:ann', 'fine')).rejects.toMatchObject({ code: 'CONTACT_NOT_QUARANTINED' })
  })

  test('happens once when two ask for it', async () => {
    const { contactId } = await bringIn(ground, { raw: { quarantine: 'x' } })
    await settle(contactId)
    const asked = await Promise.allSettled([1, 2, 3].map(() => release(ground.db, contactId, 'staff:ann', 'fine')))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

test('a settled contact cannot be quarantined by a straggler', async () => {
  const { contactId } = await stand(ground)
  await quarantine(ground.db, contactId, 'read', new EvenhandError('READ_TIMEOUT'))
  expect(await contactRow(ground, contactId)).toMatchObject({ state: 'settled', outcome: 'case' })
})

async function poison(): Promise<string> {
  const { contactId } = await bringIn(ground)
  await sql`update contacts set envelope = jsonb_set(envelope, '{recipients}', '7') where id = ${contactId}`.execute(ground.db)
  return contactId
}

describe('a contact that no set can be settled with', () => {
  test('does not hold up the others', async () => {
    await emptyLine(ground)
    const [before, bad, after] = [await bringIn(ground), await poison(), await bringIn(ground)]
    await settle(before.contactId, bad, after.contactId)
    expect(await lineOf(ground)).toHaveLength(2)
    expect(await contactRow(ground, bad)).toMatchObject({ state: 'read', attempts: 1 })
  })

  test('waits for a person after three attempts', async () => {
    const bad = await poison()
    for (const state of ['read', 'read', 'quarantined']) {
      await settle(bad)
      expect(await contactRow(ground, bad)).toMatchObject({ state })
    }
    expect(await contactRow(ground, bad)).toMatchObject({ quarantine_code: 'SETTLE_FAILED', outcome: 'quarantined' })
    await settle(bad)
    expect(await contactRow(ground, bad)).toMatchObject({ state: 'quarantined', attempts: 3 })
  })

  test('is not blamed when it is the database that goes away', async () => {
    const { contactId } = await bringIn(ground)
    const outcome = await ground.db.transaction().execute(async (trx) => {
      await lockForTake(trx, 'parks')
      const settling = settle(contactId).catch((error: unknown) => error)
      const waiting = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
      while ((await ground.database.pool.query(waiting)).rowCount === 0);
      return settling
    })
    expect(asEvenhandError(outcome).code).toBe('DATABASE_DOWN')
    expect(await contactRow(ground, contactId)).toMatchObject({ state: 'read', attempts: 0 })
    await settle(contactId)
    expect(await contactRow(ground, contactId)).toMatchObject({ state: 'settled' })
  })
})
