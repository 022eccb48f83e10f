import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, settlerOf, standMany, take } from '../../helpers/contacts.ts'

let runtime: TestRuntime
let cases: string[]
beforeEach(async () => {
  runtime = await createTestRuntime()
  cases = await standMany(runtime, 4)
  await take(runtime)
  await runtime.line.close(cases[0]!, 'staff:ann', 'answered')
  await take(runtime)
  await runtime.line.giveBack(cases[1]!, 'staff:ann', 'lunch')
})
afterEach(() => runtime.remove())

/** Does what nobody can do by way of the program: changes the ledger as the database's owner. */
async function behindTheBack(statement: string): Promise<void> {
  await runtime.db.connection().execute(async (db) => {
    await sql`set session_replication_role = replica`.execute(db)
    const { numAffectedRows } = await sql.raw(statement).execute(db)
    await sql`set session_replication_role = origin`.execute(db)
    expect(numAffectedRows).toBeGreaterThan(0n)
  })
}

test('an honest ledger holds', async () => {
  expect(await verifyAudit(runtime.db)).toMatchObject({
    ok: true,
    takes: 2,
    overtakes: 0,
    passes: 0,
    seals: 0,
    problems: []
  })
})

test('an empty ledger does not claim to hold', async () => {
  const empty = await createTestRuntime()
  expect(await verifyAudit(empty.db)).toMatchObject({
    ok: false,
    events: 0,
    takes: 0,
    problems: []
  })
  await empty.remove()
})

test('progress is told as events are replayed', async () => {
  const seen: number[] = []
  await verifyAudit(runtime.db, (events) => seen.push(events))
  expect(seen.at(-1)).toBe(8)
})

describe('the audit can fail:', () => {
  afterEach(async () => expect((await verifyAudit(runtime.db)).ok).toBe(false))

  test('a case given an earlier arrival', async () => {
    await sql`update cases set arrived_at = arrived_at - interval '1 day'
        where id = ${cases[3]}`.execute(runtime.db)
    expect((await verifyAudit(runtime.db)).problems).toEqual([
      `case ${cases[3]} has another arrival than the ledger recorded`
    ])
  })

  test('and then taken first', async () => {
    await sql`update cases set arrived_at = arrived_at - interval '1 day'
        where id = ${cases[3]}`.execute(runtime.db)
    expect((await take(runtime))?.caseId).toBe(cases[3])
    const report = await verifyAudit(runtime.db)
    expect(report.overtakes).toBe(1)
    expect(report.problems).toContainEqual(
      expect.stringContaining(`case ${cases[3]} was taken before 2 earlier arrivals`)
    )
  })

  test('a contact given an earlier arrival before it was settled', async () => {
    const { contactId } = await bringIn(runtime)
    await sql`update contacts set arrived_at = arrived_at - interval '1 day'
        where id = ${contactId}`.execute(runtime.db)
    await settlerOf(runtime).settle([contactId])
    await take(runtime)
    expect((await verifyAudit(runtime.db)).problems).toContainEqual(
      expect.stringMatching(/has another arrival than/)
    )
  })

  test('and its arrival put back afterwards', async () => {
    const { contactId } = await bringIn(runtime)
    await sql`update contacts set ordinal = -1 where id = ${contactId}`.execute(runtime.db)
    await settlerOf(runtime).settle([contactId])
    await sql`update contacts set ordinal = (select (data ->> 'ordinal')::bigint from events
        where contact_id = contacts.id and kind = 'contact.accepted')
        where id = ${contactId}`.execute(runtime.db)
    expect((await verifyAudit(runtime.db)).problems).toContainEqual(
      expect.stringMatching(/entered its line with another arrival/)
    )
  })

  test('a case taken out of order', async () => {
    await sql`update cases set state = 'taken', taken_by = 'staff:eve'
        where id = ${cases[3]}`.execute(runtime.db)
    await sql`insert into events (kind, department, turn, case_id, actor, data)
        values ('case.taken', 'parks', nextval('turns'), ${cases[3]}, 'staff:eve', '{}')`.execute(
      runtime.db
    )
    expect(await verifyAudit(runtime.db)).toMatchObject({
      overtakes: 1,
      problems: [expect.stringContaining('was taken before 2 earlier arrivals')]
    })
  })

  test('a case taken past the ledger', async () => {
    await sql`update cases set state = 'taken', taken_by = 'staff:eve'
        where id = ${cases[3]}`.execute(runtime.db)
    expect((await verifyAudit(runtime.db)).problems).toEqual([
      `case ${cases[3]} is taken in parks, but its last event is case.entered in parks`
    ])
  })

  test('a case moved to another line past the ledger', async () => {
    await sql`update cases set department = 'water' where id = ${cases[3]}`.execute(runtime.db)
    expect((await verifyAudit(runtime.db)).problems).toEqual([
      `case ${cases[3]} is waiting in water, but its last event is case.entered in parks`
    ])
  })

  test.each(['contact.accepted', 'case.entered', 'case.taken', 'case.returned', 'case.closed'])(
    'an event %s deleted',
    async (kind) => {
      await behindTheBack(
        `delete from events where id = (select max(id) from events where kind = '${kind}')`
      )
      expect((await verifyAudit(runtime.db)).problems.length).toBeGreaterThan(0)
    }
  )

  test('turns exchanged', async () => {
    await behindTheBack(`update events set turn = -turn where case_id = '${cases[0]}'`)
    expect((await verifyAudit(runtime.db)).problems.length).toBeGreaterThan(0)
  })

  test('a contact that vanished', async () => {
    const { contactId } = await bringIn(runtime)
    await behindTheBack(`delete from contacts where id = '${contactId}'`)
    expect((await verifyAudit(runtime.db)).problems).toEqual([
      `contact ${contactId} was accepted and is gone`
    ])
  })
})

describe('the ledger refuses', () => {
  test.each([
    'update events set actor = actor',
    'delete from events',
    'truncate events',
    'truncate events cascade'
  ])('%s', async (statement) => {
    await expect(sql.raw(statement).execute(runtime.db)).rejects.toThrow(
      'the ledger is append-only'
    )
  })
})
