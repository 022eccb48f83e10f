/**
 * With everything else equal, changing the person changes links and nothing else: the same contacts
 * are settled twice, as different people each time, and stand in the same lines at the same places,
 * in the same state, with the same owed to their senders.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { viewStatus } from '../../core/contacts/resident-status.ts'
import { bringIn, settlerOf, town, type Mail } from '../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const texts = [
  'The swing behind the library on Maple Avenue is broken and its chain has a sharp end where small children play every afternoon.',
  "Brown water has come out of our kitchen tap since Tuesday morning and it smells of iron, as it does at all the neighbours' houses.",
  'My landlord has given me until Friday to leave although the rent is paid, and I have two children in the elementary school.',
  'A large branch has fallen across the bicycle path near the river and everyone has to ride on the road around it.',
  'The recycling truck has not come to Cedar Court for three weeks now, and the bins are full and draw raccoons at night.',
  "I would like to know what permit I need for a fence of six feet between my garden and the school's parking lot."
]
const persons: NonNullable<Mail['sender']>[] = [
  {},
  { name: 'Jane Roe', emails: ['jane.roe@mail.example'], phones: ['(217) 555-0142'] },
  { name: 'Jane Roe', emails: ['jane.roe@mail.example'] },
  { emails: ['jane.roe@mail.example'] },
  { name: 'The Mayor', emails: ['mayor@willowcreek.example'], phones: ['(217) 555-0100'] },
  {
    name: 'Acme Holdings Inc.',
    emails: ['ceo@acme.example'],
    addresses: ['1 Acme Plaza, Springfield, IL 62701']
  },
  {
    name: '王小明',
    phones: ['(217) 555-0199'],
    addresses: ['9 Oak Street, Springfield, IL 62704']
  },
  { phones: ['(217) 555-0142'] }
]

const contactArbitrary = fc.record({
  to: fc.constantFrom('parks', 'water', 'hello'),
  channel: fc.constantFrom('email' as const, 'web' as const, 'fax' as const, 'counter' as const)
})
const personArbitrary = fc.constantFrom(...persons)

/** Everything a contact became, but for who it is linked to. */
async function become(mails: readonly Mail[]): Promise<unknown[]> {
  await sql`truncate contacts, cases, case_contacts, case_links, outbound, duplicate_contacts,
      duplicate_keys, campaigns, campaign_members, constituents, constituent_keys cascade`.execute(
    runtime.db
  )
  const accepted = []
  for (const mail of mails)
    accepted.push(await bringIn(runtime, { ...mail, raw: { externalId: randomUUID() } }))
  await settlerOf(runtime).settle(accepted.map(({ contactId }) => contactId))
  const seen = []
  for (const { contactId, receipt } of accepted) {
    const contact = await runtime.db
      .selectFrom('contacts')
      .select(['state', 'outcome', 'trail'])
      .where('id', '=', contactId)
      .executeTakeFirstOrThrow()
    const cases = await runtime.db
      .selectFrom('cases')
      .select(['department', 'state', 'channel', 'language'])
      .where('contact_id', '=', contactId)
      .orderBy('department')
      .execute()
    const messages = await runtime.db
      .selectFrom('outbound')
      .select(['kind', 'state'])
      .where('contact_id', '=', contactId)
      .execute()
    const status = await viewStatus(runtime.db, runtime.agency(), receipt)
    const trail = contact.trail.filter(({ step }) => step !== 'match')
    seen.push({
      state: contact.state,
      outcome: contact.outcome,
      trail,
      cases,
      messages,
      place: status?.place,
      shown: status?.state
    })
  }
  return seen
}

test('whoever they are, contacts become the same', async () => {
  let links = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(contactArbitrary, personArbitrary, personArbitrary), {
        minLength: 1,
        maxLength: texts.length
      }),
      async (rows) => {
        const mails = rows.map(([{ to, channel }], n): Mail => ({
          to: town(to),
          channel,
          text: texts[n]!
        }))
        const first = await become(mails.map((mail, n) => ({ ...mail, sender: rows[n]![1] })))
        links += await countLinks()
        expect(await become(mails.map((mail, n) => ({ ...mail, sender: rows[n]![2] })))).toEqual(
          first
        )
      }
    ),
    { numRuns: 20 }
  )
  // It would prove nothing if nobody had been recognised.
  expect(links).toBeGreaterThan(0)
})

async function countLinks(): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*) from constituent_links`.execute(
    runtime.db
  )
  return Number(rows[0]!.count)
}
