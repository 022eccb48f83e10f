import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { verifyAudit } from '../../../core/audit.ts'
import { viewStatus } from '../../../core/status.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { casesOf, contactRow, emptyLine, lineOf, settlerOf, bringIn, stand, standMany, take, tokenFor, town } from '../../helpers/contacts.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
afterEach(async () => { for (const department of ['parks', 'water']) await emptyLine(ground, department) })
afterAll(async () => {
  expect(await verifyAudit(ground.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
  await ground.remove()
})

const join = (later: string, earlier: string, actor = 'staff:ann') => ground.line.join(later, earlier, actor, 'the same letter')
const rowOf = (id: string) => ground.db.selectFrom('cases').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const rolesOn = async (caseId: string) => Object.fromEntries((await ground.db.selectFrom('case_contacts').select(['contact_id', 'role']).where('case_id', '=', caseId).execute()).map((row) => [row.contact_id, row.role]))

describe('joining a case into an earlier one', () => {
  test('takes it out of the line; the earlier one keeps its place and shows both contacts', async () => {
    const [first, second, third] = [await stand(ground), await stand(ground), await stand(ground)]
    await join(second.caseId, first.caseId)
    expect(await lineOf(ground)).toEqual([first.caseId, third.caseId])
    expect(await rowOf(second.caseId)).toMatchObject({ state: 'joined', joined_into: first.caseId, taken_by: null })
    expect(await rolesOn(first.caseId)).toEqual({ [first.contactId]: 'first', [second.contactId]: 'duplicate' })
    expect(await contactRow(ground, second.contactId)).toMatchObject({ case_id: first.caseId, own_case_id: second.caseId })
  })

  test('its receipt shows what becomes of the earlier one', async () => {
    const [first, second] = [await stand(ground), await stand(ground)]
    await join(second.caseId, first.caseId)
    expect(await viewStatus(ground.db, ground.agency(), second.receipt)).toMatchObject({ state: 'waiting', place: 1 })
    await take(ground)
    expect(await viewStatus(ground.db, ground.agency(), second.receipt)).toMatchObject({ state: 'being-served' })
    await ground.line.close(first.caseId, 'staff:ann', 'answered')
    expect(await viewStatus(ground.db, ground.agency(), second.receipt)).toMatchObject({ state: 'answered' })
  })

  test('undone, it stands at its original place again, whatever was taken meanwhile', async () => {
    const [first, second, third, fourth] = await standMany(ground, 4)
    await join(second!, first!)
    await take(ground, 'staff:bob')
    await take(ground, 'staff:bob')
    await ground.line.undoJoin(second!, 'staff:ann', 'another street')
    expect(await lineOf(ground)).toEqual([second, fourth])
    await ground.line.giveBack(third!, 'staff:bob', '')
    expect(await lineOf(ground)).toEqual([second, third, fourth])
    expect((await take(ground))?.caseId).toBe(second)
  })

  test('undone, receipt and links are as before', async () => {
    const [first, second] = [await stand(ground), await stand(ground)]
    await join(second.caseId, first.caseId)
    await ground.line.undoJoin(second.caseId, 'staff:ann', 'another street')
    expect(await contactRow(ground, second.contactId)).toMatchObject({ case_id: second.caseId, own_case_id: null })
    expect(await rolesOn(first.caseId)).toEqual({ [first.contactId]: 'first' })
    expect(await rolesOn(second.caseId)).toEqual({ [second.contactId]: 'first' })
    expect(await viewStatus(ground.db, ground.agency(), second.receipt)).toMatchObject({ place: 2 })
  })

  test('by the one who holds it; nobody else may', async () => {
    const [first, second] = await standMany(ground, 2)
    await take(ground)
    await take(ground)
    await expect(join(second!, first!, 'staff:bob')).rejects.toMatchObject({ code: 'CASE_NOT_TAKEN' })
    await join(second!, first!, 'staff:ann')
    await expect(ground.line.close(second!, 'staff:ann', 'answered')).rejects.toMatchObject({ code: 'CASE_NOT_TAKEN' })
    await ground.line.undoJoin(second!, 'staff:ann', 'oops')
    expect(await lineOf(ground)).toEqual([second])
  })

  test('into a case of another department, which keeps its line', async () => {
    const [first] = await standMany(ground, 1, 'water')
    const [second] = await standMany(ground, 1)
    await join(second!, first!)
    expect([await lineOf(ground), await lineOf(ground, 'water')]).toEqual([[], [first]])
    await ground.line.undoJoin(second!, 'staff:ann', 'two matters')
    expect([await lineOf(ground), await lineOf(ground, 'water')]).toEqual([[second], [first]])
  })

  test('a follow-up to the joined receipt reopens the earlier case once that has ended', async () => {
    const [first, second] = [await stand(ground), await stand(ground)]
    await join(second.caseId, first.caseId)
    await take(ground)
    await ground.line.close(first.caseId, 'staff:ann', 'answered')
    const followUp = await bringIn(ground, { tokens: [tokenFor(ground, second.receipt)] })
    await settlerOf(ground).settle([followUp.contactId])
    expect(await rowOf(first.caseId)).toMatchObject({ state: 'waiting' })
    expect(await contactRow(ground, followUp.contactId)).toMatchObject({ outcome: 'follow-up', case_id: first.caseId })
  })

  test('one that has ended is reopened at its place, with a ticket: no joined case is left that nobody will read', async () => {
    const [first, second, third] = await standMany(ground, 3)
    await take(ground)
    await ground.line.close(first!, 'staff:ann', 'answered')
    const tickets = await ground.queues.ticketCount('parks')
    await join(third!, first!)
    expect(await lineOf(ground)).toEqual([first, second])
    expect(await rowOf(first!)).toMatchObject({ state: 'waiting', outcome: null })
    while (await ground.queues.ticketCount('parks') <= tickets) await new Promise(setImmediate)
    expect((await take(ground))?.caseId).toBe(first)
  })

  test('one of another department that has ended comes back into its own line', async () => {
    const [first] = await standMany(ground, 1, 'water')
    const [second] = await standMany(ground, 1)
    await take(ground, 'staff:ann', 'water')
    await ground.line.close(first!, 'staff:ann', 'answered')
    await join(second!, first!)
    expect([await lineOf(ground), await lineOf(ground, 'water')]).toEqual([[], [first]])
  })

  test('redelivered bytes of the joined contact belong to the earlier case', async () => {
    const [first, second] = [await stand(ground, { text: 'the lamp is out' }), await stand(ground, { text: 'lamp out' })]
    await join(second.caseId, first.caseId)
    const again = await bringIn(ground, { text: 'lamp out', raw: { source: 'another door' } })
    await settlerOf(ground).settle([again.contactId])
    expect(await contactRow(ground, again.contactId)).toMatchObject({ outcome: 'duplicate', case_id: first.caseId })
  })
})

describe('joins of joins', () => {
  test('follow to the end and come apart in any order', async () => {
    const [a, b, c] = [await stand(ground), await stand(ground), await stand(ground)]
    await join(c.caseId, b.caseId)
    await join(b.caseId, a.caseId)
    expect(await rolesOn(a.caseId)).toEqual({ [a.contactId]: 'first', [b.contactId]: 'duplicate', [c.contactId]: 'duplicate' })
    expect(await contactRow(ground, c.contactId)).toMatchObject({ case_id: a.caseId })
    await ground.line.undoJoin(c.caseId, 'staff:ann', 'not this one')
    expect(await rolesOn(a.caseId)).toEqual({ [a.contactId]: 'first', [b.contactId]: 'duplicate' })
    expect(await lineOf(ground)).toEqual([a.caseId, c.caseId])
    await ground.line.undoJoin(b.caseId, 'staff:ann', 'nor this one')
    expect(await lineOf(ground)).toEqual([a.caseId, b.caseId, c.caseId])
    for (const one of [a, b, c]) expect(await contactRow(ground, one.contactId)).toMatchObject({ case_id: one.caseId, own_case_id: null })
  })

  test('undoing the upper one leaves the lower one joined', async () => {
    const [a, b, c] = [await stand(ground), await stand(ground), await stand(ground)]
    await join(c.caseId, b.caseId)
    await join(b.caseId, a.caseId)
    await ground.line.undoJoin(b.caseId, 'staff:ann', 'two matters')
    expect(await rolesOn(a.caseId)).toEqual({ [a.contactId]: 'first' })
    expect(await contactRow(ground, c.contactId)).toMatchObject({ case_id: b.caseId, own_case_id: c.caseId })
    await ground.line.undoJoin(c.caseId, 'staff:ann', 'three matters')
    expect(await contactRow(ground, c.contactId)).toMatchObject({ case_id: c.caseId, own_case_id: null })
  })

  test('a mail to two departments: joining one of its cases leaves the other alone', async () => {
    const first = await stand(ground, { to: town('water') })
    const both = await stand(ground, { to: town('parks', 'water') })
    const inWater = (await casesOf(ground, both.contactId)).find(({ department }) => department === 'water')!
    await join(inWater.id, first.caseId)
    expect(await contactRow(ground, both.contactId)).toMatchObject({ case_id: both.caseId, own_case_id: null })
    await ground.line.undoJoin(inWater.id, 'staff:ann', 'two matters')
    expect(await lineOf(ground, 'water')).toEqual([first.caseId, inWater.id])
  })
})

describe('is refused, and changes nothing,', () => {
  test('into a later arrival', async () => {
    const [first, second] = await standMany(ground, 2)
    await expect(join(first!, second!)).rejects.toMatchObject({ code: 'CASE_NOT_JOINABLE' })
    expect(await lineOf(ground)).toEqual([first, second])
  })

  test('into itself, into a joined one, of an ended one, twice', async () => {
    const [first, second, third] = await standMany(ground, 3)
    await expect(join(second!, second!)).rejects.toMatchObject({ code: 'CASE_NOT_JOINABLE' })
    await join(second!, first!)
    await expect(join(third!, second!)).rejects.toMatchObject({ code: 'CASE_NOT_JOINABLE' })
    await expect(join(second!, first!)).rejects.toMatchObject({ code: 'CASE_NOT_JOINABLE' })
    await take(ground)
    await take(ground)
    await ground.line.close(third!, 'staff:ann', 'answered')
    await expect(join(third!, first!)).rejects.toMatchObject({ code: 'CASE_NOT_JOINABLE' })
  })

  test('without a reason, of what is unknown, undone where nothing is joined', async () => {
    const [first, second] = await standMany(ground, 2)
    await expect(ground.line.join(second!, first!, 'staff:ann', ' ')).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    for (const id of ['nonsense', '018f0000-0000-7000-8000-000000000000']) {
      await expect(join(id, first!)).rejects.toMatchObject({ code: 'CASE_UNKNOWN' })
      await expect(join(second!, id)).rejects.toMatchObject({ code: 'CASE_UNKNOWN' })
      await expect(ground.line.undoJoin(id, 'staff:ann', 'why not')).rejects.toMatchObject({ code: 'CASE_UNKNOWN' })
    }
    await expect(ground.line.undoJoin(second!, 'staff:ann', 'why not')).rejects.toMatchObject({ code: 'CASE_NOT_JOINED' })
  })
})

test('joins, takes and put-backs at once leave a ledger without overtakes', async () => {
  const cases = await standMany(ground, 24)
  const held = new Set<string>()
  const takes = Array.from({ length: 10 }, (_, n) => take(ground, `staff:${n}`).then((taken) => { if (taken) held.add(taken.caseId) }))
  const joinAndUndo = async (id: string) => {
    const refused = await join(id, cases[0]!, 'staff:joiner').catch((error: { code?: string }) => error.code)
    if (refused === undefined) await ground.line.undoJoin(id, 'staff:joiner', 'undone')
    return refused
  }
  const joins = cases.slice(1).filter((_, n) => n % 3 === 0).map(joinAndUndo)
  expect([undefined, 'CASE_NOT_TAKEN']).toEqual(expect.arrayContaining(await Promise.all(joins)))
  await Promise.all(takes)
  expect((await lineOf(ground)).length + held.size).toBe(cases.length)
  expect(await verifyAudit(ground.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
})

test('the audit names a join into a later arrival that went past the program', async () => {
  const own = await createTestGround()
  const [first, second] = await standMany(own, 2)
  await sql`update cases set state = 'joined', joined_into = ${second} where id = ${first}`.execute(own.db)
  await sql`insert into events (kind, department, turn, case_id, actor, data) values ('case.joined', 'parks', nextval('turns'), ${first}, 'staff:eve', ${JSON.stringify({ into: second })})`.execute(own.db)
  expect((await verifyAudit(own.db)).problems).toEqual([`case ${first} was joined into case ${second}, which arrived later`])
  await own.remove()
})
