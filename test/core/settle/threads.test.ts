import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { countReopened } from '../../../core/line/view.ts'
import { viewStatus } from '../../../core/contacts/resident-status.ts'
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
  tokenFor,
  town,
  type Stood
} from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const stateOf = async (caseId: string) =>
  (
    await runtime.db
      .selectFrom('cases')
      .select('state')
      .where('id', '=', caseId)
      .executeTakeFirstOrThrow()
  ).state

async function closed(): Promise<Stood> {
  await emptyLine(runtime)
  const stood = await stand(runtime)
  await take(runtime)
  await runtime.line.close(stood.caseId, 'staff:ann', 'answered')
  return stood
}

test('a reply with our signed token joins its case, wherever it was sent', async () => {
  const { receipt, caseId } = await stand(runtime)
  const reply = await stand(runtime, {
    to: town('water'),
    tokens: ['not-ours', tokenFor(runtime, receipt)]
  })
  expect(await contactRow(runtime, reply.contactId)).toMatchObject({
    outcome: 'follow-up',
    case_id: caseId
  })
  expect(await casesOf(runtime, reply.contactId)).toEqual([])
  expect(
    await runtime.db
      .selectFrom('case_contacts')
      .select(['contact_id', 'role'])
      .where('case_id', '=', caseId)
      .orderBy('linked_at')
      .execute()
  ).toMatchObject([{ role: 'first' }, { role: 'follow-up', contact_id: reply.contactId }])
  expect(await stateOf(caseId)).toBe('waiting')
})

test('a follow-up to a case that is being served leaves it with its holder', async () => {
  await emptyLine(runtime)
  const { receipt, caseId } = await stand(runtime)
  await take(runtime)
  await stand(runtime, { tokens: [tokenFor(runtime, receipt)] })
  expect(await stateOf(caseId)).toBe('taken')
})

test('a follow-up to a follow-up joins the same case', async () => {
  const { receipt, caseId } = await stand(runtime)
  const second = await stand(runtime, { tokens: [tokenFor(runtime, receipt)] })
  const third = await stand(runtime, { tokens: [tokenFor(runtime, second.receipt)] })
  expect(third.caseId).toBe(caseId)
})

test("a follow-up to a closed case brings it back at the follow-up's own place: an old receipt is no way to the front", async () => {
  const { receipt, caseId } = await closed()
  const later = await stand(runtime)
  const heard: unknown[] = []
  const reply = await bringIn(runtime, { tokens: [tokenFor(runtime, receipt)] })
  await settlerOf(runtime, { onSettled: (entered) => heard.push(...entered) }).settle([
    reply.contactId
  ])
  const last = await stand(runtime)
  expect(await lineOf(runtime)).toEqual([later.caseId, caseId, last.caseId])
  expect(heard).toEqual([{ caseId, department: 'parks' }])
  expect(await viewStatus(runtime.db, runtime.agency(), receipt)).toMatchObject({
    state: 'waiting',
    place: 2,
    inLineSince: reply.arrivedAt
  })
  expect(await viewStatus(runtime.db, runtime.agency(), reply.receipt)).toEqual(
    expect.objectContaining({ state: 'waiting', place: 2 })
  )
  expect((await take(runtime))?.caseId).toBe(later.caseId)
  expect((await take(runtime))?.caseId).toBe(caseId)
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
})

test('an answer about a message that was split goes to the case that waits for it, and the receipt shows what is open', async () => {
  await emptyLine(runtime)
  const { receipt, caseId } = await stand(runtime)
  await take(runtime)
  const part = await runtime.line.split(caseId, 'staff:ann', 'the bench, too')
  await runtime.line.close(caseId, 'staff:ann', 'done')
  const shown = async () => viewStatus(runtime.db, runtime.agency(), receipt)
  expect(await shown()).toMatchObject({ state: 'waiting', place: 1 })
  // What is added goes to the case that the page shows, and does not bring the ended one back.
  expect((await stand(runtime, { tokens: [tokenFor(runtime, receipt)] })).caseId).toBe(part)
  expect(await stateOf(caseId)).toBe('closed')
  expect((await take(runtime))?.caseId).toBe(part)
  const until = new Date(Date.now() + 3 * 86_400_000)
  await runtime.line.pause(part, { actor: 'staff:ann', reason: 'which bench?', until })
  expect(await shown()).toMatchObject({ state: 'waiting-for-resident', remindAt: until })
  const answer = await stand(runtime, { tokens: [tokenFor(runtime, receipt)] })
  expect(answer.caseId).toBe(part)
  expect([await stateOf(caseId), await stateOf(part)]).toEqual(['closed', 'waiting'])
  await take(runtime)
  await runtime.line.close(part, 'staff:ann', 'done')
  expect(await shown()).toMatchObject({ state: 'closed' })
})

test('a token of a joined case leads to the one that stands for it, also once that has ended, and to its own again after the two were taken apart', async () => {
  await emptyLine(runtime)
  const [first, second] = [await stand(runtime), await stand(runtime)]
  await runtime.line.join({
    laterCaseId: second.caseId,
    earlierCaseId: first.caseId,
    actor: 'staff:ann',
    reason: 'one lamp'
  })
  const reply = async () =>
    (await stand(runtime, { tokens: [tokenFor(runtime, second.receipt)] })).caseId
  expect(await reply()).toBe(first.caseId)
  await take(runtime)
  await runtime.line.close(first.caseId, 'staff:ann', 'answered')
  expect(await reply()).toBe(first.caseId)
  expect(await stateOf(first.caseId)).toBe('waiting')
  await runtime.line.undoJoin(second.caseId, 'staff:ann', 'two lamps')
  expect(await reply()).toBe(second.caseId)
})

test('a handed-off case comes back like a closed one, and again after it was closed again', async () => {
  await emptyLine(runtime)
  const { receipt, caseId } = await stand(runtime)
  for (const end of [
    () => runtime.line.handOff(caseId, 'staff:ann', 'county', 'theirs'),
    () => runtime.line.close(caseId, 'staff:ann', 'answered')
  ]) {
    const held = await take(runtime)
    expect(held?.caseId).toBe(caseId)
    await end()
    const before = await stand(runtime)
    await stand(runtime, { tokens: [tokenFor(runtime, receipt)] })
    expect(await lineOf(runtime)).toEqual([before.caseId, caseId])
    await take(runtime)
    await runtime.line.close(before.caseId, 'staff:ann', 'answered')
  }
})

test('only staff who say that the closing was wrong put it back at its first place, also when a follow-up came before them', async () => {
  const { receipt, caseId } = await closed()
  const later = await stand(runtime)
  await stand(runtime, { tokens: [tokenFor(runtime, receipt)] })
  const before = await verifyAudit(runtime.db)
  expect(await lineOf(runtime)).toEqual([later.caseId, caseId])
  await runtime.line.reopen(caseId, 'staff:bob', 'the lamp was never mended')
  expect(await lineOf(runtime)).toEqual([caseId, later.caseId])
  expect((await viewStatus(runtime.db, runtime.agency(), receipt))?.inLineSince).toBeUndefined()
  await expect(runtime.line.reopen(caseId, 'staff:bob', 'again')).rejects.toMatchObject({
    code: 'CASE_NOT_CLOSED'
  })
  await expect(runtime.line.reopen(later.caseId, 'staff:bob', 'mine first')).rejects.toMatchObject({
    code: 'CASE_NOT_CLOSED'
  })
  expect(await verifyAudit(runtime.db)).toMatchObject({
    ok: true,
    reopened: before.reopened + 1,
    cameBack: before.cameBack,
    problems: []
  })
  expect(await countReopened(runtime.db)).toEqual({
    staff: before.reopened + 1,
    message: before.cameBack
  })
})

test('a case that came back keeps the place of its follow-up in whatever line it is moved to', async () => {
  const { receipt, caseId } = await closed()
  const water = await stand(runtime, { to: town('water') })
  await stand(runtime, { tokens: [tokenFor(runtime, receipt)] })
  await take(runtime)
  await runtime.line.transfer(caseId, 'staff:ann', 'water', 'theirs')
  expect(await lineOf(runtime, 'water')).toEqual([water.caseId, caseId])
  await take(runtime, 'staff:wes', 'water')
  await take(runtime, 'staff:wes', 'water')
  await runtime.line.transfer(caseId, 'staff:wes', 'parks', 'no, yours')
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, problems: [] })
  await emptyLine(runtime, 'water')
})

test("two follow-ups in one set reopen it once, at the earlier one's place", async () => {
  const { receipt, caseId } = await closed()
  const replies = [
    await bringIn(runtime, { tokens: [tokenFor(runtime, receipt)] }),
    await bringIn(runtime, { tokens: [tokenFor(runtime, receipt)] })
  ]
  await settlerOf(runtime).settle(replies.map(({ contactId }) => contactId).toReversed())
  const events = await runtime.db
    .selectFrom('events')
    .select('data')
    .where('case_id', '=', caseId)
    .where('kind', '=', 'case.reopened')
    .execute()
  expect(events).toMatchObject([
    { data: { followUp: replies[0]!.contactId, ordinal: replies[0]!.ordinal } }
  ])
})

test("follow-ups that are settled at the same time do not get in each other's way", async () => {
  const failures: unknown[] = []
  const log = {
    ...runtime.log,
    warn: (...what: unknown[]) => failures.push(what),
    error: (...what: unknown[]) => failures.push(what)
  } as unknown as typeof runtime.log
  for (let round = 0; round < 4; round += 1) {
    const { receipt } = await closed()
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => bringIn(runtime, { tokens: [tokenFor(runtime, receipt)] }))
    )
    await Promise.all(
      replies.map(({ contactId }) => settlerOf(runtime, { log }).settle([contactId]))
    )
  }
  expect(failures).toEqual([])
})

describe('a token that we did not sign', () => {
  test.each([
    ['a receipt without a signature', (receipt: string) => receipt],
    [
      'a receipt with a made-up signature',
      (receipt: string) => `${receipt.replaceAll('-', '').toLowerCase()}.aaaaaaaaaaaaaaaa`
    ],
    [
      "another receipt's signature",
      (receipt: string, other: string) =>
        `${receipt.replaceAll('-', '').toLowerCase()}.${other.split('.')[1]}`
    ],
    [
      'a signature of other letters than ours',
      (receipt: string) => `${receipt.replaceAll('-', '').toLowerCase()}.${'é'.repeat(16)}`
    ],
    ['nothing', () => ''],
    ['a very long text', () => `${'a'.repeat(100_000)}.${'b'.repeat(100_000)}`]
  ])('leads nowhere: %s', async (_, forge) => {
    const { receipt } = await stand(runtime)
    const other = tokenFor(runtime, (await stand(runtime)).receipt)
    const forged = await stand(runtime, { tokens: [forge(receipt, other)] })
    const row = await contactRow(runtime, forged.contactId)
    expect(row).toMatchObject({ state: 'settled', outcome: 'case' })
    expect(row.trail[0]).toMatchObject({
      step: 'thread',
      verdict: 'stands alone',
      reason:
        'it says that it answers a message of ours, but that one is not ours or leads to no case'
    })
  })
})

describe('what a machine sent', () => {
  test('an automatic answer with our token is attached and reopens nothing', async () => {
    const { receipt, caseId } = await closed()
    const answer = await stand(runtime, {
      kind: 'auto-reply',
      tokens: [tokenFor(runtime, receipt)]
    })
    expect(await contactRow(runtime, answer.contactId)).toMatchObject({
      outcome: 'auto-reply',
      case_id: caseId
    })
    expect(await stateOf(caseId)).toBe('closed')
    expect(
      await runtime.db
        .selectFrom('outbound')
        .select('id')
        .where('contact_id', '=', answer.contactId)
        .execute()
    ).toEqual([])
  })

  test('one without a token is set aside, opens no case and is still there', async () => {
    const answer = await stand(runtime, { kind: 'auto-reply' })
    expect(await contactRow(runtime, answer.contactId)).toMatchObject({
      state: 'settled',
      outcome: 'auto-reply',
      case_id: null
    })
    expect(
      await runtime.db
        .selectFrom('events')
        .select('kind')
        .where('contact_id', '=', answer.contactId)
        .orderBy('id')
        .execute()
    ).toEqual([{ kind: 'contact.accepted' }, { kind: 'contact.set-aside' }])
  })

  test('a complaint about mail of ours that names none of them is a case, and others are none', async () => {
    const complain = (outcome: string, answers: string[] = []) =>
      stand(runtime, {
        kind: 'bounce',
        text: `A user complained. ${randomUUID()}`,
        evidence: { report: { outcome, answers } }
      })
    const outcomeOf = async ({ contactId }: { contactId: string }) =>
      (await contactRow(runtime, contactId)).outcome
    expect(await outcomeOf(await complain('complaint'))).toBe('case')
    expect(await outcomeOf(await complain('failed'))).toBe('bounce')
    expect(await outcomeOf(await complain('complaint', [randomUUID()]))).toBe('bounce')
  })

  test('a bounce of our acknowledgement says that the resident has not heard from us', async () => {
    const { contactId, receipt, caseId } = await closed()
    await runtime.db
      .updateTable('outbound')
      .set({ state: 'sent' })
      .where('contact_id', '=', contactId)
      .execute()
    const bounce = await stand(runtime, { kind: 'bounce', tokens: [tokenFor(runtime, receipt)] })
    expect(await contactRow(runtime, bounce.contactId)).toMatchObject({
      outcome: 'bounce',
      case_id: caseId
    })
    expect(
      await runtime.db
        .selectFrom('outbound')
        .select(['state', 'reason'])
        .where('contact_id', '=', contactId)
        .execute()
    ).toEqual([{ state: 'undeliverable', reason: 'it bounced' }])
    expect(await stateOf(caseId)).toBe('closed')
  })
})
