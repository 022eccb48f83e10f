import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readNotice } from '../../../core/outbox/mail-delivery.ts'
import { bringIn, settlerOf, stand, tokenFor } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

/** A contact whose receipt went out, and reports that come in about it, one after the other. */
async function reported(...outcomes: string[]) {
  return told(outcomes.map((outcome) => ({ outcome })))
}

async function told(reports: readonly { outcome: string; lasting?: boolean }[]) {
  const { contactId, receipt } = await stand(runtime)
  await runtime.db
    .updateTable('outbound')
    .set({ state: 'sent' })
    .where('contact_id', '=', contactId)
    .execute()
  for (const said of reports) {
    const { contactId: report } = await bringIn(runtime, {
      kind: 'bounce',
      tokens: [tokenFor(runtime, receipt)],
      evidence: { report: { ...said, answers: [], status: '4.4.1' } }
    })
    await settlerOf(runtime).settle([report])
  }
  const { state, delivery, reason } = await runtime.db
    .selectFrom('outbound')
    .select(['state', 'delivery', 'reason'])
    .where('contact_id', '=', contactId)
    .executeTakeFirstOrThrow()
  const events = await runtime.db
    .selectFrom('events')
    .select(['kind', 'data'])
    .where('contact_id', '=', contactId)
    .where('kind', 'like', 'receipt.%')
    .orderBy('id')
    .execute()
  return { state, delivery, reason, events }
}

test.each(['delayed', 'delivered', 'relayed', 'expanded', 'read', 'deleted', 'complaint'])(
  'a report of "%s" leaves the receipt sent, and is noted on it and in the ledger',
  async (outcome) => {
    expect(await reported(outcome)).toEqual({
      state: 'sent',
      delivery: outcome,
      reason: null,
      events: [{ kind: `receipt.${outcome}`, data: { status: '4.4.1' } }]
    })
  }
)

test('a failure means that the person was not told', async () => {
  expect(await reported('delayed', 'failed')).toMatchObject({
    state: 'undeliverable',
    delivery: 'failed',
    reason: 'it bounced',
    events: [
      { kind: 'receipt.delayed' },
      { kind: 'receipt.not-sent', data: { reason: 'it bounced', status: '4.4.1' } }
    ]
  })
})

test.each([
  [true, 'it bounced: this address takes no mail'],
  [false, 'it bounced, but the address may be right']
])('a failure says whether the address is no good: %s', async (lasting, reason) => {
  expect(await told([{ outcome: 'failed', lasting }])).toMatchObject({ reason })
})

test('a report that comes late, or twice, takes nothing back', async () => {
  expect(await reported('delivered', 'delayed', 'delivered')).toMatchObject({
    state: 'sent',
    delivery: 'delivered',
    events: [{ kind: 'receipt.delivered' }]
  })
  expect(await reported('unknown')).toMatchObject({ state: 'sent', delivery: null, events: [] })
})

test('a report read by an earlier version means a failure, as it did then', () => {
  expect(readNotice(undefined)).toEqual({ outcome: 'failed', answers: [] })
})
