import { describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { joinByHand } from '../../../core/cases/join-by-hand.ts'
import { ownCases } from '../../../core/cases/rail.ts'
import { viewCase } from '../../../core/cases/view.ts'
import { placesOf } from '../../../core/line/view.ts'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { viewStatus } from '../../../core/contacts/resident-status.ts'
import { createTestRuntime } from '../../helpers/runtime.ts'
import {
  casesOf,
  contactRow,
  lineOf,
  settlerOf,
  bringIn,
  stand,
  standMany,
  take,
  tokenFor,
  town
} from '../../helpers/contacts.ts'
import { verifiedRuntime } from '../../helpers/verified-runtime.ts'

const runtime = await verifiedRuntime(['parks', 'water'])

const join = (later: string, earlier: string, actor = 'staff:ann') =>
  runtime.line.join({
    laterCaseId: later,
    earlierCaseId: earlier,
    actor,
    reason: 'the same letter'
  })
const byHand = (caseId: string, receipt: string, maySee: () => boolean = () => true) =>
  joinByHand(runtime, { caseId, receipt, actor: 'staff:ann', reason: 'the same matter', maySee })
const rowOf = (id: string) =>
  runtime.db.selectFrom('cases').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const rolesOn = async (caseId: string) =>
  Object.fromEntries(
    (
      await runtime.db
        .selectFrom('case_contacts')
        .select(['contact_id', 'role'])
        .where('case_id', '=', caseId)
        .execute()
    ).map((row) => [row.contact_id, row.role])
  )

describe('joining a case into an earlier one', () => {
  test('takes it out of the line; the earlier one keeps its place and shows both contacts', async () => {
    const [first, second, third] = [
      await stand(runtime),
      await stand(runtime),
      await stand(runtime)
    ]
    await join(second.caseId, first.caseId)
    expect(await lineOf(runtime)).toEqual([first.caseId, third.caseId])
    expect(await rowOf(second.caseId)).toMatchObject({
      state: 'joined',
      joined_into: first.caseId,
      taken_by: null
    })
    expect(await rolesOn(first.caseId)).toEqual({
      [first.contactId]: 'first',
      [second.contactId]: 'duplicate'
    })
    expect(await contactRow(runtime, second.contactId)).toMatchObject({
      case_id: first.caseId,
      own_case_id: second.caseId
    })
  })

  test('its receipt shows what becomes of the earlier one', async () => {
    const [first, second] = [await stand(runtime), await stand(runtime)]
    await join(second.caseId, first.caseId)
    expect(await viewStatus(runtime.db, runtime.agency(), second.receipt)).toMatchObject({
      state: 'waiting',
      place: 1
    })
    await take(runtime)
    expect(await viewStatus(runtime.db, runtime.agency(), second.receipt)).toMatchObject({
      state: 'being-served'
    })
    await runtime.line.close(first.caseId, 'staff:ann', 'answered')
    expect(await viewStatus(runtime.db, runtime.agency(), second.receipt)).toMatchObject({
      state: 'closed'
    })
  })

  test('undone, it stands at its original place again, whatever was taken meanwhile', async () => {
    const [first, second, third, fourth] = await standMany(runtime, 4)
    await join(second!, first!)
    await take(runtime, 'staff:bob')
    await take(runtime, 'staff:bob')
    await runtime.line.undoJoin(second!, 'staff:ann', 'another street')
    expect(await lineOf(runtime)).toEqual([second, fourth])
    await runtime.line.giveBack(third!, 'staff:bob', 'lunch')
    expect(await lineOf(runtime)).toEqual([second, third, fourth])
    expect((await take(runtime))?.caseId).toBe(second)
  })

  test('undone, receipt and links are as before', async () => {
    const [first, second] = [await stand(runtime), await stand(runtime)]
    await join(second.caseId, first.caseId)
    await runtime.line.undoJoin(second.caseId, 'staff:ann', 'another street')
    expect(await contactRow(runtime, second.contactId)).toMatchObject({
      case_id: second.caseId,
      own_case_id: null
    })
    expect(await rolesOn(first.caseId)).toEqual({ [first.contactId]: 'first' })
    expect(await rolesOn(second.caseId)).toEqual({ [second.contactId]: 'first' })
    expect(await viewStatus(runtime.db, runtime.agency(), second.receipt)).toMatchObject({
      place: 2
    })
  })

  test('by the one who holds it; nobody else may', async () => {
    const [first, second] = await standMany(runtime, 2)
    await take(runtime)
    await take(runtime)
    await expect(join(second!, first!, 'staff:bob')).rejects.toMatchObject({
      code: 'CASE_NOT_TAKEN'
    })
    await join(second!, first!, 'staff:ann')
    await expect(runtime.line.close(second!, 'staff:ann', 'answered')).rejects.toMatchObject({
      code: 'CASE_NOT_TAKEN'
    })
    await runtime.line.undoJoin(second!, 'staff:ann', 'oops')
    expect(await lineOf(runtime)).toEqual([second])
  })

  test('into a case of another department, which keeps its line', async () => {
    const [first] = await standMany(runtime, 1, 'water')
    const [second] = await standMany(runtime, 1)
    await join(second!, first!)
    expect([await lineOf(runtime), await lineOf(runtime, 'water')]).toEqual([[], [first]])
    await runtime.line.undoJoin(second!, 'staff:ann', 'two matters')
    expect([await lineOf(runtime), await lineOf(runtime, 'water')]).toEqual([[second], [first]])
  })

  test('a follow-up to the joined receipt reopens the earlier case once that has ended', async () => {
    const [first, second] = [await stand(runtime), await stand(runtime)]
    await join(second.caseId, first.caseId)
    await take(runtime)
    await runtime.line.close(first.caseId, 'staff:ann', 'answered')
    const followUp = await bringIn(runtime, { tokens: [tokenFor(runtime, second.receipt)] })
    await settlerOf(runtime).settle([followUp.contactId])
    expect(await rowOf(first.caseId)).toMatchObject({ state: 'waiting' })
    expect(await contactRow(runtime, followUp.contactId)).toMatchObject({
      outcome: 'follow-up',
      case_id: first.caseId
    })
  })

  test('one that has ended comes back at the place of the one that joins it, with a ticket: no joined case is left that nobody will read', async () => {
    const [first, second, third] = await standMany(runtime, 3)
    await take(runtime)
    await runtime.line.close(first!, 'staff:ann', 'answered')
    const tickets = await runtime.queues.ticketCount('parks')
    await join(third!, first!)
    expect(await lineOf(runtime)).toEqual([second, first])
    expect(await rowOf(first!)).toMatchObject({ state: 'waiting', outcome: null })
    while ((await runtime.queues.ticketCount('parks')) <= tickets) await new Promise(setImmediate)
    expect((await take(runtime))?.caseId).toBe(second)
  })

  test('one that came back behind the other is the later of the two now', async () => {
    const [first, second] = [await stand(runtime), await stand(runtime)]
    await take(runtime)
    await runtime.line.close(first.caseId, 'staff:ann', 'answered')
    await stand(runtime, { tokens: [tokenFor(runtime, first.receipt)] })
    await expect(join(second.caseId, first.caseId)).rejects.toMatchObject({
      code: 'CASE_NOT_JOINABLE'
    })
    await join(first.caseId, second.caseId)
    expect(await lineOf(runtime)).toEqual([second.caseId])
  })

  test('one of another department that has ended comes back into its own line', async () => {
    const [first] = await standMany(runtime, 1, 'water')
    const [second] = await standMany(runtime, 1)
    await take(runtime, 'staff:ann', 'water')
    await runtime.line.close(first!, 'staff:ann', 'answered')
    await join(second!, first!)
    expect([await lineOf(runtime), await lineOf(runtime, 'water')]).toEqual([[], [first]])
  })

  test('redelivered bytes of the joined contact belong to the earlier case', async () => {
    const [first, second] = [
      await stand(runtime, { text: 'the lamp is out' }),
      await stand(runtime, { text: 'lamp out' })
    ]
    await join(second.caseId, first.caseId)
    const again = await bringIn(runtime, { text: 'lamp out', raw: { source: 'another door' } })
    await settlerOf(runtime).settle([again.contactId])
    expect(await contactRow(runtime, again.contactId)).toMatchObject({
      outcome: 'duplicate',
      case_id: first.caseId
    })
  })
})

describe('joins of joins', () => {
  test('follow to the end and come apart in any order', async () => {
    const [a, b, c] = [await stand(runtime), await stand(runtime), await stand(runtime)]
    await join(c.caseId, b.caseId)
    await join(b.caseId, a.caseId)
    expect(await rolesOn(a.caseId)).toEqual({
      [a.contactId]: 'first',
      [b.contactId]: 'duplicate',
      [c.contactId]: 'duplicate'
    })
    expect(await contactRow(runtime, c.contactId)).toMatchObject({ case_id: a.caseId })
    await runtime.line.undoJoin(c.caseId, 'staff:ann', 'not this one')
    expect(await rolesOn(a.caseId)).toEqual({ [a.contactId]: 'first', [b.contactId]: 'duplicate' })
    expect(await lineOf(runtime)).toEqual([a.caseId, c.caseId])
    await runtime.line.undoJoin(b.caseId, 'staff:ann', 'nor this one')
    expect(await lineOf(runtime)).toEqual([a.caseId, b.caseId, c.caseId])
    for (const one of [a, b, c])
      expect(await contactRow(runtime, one.contactId)).toMatchObject({
        case_id: one.caseId,
        own_case_id: null
      })
  })

  test('undoing the upper one leaves the lower one joined', async () => {
    const [a, b, c] = [await stand(runtime), await stand(runtime), await stand(runtime)]
    await join(c.caseId, b.caseId)
    await join(b.caseId, a.caseId)
    await runtime.line.undoJoin(b.caseId, 'staff:ann', 'two matters')
    expect(await rolesOn(a.caseId)).toEqual({ [a.contactId]: 'first' })
    expect(await contactRow(runtime, c.contactId)).toMatchObject({
      case_id: b.caseId,
      own_case_id: c.caseId
    })
    await runtime.line.undoJoin(c.caseId, 'staff:ann', 'three matters')
    expect(await contactRow(runtime, c.contactId)).toMatchObject({
      case_id: c.caseId,
      own_case_id: null
    })
  })

  test('a mail to two departments: joining one of its cases leaves the other alone', async () => {
    const first = await stand(runtime, { to: town('water') })
    const both = await stand(runtime, { to: town('parks', 'water') })
    const inWater = (await casesOf(runtime, both.contactId)).find(
      ({ department }) => department === 'water'
    )!
    await join(inWater.id, first.caseId)
    expect(await contactRow(runtime, both.contactId)).toMatchObject({
      case_id: both.caseId,
      own_case_id: null
    })
    await runtime.line.undoJoin(inWater.id, 'staff:ann', 'two matters')
    expect(await lineOf(runtime, 'water')).toEqual([first.caseId, inWater.id])
  })
})

describe('is refused, and changes nothing,', () => {
  test('into a later arrival', async () => {
    const [first, second] = await standMany(runtime, 2)
    await expect(join(first!, second!)).rejects.toMatchObject({ code: 'CASE_NOT_JOINABLE' })
    expect(await lineOf(runtime)).toEqual([first, second])
  })

  test('into itself, into a joined one, of an ended one, twice', async () => {
    const [first, second, third] = await standMany(runtime, 3)
    await expect(join(second!, second!)).rejects.toMatchObject({ code: 'CASE_NOT_JOINABLE' })
    await join(second!, first!)
    await expect(join(third!, second!)).rejects.toMatchObject({ code: 'CASE_NOT_JOINABLE' })
    await expect(join(second!, first!)).rejects.toMatchObject({ code: 'CASE_NOT_JOINABLE' })
    await take(runtime)
    await take(runtime)
    await runtime.line.close(third!, 'staff:ann', 'answered')
    await expect(join(third!, first!)).rejects.toMatchObject({ code: 'CASE_NOT_JOINABLE' })
  })

  test('without a reason, of what is unknown, undone where nothing is joined', async () => {
    const [first, second] = await standMany(runtime, 2)
    await expect(
      runtime.line.join({
        laterCaseId: second!,
        earlierCaseId: first!,
        actor: 'staff:ann',
        reason: ' '
      })
    ).rejects.toMatchObject({
      code: 'REASON_REQUIRED'
    })
    for (const id of ['nonsense', '018f0000-0000-7000-8000-000000000000']) {
      await expect(join(id, first!)).rejects.toMatchObject({ code: 'CASE_UNKNOWN' })
      await expect(join(second!, id)).rejects.toMatchObject({ code: 'CASE_UNKNOWN' })
      await expect(runtime.line.undoJoin(id, 'staff:ann', 'why not')).rejects.toMatchObject({
        code: 'CASE_UNKNOWN'
      })
    }
    await expect(runtime.line.undoJoin(second!, 'staff:ann', 'why not')).rejects.toMatchObject({
      code: 'CASE_NOT_JOINED'
    })
  })
})

test('joins, takes and put-backs at once leave a ledger without overtakes', async () => {
  const cases = await standMany(runtime, 24)
  const held = new Set<string>()
  const takes = Array.from({ length: 10 }, (_, n) =>
    take(runtime, `staff:${n}`).then((taken) => {
      if (taken) held.add(taken.caseId)
    })
  )
  const joinAndUndo = async (id: string) => {
    const refused = await join(id, cases[0]!, 'staff:joiner').catch(
      (error: { code?: string }) => error.code
    )
    if (refused === undefined) await runtime.line.undoJoin(id, 'staff:joiner', 'undone')
    return refused
  }
  const joins = cases
    .slice(1)
    .filter((_, n) => n % 3 === 0)
    .map(joinAndUndo)
  expect([undefined, 'CASE_NOT_TAKEN']).toEqual(expect.arrayContaining(await Promise.all(joins)))
  await Promise.all(takes)
  expect((await lineOf(runtime)).length + held.size).toBe(cases.length)
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
})

test('the audit names a join into a later arrival that went past the program', async () => {
  const own = await createTestRuntime()
  const [first, second] = await standMany(own, 2)
  await sql`update cases set state = 'joined', joined_into = ${second} where id = ${first}`.execute(
    own.db
  )
  await sql`insert into events (kind, department, turn, case_id, actor, data)
      values ('case.joined', 'parks', nextval('turns'), ${first}, 'staff:eve',
      ${JSON.stringify({ into: second })})`.execute(own.db)
  expect((await verifyAudit(own.db)).problems).toEqual([
    `case ${first} was joined into case ${second}, which arrived later`,
    expect.stringMatching(
      `case ${second} does not show contact .* of case ${first}, which was joined into it`
    )
  ])
  await own.remove()
})

describe('one contact about two matters', () => {
  test('becomes two cases with the same arrival, the second right behind the first', async () => {
    const [one, two] = [await stand(runtime), await stand(runtime)]
    await take(runtime)
    const part = await runtime.line.split(one.caseId, 'staff:ann', 'and a bench is broken')
    expect(await lineOf(runtime)).toEqual([part, two.caseId])
    const [first, second] = [await rowOf(one.caseId), await rowOf(part)]
    expect(second).toMatchObject({
      arrived_at: first.arrived_at,
      ordinal: first.ordinal,
      contact_id: one.contactId,
      receipt: one.receipt,
      part: 2
    })
    await runtime.line.giveBack(one.caseId, 'staff:ann', 'lunch')
    expect(await lineOf(runtime)).toEqual([one.caseId, part, two.caseId])
    expect(await placesOf(runtime.db, [one.caseId, part, two.caseId])).toEqual(
      new Map([
        [one.caseId, 1],
        [part, 2],
        [two.caseId, 3]
      ])
    )
    expect((await take(runtime))?.caseId).toBe(one.caseId)
    expect((await take(runtime))?.caseId).toBe(part)
  })

  test('can be joined again by its receipt, and taken apart', async () => {
    const one = await stand(runtime)
    await take(runtime)
    const part = await runtime.line.split(one.caseId, 'staff:ann', 'and a bench')
    expect(await byHand(one.caseId, one.receipt)).toBe(one.caseId)
    expect(await rowOf(part)).toMatchObject({ state: 'joined', joined_into: one.caseId })
    expect((await viewCase(runtime.db, one.caseId))?.parts).toEqual([
      { caseId: part, about: 'and a bench' }
    ])
    await runtime.line.undoJoin(part, 'staff:ann', 'two after all')
    expect(await lineOf(runtime)).toEqual([part])
  })

  test('keeps its parts apart on their ways: one moves to another department, as does the other', async () => {
    const one = await stand(runtime)
    await take(runtime)
    const part = await runtime.line.split(one.caseId, 'staff:ann', 'and a pipe')
    await runtime.line.transfer(one.caseId, 'staff:ann', 'water', '')
    await take(runtime)
    await runtime.line.transfer(part, 'staff:ann', 'water', '')
    expect(await lineOf(runtime, 'water')).toEqual([one.caseId, part])
  })

  test('is split by who holds it, with a word what the other matter is, twenty times at most', async () => {
    const one = await stand(runtime)
    const divide = (about = 'more') => runtime.line.split(one.caseId, 'staff:ann', about)
    await expect(divide()).rejects.toMatchObject({ code: 'CASE_NOT_TAKEN' })
    await take(runtime)
    await expect(divide(' ')).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    for (let n = 2; n <= 20; n += 1) await divide()
    await expect(divide()).rejects.toMatchObject({ code: 'CASE_PARTS' })
  })

  test('of which the second is for another department stands in its line by the same arrival', async () => {
    const [before, one, after] = [
      await stand(runtime, { to: town('water') }),
      await stand(runtime),
      await stand(runtime, { to: town('water') })
    ]
    await take(runtime)
    const part = await runtime.line.split(one.caseId, 'staff:ann', 'and a pipe drips', {
      into: 'water'
    })
    expect(await lineOf(runtime, 'water')).toEqual([before.caseId, part, after.caseId])
    const [whole, other] = [
      await viewCase(runtime.db, one.caseId),
      await viewCase(runtime.db, part)
    ]
    expect([whole?.about, other?.about]).toEqual([undefined, 'and a pipe drips'])
    expect(whole?.siblings).toEqual([
      { caseId: part, about: 'and a pipe drips', department: 'water' }
    ])
    expect(other?.siblings).toEqual([{ caseId: one.caseId, about: '', department: 'parks' }])
  })

  test('lists call each by what it is about', async () => {
    const one = await stand(runtime, {
      subject: 'The swing',
      text: `Broken ${crypto.randomUUID()}`
    })
    await take(runtime)
    await runtime.line.split(one.caseId, 'staff:ann', 'and a bench')
    await take(runtime)
    const held = await ownCases(runtime.db, 'staff:ann')
    expect(held.map(({ subject }) => subject).toSorted()).toEqual(['The swing', 'and a bench'])
  })

  test('addressed to two departments is no split', async () => {
    const one = await stand(runtime, { to: town('parks', 'water') })
    expect((await viewCase(runtime.db, one.caseId))?.siblings).toEqual([])
  })

  test('back with a follow-up it is split there, and no part gets to the front by it', async () => {
    const one = await stand(runtime)
    const two = await stand(runtime)
    await take(runtime)
    await runtime.line.close(one.caseId, 'staff:ann', 'done')
    await stand(runtime, { tokens: [tokenFor(runtime, one.receipt)] })
    await take(runtime)
    await runtime.line.giveBack(two.caseId, 'staff:ann', 'lunch')
    await take(runtime)
    await take(runtime)
    const part = await runtime.line.split(one.caseId, 'staff:ann', 'and a bench')
    await runtime.line.giveBack(two.caseId, 'staff:ann', 'lunch')
    expect(await lineOf(runtime)).toEqual([two.caseId, part])
  })
})

describe('a later message about two matters', () => {
  async function twoMessages() {
    const one = await stand(runtime)
    const two = await stand(runtime)
    const later = await stand(runtime, { tokens: [tokenFor(runtime, one.receipt)] })
    expect(later.caseId).toBe(one.caseId)
    const three = await stand(runtime)
    await take(runtime)
    return { one, two, later, three }
  }

  test('gets a second case at its own arrival, and stays where it joined', async () => {
    const { one, two, later, three } = await twoMessages()
    const part = await runtime.line.split(one.caseId, 'staff:ann', 'a bench', {
      contactId: later.contactId
    })
    expect(await lineOf(runtime)).toEqual([two.caseId, part, three.caseId])
    expect(await rowOf(part)).toMatchObject({
      contact_id: later.contactId,
      receipt: later.receipt,
      part: 2
    })
    const [whole, other] = [
      await viewCase(runtime.db, one.caseId),
      await viewCase(runtime.db, part)
    ]
    expect(whole?.contacts.map(({ contactId }) => contactId)).toEqual([
      one.contactId,
      later.contactId
    ])
    expect(other?.contacts.map(({ contactId }) => contactId)).toEqual([later.contactId])
    expect(whole?.siblings).toEqual([{ caseId: part, about: 'a bench', department: 'parks' }])
    expect(other?.siblings).toEqual([{ caseId: one.caseId, about: '', department: 'parks' }])
    const { problems } = await verifyAudit(runtime.db)
    expect(problems).toEqual([])
  })

  test('is joined again by its receipt, and taken apart', async () => {
    const { one, two, later, three } = await twoMessages()
    const part = await runtime.line.split(one.caseId, 'staff:ann', 'a bench', {
      contactId: later.contactId
    })
    expect(await byHand(one.caseId, later.receipt)).toBe(one.caseId)
    expect((await viewCase(runtime.db, one.caseId))?.parts).toEqual([
      { caseId: part, about: 'a bench' }
    ])
    await runtime.line.undoJoin(part, 'staff:ann', 'two after all')
    expect(await lineOf(runtime)).toEqual([two.caseId, part, three.caseId])
    const { problems } = await verifyAudit(runtime.db)
    expect(problems).toEqual([])
  })

  test('has to be one of the case', async () => {
    const { one, two } = await twoMessages()
    for (const contact of [two.contactId, 'nothing'])
      await expect(
        runtime.line.split(one.caseId, 'staff:ann', 'a bench', { contactId: contact })
      ).rejects.toMatchObject({ code: 'CONTACT_NOT_HERE' })
  })
})

describe('joined by hand, by a receipt', () => {
  test('the later joins the earlier, from whichever of them', async () => {
    const [one, two, three] = [await stand(runtime), await stand(runtime), await stand(runtime)]
    await take(runtime)
    expect(await byHand(one.caseId, two.receipt.toLowerCase())).toBe(one.caseId)
    expect(await byHand(three.caseId, one.receipt)).toBe(one.caseId)
    expect(await lineOf(runtime)).toEqual([])
  })

  test('not with a case of another department, nor one that may not be seen, nor nonsense', async () => {
    const [one, other] = [await stand(runtime), await stand(runtime, { to: town('water') })]
    await take(runtime)
    await expect(byHand(one.caseId, other.receipt)).rejects.toMatchObject({
      code: 'CASE_ELSEWHERE'
    })
    await expect(byHand(one.caseId, other.receipt, () => false)).rejects.toMatchObject({
      code: 'CASE_UNKNOWN'
    })
    await expect(byHand(one.caseId, 'nonsense')).rejects.toMatchObject({ code: 'CASE_UNKNOWN' })
    await expect(byHand(one.caseId, one.receipt)).rejects.toMatchObject({
      code: 'CASE_NOT_JOINABLE'
    })
  })
})
