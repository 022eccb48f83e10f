import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import {
  findCaseId,
  findContactId,
  findDone,
  viewContact,
  viewEvents
} from '../../../core/contacts/find.ts'
import { envelopeSchema } from '../../../core/envelope.ts'
import { newReceipt } from '../../../core/contacts/receipts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, stand, take, town } from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

test('a contact is found by its receipt and by its id, its case by either and by its own', async () => {
  const { contactId, receipt, caseId } = await stand(runtime)
  for (const typed of [receipt, receipt.toLowerCase(), contactId])
    expect(await findContactId(runtime.db, typed)).toBe(contactId)
  for (const typed of [receipt, caseId]) expect(await findCaseId(runtime.db, typed)).toBe(caseId)
})

test.each([newReceipt(), randomUUID(), 'nonsense', '', '\u0000', '%', 'x'.repeat(100_000)])(
  'what is not there is not found (%#)',
  async (typed) => {
    await expect(findContactId(runtime.db, typed)).rejects.toMatchObject({
      code: 'RECEIPT_UNKNOWN'
    })
    await expect(findCaseId(runtime.db, typed)).rejects.toMatchObject({ code: 'CASE_UNKNOWN' })
  }
)

test('a contact that stands in no line yet has no case', async () => {
  const { receipt } = await bringIn(runtime)
  await expect(findCaseId(runtime.db, receipt)).rejects.toMatchObject({ code: 'CASE_UNKNOWN' })
})

describe('a contact as it stands', () => {
  test('has a place in each of its lines, an envelope of the published shape and its trail', async () => {
    const { contactId, receipt } = await stand(runtime, { to: town('clerk', 'housing') })
    const view = await viewContact(runtime.db, contactId)
    expect(view).toMatchObject({
      receipt,
      outcome: 'case',
      place: 1,
      cases: [
        { place: 1, state: 'waiting' },
        { place: 1, state: 'waiting' }
      ]
    })
    expect(view.cases.map(({ department }) => department).toSorted()).toEqual(['clerk', 'housing'])
    expect(envelopeSchema.safeParse(view.envelope).success).toBe(true)
    expect(view.trail.map(({ step }) => step)).toEqual([
      'thread',
      'match',
      'deduplicate',
      'route',
      'route'
    ])
  })

  test('before it is read has neither', async () => {
    const { contactId } = await runtime.acceptor.accept({
      channel: 'api',
      source: 'test',
      bytes: Buffer.from('x'),
      mediaType: 'text/plain',
      evidence: {}
    })
    expect(await viewContact(runtime.db, contactId)).toMatchObject({
      outcome: undefined,
      department: undefined,
      place: undefined,
      envelope: undefined,
      trail: [],
      cases: []
    })
  })

  test('that is not there is unknown', async () => {
    await expect(viewContact(runtime.db, randomUUID())).rejects.toMatchObject({
      code: 'RECEIPT_UNKNOWN'
    })
  })
})

test('its events tell what happened, in order, and nothing of other contacts', async () => {
  await stand(runtime, { to: town('permits') })
  const { contactId, caseId } = await stand(runtime, { to: town('permits') })
  for (const done of ['returned', 'closed']) {
    const taken = await take(runtime, 'staff:ann', 'permits')
    if (taken!.caseId !== caseId) await runtime.line.close(taken!.caseId, 'staff:ann', done)
  }
  await runtime.line.close(caseId, 'staff:ann', 'answered')
  const events = await viewEvents(runtime.db, contactId, caseId)
  expect(events.map(({ kind }) => kind)).toEqual([
    'contact.accepted',
    'case.entered',
    'case.taken',
    'case.closed'
  ])
  expect(events.at(-1)).toMatchObject({
    department: 'permits',
    actor: 'staff:ann',
    data: { outcome: 'answered' }
  })
})

test('done are those that are settled or wait for a person', async () => {
  const [settled, read] = [await stand(runtime), await bringIn(runtime)]
  expect(await findDone(runtime.db, [settled.contactId, read.contactId, randomUUID()])).toEqual(
    new Set([settled.contactId])
  )
  expect(await findDone(runtime.db, [])).toEqual(new Set())
})
