import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { importRows } from '../../../core/matching/register.ts'
import { partySchema } from '../../../core/envelope.ts'
import { personOf, shownOf } from '../../../core/people/sender.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, contactRow, settlerOf, type Mail } from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
beforeEach(() =>
  sql`truncate constituents, constituent_keys, mentions, mention_keys, looks_due cascade`.execute(
    runtime.db
  )
)
afterAll(() => runtime.remove())

const jane = {
  name: 'Jane Roe',
  emails: ['jane.roe@mail.example'],
  phones: ['(217) 555-0142'],
  addresses: ['12 Oak Street, Springfield, IL 62704']
}
const nobody = { emails: [], phones: [], addresses: [] }

async function settle(...mails: Mail[]): Promise<string[]> {
  const ids = []
  for (const mail of mails)
    ids.push((await bringIn(runtime, { text: randomUUID(), ...mail })).contactId)
  await settlerOf(runtime).settle(ids)
  return ids
}

async function linksOf(contactId: string) {
  const { rows } = await sql<{
    constituent: string
    role: string
    verdict: string
    reason: string
    by: string
  }>`
    select constituent_id::text as constituent, role, verdict, reason, linked_by as by
      from constituent_links where contact_id = ${contactId} and unlinked_at is null
      order by id`.execute(runtime.db)
  return rows
}

async function verdictOf(contactId: string) {
  return (await contactRow(runtime, contactId)).trail
    .filter(({ step }) => step === 'match')
    .map(({ verdict }) => verdict)
}

async function constituents() {
  const { rows } = await sql<{ id: string; root: string; kind: string; name: string | null }>`
    select id::text, coalesce(merged_into, id)::text as root, kind, (select min(value)
      from constituent_names where constituent_id = id) as name from constituents
      order by id`.execute(runtime.db)
  return rows
}

async function register(
  ...people: { name?: string; emails?: string[]; phones?: string[]; addresses?: string[] }[]
) {
  const rows = people.map((one, n) => ({
    externalId: String(n),
    person: personOf({ ...nobody, ...one }, 'US'),
    shown: shownOf({ ...nobody, ...one })
  }))
  await importRows(runtime.db, 'register.csv', rows)
}

describe('a sender', () => {
  test("on nobody's record becomes a constituent, with what they gave and where it came from", async () => {
    const [contact] = await settle({ sender: jane })
    const [link] = await linksOf(contact!)
    expect(link).toMatchObject({ role: 'sender', verdict: 'new', by: 'machine' })
    expect(await constituents()).toEqual([
      { id: link!.constituent, root: link!.constituent, kind: 'person', name: 'Jane Roe' }
    ])
    const { rows } = await sql`select value, source from constituent_emails`.execute(runtime.db)
    expect(rows).toEqual([{ value: 'jane.roe@mail.example', source: `contact:${contact}` }])
  })

  test('who writes again is linked, with the reason and a waterfall', async () => {
    const [first] = await settle({ sender: jane })
    const [second] = await settle({
      sender: { ...nobody, name: 'Roe, Jane', emails: ['Jane.Roe@mail.example'] }
    })
    const [link] = await linksOf(second!)
    expect(link).toMatchObject({
      verdict: 'linked',
      constituent: (await linksOf(first!))[0]!.constituent,
      reason: expect.stringMatching(/^agrees on .*email/)
    })
    const { rows } = await sql<{
      waterfall: { field: string; bits: number }[]
      bits: number
    }>`select waterfall, bits from constituent_links where contact_id = ${second}`.execute(
      runtime.db
    )
    expect(rows[0]!.waterfall.reduce((sum, bar) => sum + bar.bits, 0)).toBeCloseTo(rows[0]!.bits, 3)
  })

  test('twice in one set makes one constituent', async () => {
    const ids = await settle(
      { sender: jane },
      { sender: jane },
      { sender: { ...jane, phones: [] } }
    )
    expect(await constituents()).toHaveLength(1)
    expect(await Promise.all(ids.map(verdictOf))).toEqual([['new'], ['linked'], ['linked']])
  })

  test('settled by many at once makes one constituent', async () => {
    const ids = await Promise.all(
      Array.from({ length: 8 }, async () => (await bringIn(runtime, { sender: jane })).contactId)
    )
    await Promise.all(ids.map((id) => settlerOf(runtime).settle([id])))
    expect(await constituents()).toHaveLength(1)
    expect((await Promise.all(ids.map(verdictOf))).flat().toSorted()).toEqual([
      ...Array(7).fill('linked'),
      'new'
    ])
  })

  test('who gives a new phone is found by it from then on; it is a part that can be taken away again', async () => {
    await settle({ sender: jane })
    await settle({ sender: { ...jane, phones: ['(312) 555-0199'] } })
    const [first, part] = await constituents()
    expect(part).toMatchObject({ root: first!.id })
    const [third] = await settle({
      sender: { ...nobody, name: 'Jane Roe', phones: ['312-555-0199'] }
    })
    expect((await linksOf(third!))[0]).toMatchObject({ verdict: 'linked', constituent: first!.id })
    await settle({ sender: { ...nobody, name: 'Jane Roe', phones: ['312-555-0199'] } })
    expect(await constituents()).toHaveLength(2)
  })

  test('who says nothing of themselves is anonymous', async () => {
    const [contact] = await settle({ sender: nobody })
    expect([await linksOf(contact!), await verdictOf(contact!)]).toEqual([[], ['anonymous']])
  })

  test.each([
    ['a mail address', { emails: ['someone@mail.example'] }],
    ['a phone', { phones: ['(217) 555-0142'] }],
    ['a name', { name: 'Jane Roe' }],
    ["the clinic's mailbox", { name: 'Clinic', emails: ['issue-report@clinic.example'] }]
  ])('with %s only makes no constituent', async (_, given) => {
    const [contact] = await settle({ sender: { ...nobody, ...given } })
    expect([await constituents(), await verdictOf(contact!)]).toEqual([[], ['anonymous']])
  })
})

describe('a single shared identifier never links by itself:', () => {
  test.each([
    ['the phone of a household', { name: 'Tom Roe', phones: ['(217) 555-0142'] }],
    ['the phone alone', { phones: ['(217) 555-0142'] }],
    ['the mail address alone', { emails: ['jane.roe@mail.example'] }],
    ['a namesake', { name: 'Jane Roe', emails: ['other@mail.example'] }],
    [
      'the address of a house',
      { name: 'Mary Poe', addresses: ['12 Oak St, Springfield, IL 62704'] }
    ],
    ['father and son', { name: 'Jane Roe Jr', addresses: ['12 Oak St, Springfield, IL 62704'] }]
  ])('%s', async (_, given) => {
    await register(jane)
    const [contact] = await settle({ sender: { ...nobody, ...given } })
    expect(await verdictOf(contact!)).not.toEqual(['linked'])
    expect((await linksOf(contact!)).map(({ verdict }) => verdict)).not.toContain('linked')
  })

  test('a possible one waits for a person, with its reason', async () => {
    await register(jane)
    const [contact] = await settle({ sender: { ...nobody, emails: ['jane.roe@mail.example'] } })
    expect(await linksOf(contact!)).toEqual([
      expect.objectContaining({ verdict: 'possible', reason: 'agrees on a single identifier' })
    ])
    expect(await constituents()).toHaveLength(1)
  })
})

describe('names that a machine read', () => {
  const faxed = (confidence: number, more: Mail = {}): Mail => ({
    channel: 'fax',
    sender: { ...nobody, name: 'J4ne R0e', phones: ['(217) 555-0142'] },
    documents: [
      {
        name: 'fax.tif',
        mediaType: 'image/tiff',
        bytes: 1,
        sha256: 'a'.repeat(64),
        pages: 1,
        confidence
      }
    ],
    ...more
  })

  test('too unsurely make nobody', async () => {
    const [contact] = await settle(faxed(0.6))
    expect([
      await constituents(),
      (await contactRow(runtime, contact!)).trail.find(({ step }) => step === 'match')?.reason
    ]).toEqual([[], 'the name was read too unsurely to make a new person'])
  })

  test('surely, or that a clerk keyed in, do', async () => {
    await settle(faxed(0.97))
    await settle(
      faxed(0.5, {
        sender: { ...nobody, name: 'Ann Poe', phones: ['(217) 555-0177'] },
        evidence: { senderKeyedBy: 'staff:ann' }
      })
    )
    expect(await constituents()).toHaveLength(2)
  })
})

test('subject and representative are recognised beside the sender', async () => {
  await register(jane)
  const party = {
    ...nobody,
    role: 'subject' as const,
    name: 'Jane Roe',
    emails: ['jane.roe@mail.example']
  }
  const [contact] = await settle({
    sender: { ...nobody, name: 'Lee Advocate', emails: ['lee@legal-aid.example'] },
    parties: [party]
  })
  expect((await linksOf(contact!)).map(({ role, verdict }) => `${role} ${verdict}`)).toEqual([
    'sender new',
    'subject linked'
  ])
})

test('an organisation is one', async () => {
  await settle({
    sender: { ...nobody, name: 'Willow Creek Bakery LLC', phones: ['(217) 555-0111'] }
  })
  expect(await constituents()).toEqual([
    expect.objectContaining({ kind: 'organisation', name: 'Willow Creek Bakery LLC' })
  ])
})

test('the trail says ids, levels and bits, and nothing of who it is', async () => {
  const [first] = await settle({ sender: jane })
  const [second] = await settle({ sender: { ...jane, phones: [] } })
  for (const id of [first!, second!]) {
    const trail = JSON.stringify((await contactRow(runtime, id)).trail).toLowerCase()
    for (const word of ['jane', 'roe', 'mail.example', '555', 'oak', '62704'])
      expect(trail).not.toContain(word)
  }
  expect(
    (await contactRow(runtime, second!)).trail.find(({ step }) => step === 'match')
  ).toMatchObject({
    verdict: 'linked',
    evidence: {
      bits: expect.any(Number),
      levels: expect.arrayContaining([expect.objectContaining({ field: 'email', level: 'same' })])
    }
  })
  const { rows } = await sql<{
    text: string
  }>`select string_agg(data::text, '') as text from events`.execute(runtime.db)
  expect(rows[0]!.text.toLowerCase()).not.toContain('jane')
})

test('settling again changes nothing', async () => {
  const [contact] = await settle({ sender: jane })
  await settlerOf(runtime).settle([contact!])
  expect([await constituents(), await linksOf(contact!)].map(({ length }) => length)).toEqual([
    1, 1
  ])
})

describe('somebody a contact names, in any role', () => {
  const roles = partySchema.unwrap().shape.role.options
  const known: Record<string, object> = {
    'a bare address': { emails: ['nobody@z.example'] },
    'a name': { name: 'Nobody' },
    'a number': { phones: ['217-555-0188'] },
    'name and address': { name: 'Lena Fox', emails: ['lena@z.example'] },
    nothing: {}
  }

  test.each(roles.flatMap((role) => Object.keys(known).map((how) => [role, how] as const)))(
    'as %s with %s lets the contact reach its line',
    async (role, how) => {
      const [contactId] = await settle({ parties: [{ ...nobody, ...known[how], role }] })
      expect(await contactRow(runtime, contactId!)).toMatchObject({
        state: 'settled',
        outcome: 'case'
      })
    }
  )
})
