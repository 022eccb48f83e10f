import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { ReplyWay } from '../../../core/outbox/reply-message.ts'
import { readAnswers } from '../../../core/verification/answers.ts'
import { newId } from '../../../platform/ids.ts'
import { stand, type Stood } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
let own: Stood
beforeAll(async () => {
  runtime = await createTestRuntime()
  own = await stand(runtime)
})
afterAll(() => runtime.remove())

/** Another message on the same case, to whose sender an answer was sent. */
async function answerAnother(way: ReplyWay, address: string, text: string): Promise<void> {
  const { db } = runtime
  const other = await stand(runtime)
  await db
    .insertInto('case_contacts')
    .values({
      case_id: own.caseId!,
      contact_id: other.contactId,
      role: 'follow-up',
      reason: 'a test'
    })
    .execute()
  const id = newId()
  await db
    .insertInto('answers')
    .values({
      id,
      campaign_id: null,
      case_id: own.caseId!,
      contact_id: other.contactId,
      way,
      address,
      name: null,
      language: 'en',
      subject: null,
      text,
      written_by: 'staff:ann',
      decided_by: null,
      decided_at: null
    })
    .execute()
  await db
    .insertInto('outbound')
    .values({
      id: newId(),
      contact_id: other.contactId,
      kind: `answer:${id}`,
      state: 'sent',
      sent_at: new Date()
    })
    .execute()
}

/** What whoever proved an address reads at the first message. */
async function readBy(way: 'mail' | 'text', address: string): Promise<string[]> {
  const id = newId()
  await runtime.db
    .insertInto('address_proofs')
    .values({
      id,
      contact_id: own.contactId,
      purpose: 'answer',
      way,
      address,
      address_hash: 'x',
      own: true,
      language: 'en',
      expires_at: new Date(),
      proved_at: new Date(),
      told_event: null,
      stopped_at: null
    })
    .execute()
  return (await readAnswers(runtime.db, own.contactId, id))!.map(({ text }) => text)
}

test('an answer to another message of the case is read by who proved the very address it went to', async () => {
  await answerAnother('text', '+4915125550142', 'to a number in Germany')
  await answerAnother('mail', 'Rosa@People.example', 'to a mailbox')
  expect(await readBy('text', '+4915125550142')).toEqual(['to a number in Germany'])
  // The last nine digits are the same, the number is another's.
  expect(await readBy('text', '+12125550142')).toEqual([])
  expect(await readBy('mail', 'rosa@people.example')).toEqual(['to a mailbox'])
  expect(await readBy('mail', 'rosa@people.example.org')).toEqual([])
})

test('the words of a call, or a letter to an address that reads like a number, are nobody’s', async () => {
  await answerAnother('call', '+12125550199', 'what to say')
  await answerAnother('letter', '+12125550199', 'a letter')
  expect(await readBy('text', '+12125550199')).toEqual([])
})
