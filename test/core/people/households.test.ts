/**
 * People of one household: one mailbox, one telephone, one family name, and given names that are
 * alike.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { decideAmong, type MatchVerdict } from '../../../core/matching/candidates.ts'
import { nothingCarried } from '../../../core/matching/contact-fit.ts'
import { nicknameGroups } from '../../../core/matching/data/nicknames.ts'
import { startingModel } from '../../../core/matching/model.ts'
import { fold } from '../../../core/matching/normalise/text.ts'
import { protectPerson, type Protection } from '../../../core/matching/protect.ts'
import { linkReason } from '../../../core/people/trail-step.ts'
import { compareParties } from '../../../core/people/same-party.ts'
import { personOf } from '../../../core/people/sender.ts'
import { peopleOf } from '../../../core/people/view.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, casesOf, contactRow, settlerOf } from '../../helpers/contacts.ts'

const model = startingModel()
const plain: Protection = { kind: 'plain' }
const hashed: Protection = { kind: 'hashed', secret: Buffer.alloc(32, 7) }
const home = { emails: ['home@house.example'], phones: [] as string[], addresses: [] as string[] }
const everything = {
  ...home,
  phones: ['(217) 555-0142'],
  addresses: ['12 Oak Street, Springfield, IL 62704']
}

function person(name: string | undefined, shares = home, protection = plain) {
  return protectPerson(
    personOf({ ...shares, ...(name === undefined ? {} : { name }) }, 'US'),
    protection
  )
}

function decide(
  name: string | undefined,
  onRecord: readonly (string | undefined)[],
  shares = home,
  protection = plain
): MatchVerdict {
  const rows = onRecord.map((one, index) => ({
    id: String(index + 1),
    root: '1',
    comparable: person(one, shares, protection)
  }))
  return decideAmong(model, person(name, shares, protection), rows, { emails: true, phones: false })
}

function partyOf(a: string, b: string, shares = home, protection = plain) {
  const [one, other] = [a, b].map((name) => ({
    person: person(name, shares, protection),
    root: undefined,
    carried: nothingCarried
  }))
  return compareParties(model, one!, other!)
}

const pairs = [
  ['Juan Diaz', 'Juana Diaz'],
  ['Jose Lara', 'Josefa Lara'],
  ['Ana Ruiz', 'Ann Ruiz'],
  ['Sam Pell', 'Samantha Pell'],
  ['A. Finch', 'Adam Finch'],
  ['J. Weber', 'Jane Weber'],
  ['Mr Weber', 'Jane Weber'],
  ['Maria Elena Lopez', 'Maria Luisa Lopez'],
  ['Daniel Okoro', 'Danielle Okoro'],
  ['Pell, Sam', 'Samantha Pell'],
  ['María Lopez', 'Maria Elena Lopez'],
  ['Bob Alvarez', 'Robert Alvarez'],
  ['Elena Ruiz', 'Maria Elena Ruiz']
] as const

test.each(pairs)('%s and %s at one mailbox are suggested at most, and never one party', (a, b) => {
  for (const protection of [plain, hashed]) {
    for (const [x, y] of [
      [a, b],
      [b, a]
    ] as const) {
      expect(decide(x, [y], home, protection).kind).not.toBe('linked')
      expect(partyOf(x, y, home, protection)).not.toBe('same')
    }
  }
  expect(decide(a, [b]).kind).toBe('possible')
})

test.each(pairs.filter(([a]) => a !== 'María Lopez'))(
  '%s and %s who share telephone and house as well are no more one',
  (a, b) => {
    for (const protection of [plain, hashed]) {
      expect(decide(a, [b], everything, protection).kind).not.toBe('linked')
      expect(partyOf(a, b, everything, protection)).not.toBe('same')
    }
  }
)

test.each([
  ['Ana Ruiz', 'ANA RUIZ'],
  ['José Lara', 'Jose Lara'],
  ['Lara, José', 'Jose Lara'],
  ['Lara Jose', 'Jose Lara'],
  ['Maria Elena Ruiz', 'Elena Maria Ruiz'],
  ['Mary Ann Lee', 'Maryann Lee'],
  ['John Smith', 'John Q. Smith'],
  ['John Quincy Smith', 'John Q. Smith'],
  ['Dr. Ana Ruiz', 'Ana Ruiz'],
  ['Ana', 'Ana Ruiz']
])('%s and %s at one mailbox are one', (a, b) => {
  expect([decide(a, [b]).kind, decide(b, [a]).kind, partyOf(a, b)]).toEqual([
    'linked',
    'linked',
    'same'
  ])
})

const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz')
const given = fc.oneof(
  fc.constantFrom(
    ...nicknameGroups.flatMap((group) => group.split(' ')).filter((name) => name.length > 2)
  ),
  fc.array(letters, { minLength: 3, maxLength: 9 }).map((list) => list.join(''))
)
const edits = fc
  .tuple(fc.nat(), letters, fc.constantFrom('added', 'left out', 'changed'))
  .map(([seed, letter, how]) => (name: string) => {
    const at = seed % name.length
    return (
      name.slice(0, at) +
      (how === 'left out' ? '' : letter) +
      name.slice(how === 'added' ? at : at + 1)
    )
  })
const nicknames = fc.nat().map((seed) => (name: string) => {
  const forms = nicknameGroups
    .filter((group) => group.split(' ').includes(name))
    .flatMap((group) => group.split(' '))
  return forms[seed % forms.length] ?? name
})
const others = fc.oneof(
  edits,
  nicknames,
  fc.constant((name: string) => `${name[0]}.`),
  fc.constant((name: string) => `${name}a`)
)

test('however a given name is changed, who shares a mailbox, a telephone and a house is never linked', () => {
  fc.assert(
    fc.property(
      given,
      others,
      fc.constantFrom(home, everything),
      fc.constantFrom(plain, hashed),
      (name, change, shares, protection) => {
        const other = change(name)
        fc.pre(
          fold(other) !== name &&
            personOf({ ...home, name: `${other} Lindqvist` }, 'US').names[0]?.family ===
              'lindqvist' &&
            personOf({ ...home, name: `${name} Lindqvist` }, 'US').names[0]?.family === 'lindqvist'
        )
        const [a, b] = [`${name} Lindqvist`, `${other} Lindqvist`]
        expect([
          decide(a, [b], shares, protection).kind,
          decide(b, [a], shares, protection).kind
        ]).not.toContain('linked')
        expect(partyOf(a, b, shares, protection)).not.toBe('same')
      }
    ),
    { numRuns: 300 }
  )
})

test('a part of somebody without a name speaks for nobody of another name', () => {
  const shares = { ...home, phones: ['(217) 555-0142'] }
  expect(decide('Jane Weber', [undefined, 'Jane Weber'], shares).kind).toBe('linked')
  expect(decide('Peter Weber', [undefined, 'Jane Weber'], shares)).toMatchObject({
    kind: 'possible',
    candidates: [{ constituentId: '1' }]
  })
})

test('what is said to agree is equal, and what is alike is said to be alike', () => {
  const bars = [
    { field: 'email', level: 'same', bits: 15 },
    { field: 'family', level: 'a slip apart', bits: 6 },
    { field: 'given', level: 'same', bits: 6.5 },
    { field: 'phone', level: 'different', bits: -2 }
  ] as const
  expect(linkReason({ constituentId: '1', comparedWith: '1', bits: 20, waterfall: bars })).toBe(
    'agrees on email, given, is alike in family'
  )
})

describe('identical letters from one mailbox', () => {
  let runtime: TestRuntime
  beforeAll(async () => {
    runtime = await createTestRuntime()
  })
  beforeEach(() =>
    sql`truncate constituents, constituent_keys, mentions, mention_keys, looks_due,
        duplicate_contacts, duplicate_keys, case_links, campaigns, campaign_members
          cascade`.execute(runtime.db)
  )
  afterAll(() => runtime.remove())

  const letter =
    'Please repair the two swings behind the library in Maple Avenue. They have been broken since the storm in September, and a chain with a sharp end hangs where the children play.'
  const settle = async (name: string, n: number) => {
    const from = `family${n}@house${n}.example`
    const { contactId } = await bringIn(runtime, {
      text: `${letter} This is letter ${n}.`,
      from,
      sender: { name, emails: [from] },
      raw: { externalId: randomUUID() }
    })
    await settlerOf(runtime).settle([contactId])
    return contactId
  }

  test.each(pairs.slice(0, 6).map(([a, b], n) => [a, b, n] as const))(
    '%s and %s each keep their case',
    async (a, b, n) => {
      const [first, second] = [await settle(a, n), await settle(b, n)]
      expect(first).not.toBe(second)
      expect([await casesOf(runtime, first), await casesOf(runtime, second)]).toEqual([
        [expect.objectContaining({ state: 'waiting' })],
        [expect.objectContaining({ state: 'waiting' })]
      ])
      expect((await contactRow(runtime, second)).outcome).not.toBe('duplicate')
      expect((await peopleOf(runtime.db, [second])).map(({ verdict }) => verdict)).not.toContain(
        'linked'
      )
    }
  )

  test("one person's second copy joins the first", async () => {
    await settle('Juan Díaz', 90)
    expect(await contactRow(runtime, await settle('JUAN DIAZ', 90))).toMatchObject({
      outcome: 'duplicate'
    })
  })
})
