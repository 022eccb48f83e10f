import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { EvenhandError } from '../../../platform/errors.ts'
import { sql } from 'kysely'
import { closeAtDesk, closeCase, type Closing } from '../../../core/cases/closing.ts'
import { appendEvents } from '../../../core/ledger/append.ts'
import { waitModel, waitOf } from '../../../core/estimate/wait.ts'
import { viewCaseNow } from '../../../core/line/view.ts'
import { enqueueRows } from '../../../core/outbox/enqueue.ts'
import { newId } from '../../../platform/ids.ts'
import { quarantine } from '../../../core/contacts/quarantine.ts'
import { newReceipt } from '../../../core/contacts/receipts.ts'
import { viewStatus } from '../../../core/contacts/resident-status.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, emptyLine, stand, standMany, take, tokenFor } from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const status = (receipt: string) => viewStatus(runtime.db, runtime.agency(), receipt)

/** An answer on its way, as replies and campaigns owe it. */
async function enqueueAnswer(caseId: string, contactId: string): Promise<string> {
  const answer = newId()
  await enqueueRows(sql`select ${contactId}::uuid, ${`answer:${answer}`}::text`).execute(runtime.db)
  await appendEvents(runtime.db, [
    { kind: 'case.answered', caseId, contactId, actor: 'staff:ann', data: { answer } }
  ])
  return answer
}

async function setAnswer(answer: string, state: 'sent' | 'undeliverable'): Promise<void> {
  await sql`update outbound set state = ${state} where kind = ${`answer:${answer}`}`.execute(
    runtime.db
  )
}

describe('a receipt shows', () => {
  test('that the contact was received', async () => {
    const { receipt, arrivedAt } = await bringIn(runtime)
    expect(await status(receipt)).toEqual({
      state: 'received',
      departmentName: {},
      arrivedAt,
      updatedAt: expect.any(Date)
    })
  })

  test('that a person looks at it', async () => {
    const { receipt, contactId } = await bringIn(runtime)
    await quarantine(runtime.db, contactId, 'read', new EvenhandError('READ_TIMEOUT'))
    expect(await status(receipt)).toMatchObject({ state: 'in-review' })
  })

  test('department and place while it waits, then that it is being served, returned, closed, reopened, handed off', async () => {
    await emptyLine(runtime)
    await stand(runtime)
    const { receipt, caseId } = await stand(runtime)
    expect(await status(receipt)).toMatchObject({
      state: 'waiting',
      place: 2,
      departmentName: { en: 'Parks and Recreation', es: 'Parques y recreación' }
    })
    await take(runtime)
    expect(await status(receipt)).toMatchObject({ state: 'waiting', place: 1 })
    await take(runtime)
    expect(await status(receipt)).not.toHaveProperty('place')
    expect(await status(receipt)).toMatchObject({ state: 'being-served' })
    await runtime.line.close(caseId, 'staff:ann', 'answered')
    expect(await status(receipt)).toMatchObject({ state: 'closed' })
    expect(await status(receipt)).not.toHaveProperty('outcome')
    await runtime.line.reopen(caseId, 'staff:ann', 'again')
    expect(await status(receipt)).toMatchObject({ state: 'waiting', place: 1 })
    await take(runtime)
    await runtime.line.handOff(caseId, 'staff:ann', 'county', 'theirs')
    expect(await status(receipt)).toMatchObject({ state: 'handed-off' })
  })

  test('the public outcome of its department, and "answered" only while an answer is sent', async () => {
    await emptyLine(runtime)
    const { receipt, caseId, contactId } = await stand(runtime)
    const close = (closing: Closing) => closeCase(runtime, caseId, 'staff:ann', closing)
    await take(runtime)
    await expect(close({ outcomeId: 'repaired' })).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN'
    })
    await expect(close({ outcomeId: 'reply-sent' })).rejects.toMatchObject({
      code: 'OUTCOME_NOT_ANSWERED'
    })
    await expect(
      closeAtDesk(runtime, caseId, 'staff:ann', { words: 'done' })
    ).rejects.toMatchObject({ code: 'CLOSING_REASON_REQUIRED' })
    await close({ outcomeId: 'done' })
    expect(await status(receipt)).toMatchObject({
      state: 'closed',
      outcome: { en: 'What you asked for is done.', es: 'Lo que pidió está hecho.' }
    })
    expect(await viewCaseNow(runtime.db, caseId)).toMatchObject({
      outcome: 'What you asked for is done.',
      outcomeId: 'done'
    })
    await runtime.line.reopen(caseId, 'staff:ann', 'not quite')
    await take(runtime)
    const answer = await enqueueAnswer(caseId, contactId)
    await expect(close({ outcomeId: 'reply-sent' })).rejects.toMatchObject({
      code: 'OUTCOME_NOT_ANSWERED'
    })
    await close({ outcomeId: 'reply-sent', answer })
    expect(await status(receipt)).toMatchObject({ state: 'closed' })
    await setAnswer(answer, 'sent')
    expect(await status(receipt)).toMatchObject({
      state: 'answered',
      outcome: { en: 'We answered you.' }
    })
    await setAnswer(answer, 'undeliverable')
    expect(await status(receipt)).toMatchObject({ state: 'closed' })
    expect(await status(receipt)).not.toHaveProperty('outcome')
  })

  test('how long its place takes, once 20 takes are known', async () => {
    const days = { ...runtime.agency().departments, hours: undefined }
    const serveAll = async (count: number) => {
      await standMany(runtime, count, 'clerk')
      await emptyLine(runtime, 'clerk')
    }
    await serveAll(19)
    expect(await waitOf(runtime.db, days, 'clerk', 1)).toBeUndefined()
    await serveAll(3)
    await serveAll(3)
    const { takes, coverage } = await waitModel(runtime.db, days, 'clerk', Date.now() + 600_000)
    expect([takes.length, coverage.stated]).toEqual([25, 3])
    expect(await waitOf(runtime.db, days, 'clerk', 2)).toMatchObject({
      from: 0,
      of10: 8,
      unit: 'days'
    })
  })

  test('the new department after a transfer', async () => {
    await emptyLine(runtime)
    const { receipt, caseId } = await stand(runtime)
    await take(runtime)
    await runtime.line.transfer(caseId, 'staff:ann', 'water', '')
    expect(await status(receipt)).toMatchObject({
      state: 'waiting',
      departmentName: { en: 'Water and Sewer' }
    })
  })

  test('the case it joined, for a follow-up', async () => {
    await emptyLine(runtime)
    const { receipt } = await stand(runtime)
    const reply = await stand(runtime, { tokens: [tokenFor(runtime, receipt)] })
    expect(await status(reply.receipt)).toMatchObject({ state: 'waiting', place: 1 })
  })

  test('nothing of what was said or who said it', async () => {
    const { receipt } = await stand(runtime, {
      from: 'jane@mail.example',
      subject: 'my neighbour',
      text: 'John Doe drinks'
    })
    expect(JSON.stringify(await status(receipt))).not.toMatch(/jane|neighbour|John/)
  })
})

test.each([newReceipt(), '', 'nonsense', 'A'.repeat(100_000), '\u0000', "' or 1=1 --"])(
  'an unknown and a malformed receipt have the same answer (%#)',
  async (receipt) => {
    expect(await status(receipt)).toBeUndefined()
  }
)

test('a receipt may be typed as a person reads it', async () => {
  const { receipt } = await bringIn(runtime)
  expect(await status(` ${receipt.toLowerCase().replaceAll('-', ' ')} `)).toBeDefined()
})
