/**
 * An address that a mail came from, and a number that a text came from, were typed by nobody: one
 * letter or one digit off is somebody else, whatever their name and whatever their words. Nobody is
 * linked to them by machine, and nobody loses a case.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import {
  emailAddress,
  isRoleMailbox,
  mailboxOf,
  phoneDigits
} from '../../core/matching/normalise/identifiers.ts'
import { bringIn, settlerOf, type Mail } from '../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
/** Those of a run before are other people's. */
const clear = () =>
  sql`truncate contacts, cases, case_contacts, case_links, outbound, duplicate_contacts,
      duplicate_keys, campaigns, campaign_members, constituents, constituent_keys cascade`.execute(
    runtime.db
  )
beforeEach(clear)
afterAll(() => runtime.remove())

const letter =
  'Please keep the reading room of the Maple Avenue library open on Saturdays: it is the only quiet place with a free computer for our children, and the bus to the main library does not run at weekends.'

async function settle(mails: readonly Mail[], together: boolean): Promise<string[]> {
  const ids = []
  for (const mail of mails)
    ids.push(
      (await bringIn(runtime, { text: letter, raw: { externalId: randomUUID() }, ...mail }))
        .contactId
    )
  if (together) await settlerOf(runtime).settle(ids)
  else for (const id of ids) await settlerOf(runtime).settle([id])
  return ids
}

/** Who each contact is taken to be by machine, and how many cases wait. */
async function standing(
  ids: readonly string[]
): Promise<{ roots: (string | null)[]; cases: number }> {
  const { rows } = await sql<{ root: string | null }>`
    select (select coalesce(c.merged_into, c.id)::text from constituent_links link
      join constituents c on c.id = link.constituent_id
      where link.contact_id = given.id and link.role = 'sender' and link.verdict <> 'possible'
        and link.unlinked_at is null) as root
    from unnest(${ids}::uuid[]) with ordinality as given (id, n) order by n`.execute(runtime.db)
  const {
    rows: [count]
  } = await sql<{
    count: string
  }>`select count(*) from cases where contact_id = any(${ids}::uuid[])
      and state = 'waiting'`.execute(runtime.db)
  return { roots: rows.map(({ root }) => root), cases: Number(count!.count) }
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const nameArbitrary = fc.constantFrom(
  'John Smith',
  'Maria Lopez',
  'Rosa Diaz',
  'Ana de la Cruz',
  'Person',
  undefined
)
const mailboxArbitrary = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'johnsmith',
        'john.smith',
        'maria',
        'rosa.diaz',
        'person',
        'room',
        'mlopez',
        'quilter'
      ),
      fc.integer({ min: 0, max: 2100 })
    )
    .map(([word, number]) => `${word}${number}`),
  fc.constantFrom('johnsmith', 'j.smith', 'rosadiaz', 'grandma.ana', 'thelopezfamily')
)
const changeArbitrary = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  with: fc.constantFrom(...letters),
  how: fc.constantFrom('exchange', 'insert', 'drop', 'swap')
})

function changed(
  value: string,
  { at, with: other, how }: { at: number; with: string; how: string }
): string {
  const index = Math.floor(at * value.length)
  if (how === 'swap')
    return value.slice(0, index) + (value[index + 1] ?? '') + value[index]! + value.slice(index + 2)
  return (
    value.slice(0, index) +
    (how === 'drop' ? '' : other) +
    value.slice(how === 'insert' ? index : index + 1)
  )
}

describe('one character off is somebody else:', () => {
  test('the address a mail came from', async () => {
    await fc.assert(
      fc.asyncProperty(
        nameArbitrary,
        mailboxArbitrary,
        changeArbitrary,
        fc.constantFrom('mail.example', 'gmail.com'),
        fc.boolean(),
        async (name, mailbox, change, domain, together) => {
          const [one, other] = [`${mailbox}@${domain}`, `${changed(mailbox, change)}@${domain}`]
          fc.pre(
            emailAddress(other) !== '' &&
              mailboxOf(emailAddress(one)) !== mailboxOf(emailAddress(other))
          )
          await clear()
          const ids = await settle(
            [one, other].map((from) => ({ sender: { ...(name ? { name } : {}), emails: [from] } })),
            together
          )
          const {
            roots: [first, second],
            cases
          } = await standing(ids)
          expect({ one, other, cases, linked: first !== null && first === second }).toEqual({
            one,
            other,
            cases: 2,
            linked: false
          })
        }
      ),
      { numRuns: 60 }
    )
  })

  test('the number a text, a call or a fax came from, also with one name and one street', async () => {
    const channels = fc.constantFrom('sms' as const, 'phone' as const, 'fax' as const)
    const digitArbitrary = fc.record({
      at: fc.integer({ min: 3, max: 9 }),
      by: fc.integer({ min: 1, max: 9 })
    })
    await fc.assert(
      fc.asyncProperty(
        nameArbitrary,
        digitArbitrary,
        channels,
        fc.boolean(),
        fc.boolean(),
        async (name, { at, by }, channel, housed, together) => {
          const number = '2175550142'
          const other =
            number.slice(0, at) + String((Number(number[at]) + by) % 10) + number.slice(at + 1)
          fc.pre(phoneDigits(other) !== phoneDigits(number))
          const addresses = housed ? ['12 Oak Street, Springfield, IL 62704'] : []
          await clear()
          const ids = await settle(
            [number, other].map((phone) => ({
              channel,
              sender: { ...(name ? { name } : {}), phones: [`+1${phone}`], addresses }
            })),
            together
          )
          const {
            roots: [first, second],
            cases
          } = await standing(ids)
          expect({ other, cases, linked: first !== null && first === second }).toEqual({
            other,
            cases: 2,
            linked: false
          })
        }
      ),
      { numRuns: 40 }
    )
  })
})

describe('one letter from many numbered mailboxes', () => {
  test.each([
    ['without a name', undefined],
    ['under one name', () => 'Friends'],
    ['under numbered names', (n: number) => `Person ${n}`],
    [
      'each under a name of their own',
      (n: number) => `${['Ann', 'Bob', 'Carla', 'Dan', 'Eva', 'Finn'][n]} Poe`
    ]
  ] as [string, ((n: number) => string) | undefined][])(
    'is a campaign of as many cases, %s',
    async (_, nameOf) => {
      const ids = await settle(
        Array.from({ length: 6 }, (_, n) => ({
          sender: { ...(nameOf ? { name: nameOf(n) } : {}), emails: [`person${n}@mail.example`] }
        })),
        false
      )
      expect((await standing(ids)).cases).toBe(6)
      const { rows } = await sql<{
        members: string
      }>`select count(*) as members from campaign_members where contact_id = any(${ids}::uuid[])
          and left_at is null group by campaign_id`.execute(runtime.db)
      expect(rows).toEqual([{ members: '6' }])
    }
  )

  test.each([['web' as const], ['counter' as const], ['sms' as const]])(
    'is six cases also by %s',
    async (channel) => {
      const ids = await settle(
        Array.from({ length: 6 }, (_, n) => ({
          channel,
          sender:
            channel === 'sms'
              ? { phones: [`+1217555014${n}`] }
              : { emails: [`maria198${n}@mail.example`] }
        })),
        true
      )
      expect((await standing(ids)).cases).toBe(6)
    }
  )
})

test('tags of a mailbox whose provider says nothing of them may be other people: a relay writes as crm+1@, crm+2@', async () => {
  const ids = await settle(
    [1, 2, 3].map((n) => ({ sender: { name: 'Rosa Diaz', emails: [`crm+${n}@relay.example`] } })),
    false
  )
  const { roots, cases } = await standing(ids)
  const linked = roots.filter((root) => root !== null)
  expect([new Set(linked).size, cases]).toEqual([linked.length, 3])
})

describe('what is the same mailbox to its provider is one person:', () => {
  test.each([
    ['rosa.diaz@gmail.com', 'rosadiaz@googlemail.com'],
    ['rosa@gmail.com', 'rosa+city@gmail.com'],
    ['Rosa@Mail.Example', 'rosa@mail.example']
  ])('%s and %s', async (one, other) => {
    const {
      roots: [first, second]
    } = await standing(
      await settle(
        [one, other].map((from, n) => ({
          text: `${letter} ${n}`,
          sender: { name: 'Rosa Diaz', emails: [from] }
        })),
        false
      )
    )
    expect([first, second]).toEqual([expect.any(String), first])
  })
})

test.each([
  ['Local Union 12', 'Local Union 21'],
  ['Lincoln School', 'Lincoln School PTA']
])('%s and %s are two, also behind one switchboard', async (one, other) => {
  const {
    roots: [first, second],
    cases
  } = await standing(
    await settle(
      [one, other].map((name) => ({
        channel: 'web' as const,
        sender: { name, phones: ['(217) 555-0142'] }
      })),
      false
    )
  )
  expect([first !== null && first === second, cases]).toEqual([false, 2])
})

describe('a typed slip', () => {
  const known = {
    name: 'Rosa Diaz',
    emails: ['rosabloom@mail.example'],
    phones: ['(217) 555-0142'],
    addresses: []
  }
  const typed = (sender: Mail['sender']) =>
    settle(
      [
        { channel: 'web', sender: known, text: 'The swing is broken.' },
        { channel: 'web', ...(sender ? { sender } : {}), text: 'The slide is broken as well.' }
      ],
      false
    )

  test('is overlooked where two other things are equal', async () => {
    const {
      roots: [first, second]
    } = await standing(await typed({ ...known, emails: ['rosabloon@mail.example'] }))
    expect(second).toBe(first)
  })

  test('is no second proof beside a name', async () => {
    const {
      roots: [first, second]
    } = await standing(await typed({ ...known, emails: ['rosabloon@mail.example'], phones: [] }))
    expect(second).not.toBe(first)
  })
})

test.each(['info@', 'info2@', 'front-desk@', 'room12@', 'no.reply@', 'issue-report@'])(
  "%s is an office's",
  (local) => {
    expect(isRoleMailbox(`${local}clinic.example`)).toBe(true)
  }
)
test.each(['maria1984@', 'infante@', 'john.office.smith@'])("%s is a person's", (local) => {
  expect(isRoleMailbox(`${local}mail.example`)).toBe(false)
})
