import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import {
  bringIn,
  casesOf,
  contactRow,
  lineOf,
  readByHand,
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

test('a contact becomes a case in the line of its rule, at its arrival, with rule and version in the trail', async () => {
  const { contactId, receipt } = await stand(runtime, {
    to: town('water'),
    channel: 'phone',
    language: 'es'
  })
  const contact = await contactRow(runtime, contactId)
  expect(contact).toMatchObject({ state: 'settled', outcome: 'case', quarantine_code: null })
  expect(await casesOf(runtime, contactId)).toEqual([
    expect.objectContaining({
      id: contact.case_id,
      department: 'water',
      state: 'waiting',
      receipt,
      channel: 'phone',
      language: 'es',
      arrived_at: contact.arrived_at,
      ordinal: contact.ordinal
    })
  ])
  expect(contact.trail).toEqual([
    {
      step: 'thread',
      verdict: 'stands alone',
      reason: 'it answers no message of ours',
      evidence: {}
    },
    {
      step: 'match',
      verdict: 'anonymous',
      reason: 'nothing says who it is',
      evidence: { role: 'sender' }
    },
    { step: 'deduplicate', verdict: 'new', reason: 'nothing says the same', evidence: {} },
    {
      step: 'route',
      verdict: 'water',
      reason: 'rule "mailbox-water" matched',
      evidence: { recipient: 'water@willowcreek.example', rule: 'mailbox-water', version: '1' }
    }
  ])
})

test('its entry is in the ledger with the arrival to the microsecond', async () => {
  const { contactId, caseId } = await stand(runtime)
  const events = await runtime.db
    .selectFrom('events')
    .select(['kind', 'department', 'case_id', 'actor', 'data'])
    .where('contact_id', '=', contactId)
    .orderBy('id')
    .execute()
  expect(events.map(({ kind }) => kind)).toEqual(['contact.accepted', 'case.entered'])
  const { arrivedAt, ordinal } = events[0]!.data
  expect(events[1]).toEqual({
    kind: 'case.entered',
    department: 'parks',
    case_id: caseId,
    actor: 'system:settle',
    data: { arrivedAt, ordinal, said: expect.stringMatching(/^[0-9a-f]{32}$/) }
  })
})

test('what no rule claims goes to general intake, never nowhere', async () => {
  const { contactId } = await stand(runtime, {
    to: ['somebody@willowcreek.example'],
    text: 'the moon is too bright'
  })
  expect(await casesOf(runtime, contactId)).toMatchObject([{ department: 'general' }])
  expect((await contactRow(runtime, contactId)).trail.at(-1)).toEqual({
    step: 'route',
    verdict: 'general',
    reason: 'no rule matched, so general intake',
    evidence: { version: '1' }
  })
})

test('a mail to two departments is one contact with a case in each line', async () => {
  const { contactId } = await stand(runtime, { to: town('parks', 'water') })
  expect((await casesOf(runtime, contactId)).map(({ department }) => department)).toEqual([
    'parks',
    'water'
  ])
  expect(
    (await contactRow(runtime, contactId)).trail
      .filter(({ step }) => step === 'route')
      .map(({ verdict }) => verdict)
  ).toEqual(['parks', 'water'])
  expect(
    await runtime.db
      .selectFrom('outbound')
      .select('kind')
      .where('contact_id', '=', contactId)
      .execute()
  ).toHaveLength(1)
})

test('a contact that was read late stands before those that arrived after it', async () => {
  const slow = await bringIn(runtime, { to: town('clerk') })
  const fast = await stand(runtime, { to: town('clerk') })
  await readByHand(runtime, slow.contactId, { to: town('clerk') })
  await settlerOf(runtime).settle([slow.contactId])
  expect((await take(runtime, 'staff:ann', 'clerk'))?.receipt).toBe(slow.receipt)
  expect(await lineOf(runtime, 'clerk')).toEqual([fast.caseId])
})

test('settling again changes nothing', async () => {
  const { contactId } = await stand(runtime, { to: town('housing') })
  const everything = async () => ({
    contact: await contactRow(runtime, contactId),
    cases: await casesOf(runtime, contactId),
    links: await runtime.db
      .selectFrom('case_contacts')
      .selectAll()
      .where('contact_id', '=', contactId)
      .execute(),
    events: await runtime.db
      .selectFrom('events')
      .selectAll()
      .where('contact_id', '=', contactId)
      .execute(),
    outbound: await runtime.db
      .selectFrom('outbound')
      .selectAll()
      .where('contact_id', '=', contactId)
      .execute()
  })
  const before = await everything()
  await settlerOf(runtime).settle([contactId])
  await settlerOf(runtime).settle([contactId, contactId])
  expect(await everything()).toEqual(before)
})

test('two settlers at once settle each contact once', async () => {
  const ids = (
    await Promise.all(Array.from({ length: 30 }, () => bringIn(runtime, { to: town('permits') })))
  ).map(({ contactId }) => contactId)
  await Promise.all([ids, ids.toReversed(), ids].map((set) => settlerOf(runtime).settle(set)))
  expect(await lineOf(runtime, 'permits')).toHaveLength(30)
  expect(
    await runtime.db
      .selectFrom('contacts')
      .select('id')
      .where('id', 'in', ids)
      .where('state', '=', 'settled')
      .execute()
  ).toHaveLength(30)
})

test('after the commit it says which cases entered and who is owed an acknowledgement', async () => {
  const { contactId } = await bringIn(runtime, { to: town('parks', 'water') })
  const heard: unknown[] = []
  await settlerOf(runtime, {
    onSettled: (entered, acknowledge) => heard.push({ entered, acknowledge })
  }).settle([contactId])
  const cases = await casesOf(runtime, contactId)
  expect(heard).toEqual([
    {
      entered: cases.map(({ id, department }) => ({ caseId: id, department })),
      acknowledge: [contactId]
    }
  ])
})

test('contacts that wait come along in one set, but for one that failed before', async () => {
  const waiting = await Promise.all(Array.from({ length: 4 }, () => bringIn(runtime)))
  await runtime.db
    .updateTable('contacts')
    .set({ attempts: 1 })
    .where('id', '=', waiting[3]!.contactId)
    .execute()
  await settlerOf(runtime, { fill: 10 }).settle([waiting[0]!.contactId])
  const states = await Promise.all(
    waiting.map(async ({ contactId }) => (await contactRow(runtime, contactId)).state)
  )
  expect(states).toEqual(['settled', 'settled', 'settled', 'read'])
  await settlerOf(runtime).settle([waiting[3]!.contactId])
})
