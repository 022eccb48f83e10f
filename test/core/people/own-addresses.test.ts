/** The agency itself is nobody on record: neither its accounts nor its domains. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { lookAtDue } from '../../../core/people/looks.ts'
import { decideOriginator } from '../../../core/people/originator.ts'
import { ownAddresses } from '../../../core/people/own-addresses.ts'
import { openRecognition } from '../../../core/people/recognition.ts'
import { contactRow, stand } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { makeStaff } from '../../helpers/staff.ts'

describe('an address is ours', () => {
  const ours = (email: string, mailboxes: string[] = []) =>
    ownAddresses(
      {
        departments: { agency: { email } },
        mailboxes: mailboxes.map((address) => ({ address }))
      } as unknown as Parameters<typeof ownAddresses>[0],
      ['Bea@Gmail.com']
    )

  test('by its account, by its domain, and by one below it', () => {
    const isOwn = ours('hello@Town.example', ['permits@county.example'])
    for (const own of ['bea@gmail.com', 'X@town.example', 'y@parks.town.example'])
      expect([own, isOwn(own)]).toEqual([own, true])
    expect(isOwn('z@county.example')).toBe(true)
    for (const other of ['ann@gmail.com', 'x@mytown.example', 'x@example', ''])
      expect([other, isOwn(other)]).toEqual([other, false])
  })

  test('and not by a domain at which anybody has one', () => {
    const isOwn = ours('willowcreektown@gmail.com')
    expect([isOwn('WillowcreekTown@gmail.com'), isOwn('ann@gmail.com')]).toEqual([true, false])
  })
})

describe('a mail that a colleague passed on', () => {
  let runtime: TestRuntime
  beforeAll(async () => {
    runtime = await createTestRuntime()
  })
  afterAll(() => runtime.remove())

  const linked = async (contactId: string) =>
    (
      await sql<{ verdict: string }>`select verdict from constituent_links
        where contact_id = ${contactId} and unlinked_at is null`.execute(runtime.db)
    ).rows.map(({ verdict }) => verdict)
  const look = () =>
    lookAtDue({ db: runtime.db, log: runtime.log, recognition: openRecognition(runtime) })
  const passedOn = (email: string) =>
    stand(runtime, {
      text: `Fwd: the light. ${crypto.randomUUID()}`,
      sender: { name: 'Max Miller', emails: [email], phones: ['217-555-0199'] },
      evidence: {
        originator: { name: 'Ana Ruiz', email: `ana-${crypto.randomUUID()}@oak.example` }
      }
    })

  test('puts nobody on record but its writer, once a person said who that is', async () => {
    const { email } = await makeStaff(runtime, 'agent', ['parks'])
    for (const address of [email, 'max@willowcreek.example']) {
      const { contactId } = await passedOn(address)
      expect(await linked(contactId)).toEqual([])
      expect((await contactRow(runtime, contactId)).trail).toContainEqual(
        expect.objectContaining({
          step: 'match',
          reason: 'it gives an address of the agency itself'
        })
      )
      await decideOriginator(runtime.db, contactId, 'accepted', 'staff:ann')
      await look()
      expect(await linked(contactId)).toEqual(['new'])
      await decideOriginator(runtime.db, contactId, 'taken-back', 'staff:ann')
      await look()
      expect(await linked(contactId)).toEqual([])
    }
  })

  test('by somebody else puts them on record, as ever', async () => {
    const { contactId } = await passedOn('max@neighbours.example')
    expect(await linked(contactId)).toEqual(['new'])
  })
})
