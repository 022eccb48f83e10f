import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import * as newLooks from '../../../platform/db/migrations/0014-new-looks.ts'
import { viewStatus } from '../../../core/contacts/resident-status.ts'
import { askFor, SHARED } from '../../../core/matching/looks-due.ts'
import { importRows } from '../../../core/matching/register.ts'
import { lookAtDue } from '../../../core/people/looks.ts'
import {
  decidePossible,
  mergePeople,
  undoPersonLink,
  unmergePeople
} from '../../../core/people/review.ts'
import { listPossible } from '../../../core/people/possible.ts'
import { openRecognition } from '../../../core/people/recognition.ts'
import { personOf, shownOf } from '../../../core/people/sender.ts'
import { constituentView, findConstituents, peopleOf } from '../../../core/people/view.ts'
import { bringIn, contactRow, settlerOf, type Mail } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
beforeEach(() =>
  sql`truncate contacts, cases, case_contacts, case_links, outbound, duplicate_contacts,
      duplicate_keys, campaigns, campaign_members, constituents, constituent_keys,
      mention_keys cascade`.execute(runtime.db)
)
afterAll(() => runtime.remove())

const nobody: { emails: string[]; phones: string[]; addresses: string[] } = {
  emails: [],
  phones: [],
  addresses: []
}
const number = '+12175550142'
const rosa = { ...nobody, name: 'Rosa Diaz', phones: ['(217) 555-0142'] }
const matchContext = () => openRecognition(runtime)()
const look = () =>
  lookAtDue({ db: runtime.db, log: runtime.log, recognition: openRecognition(runtime) }, 'all')

async function settle(...mails: Mail[]): Promise<string[]> {
  const ids = []
  for (const mail of mails)
    ids.push((await bringIn(runtime, { text: randomUUID(), ...mail })).contactId)
  await settlerOf(runtime).settle(ids)
  return ids
}

const text = (from = number): Mail => ({ channel: 'sms', sender: { phones: [from] } })
const form = (sender: NonNullable<Mail['sender']> = rosa): Mail => ({ channel: 'web', sender })

/** What it is taken for, and by which person's number on record. */
async function whoIs(contactId: string): Promise<string> {
  const links = await peopleOf(runtime.db, [contactId])
  return (
    links
      .map(
        ({ verdict, constituent }) =>
          `${verdict} ${constituent.names[0]?.value ?? constituent.constituentId}`
      )
      .toSorted()
      .join(', ') || 'anonymous'
  )
}

const personOn = async (contactId: string) =>
  (await peopleOf(runtime.db, [contactId]))[0]!.constituent.constituentId
const eventsOf = async (contactId: string) =>
  runtime.db
    .selectFrom('events')
    .select(['kind', 'actor', 'data'])
    .where('contact_id', '=', contactId)
    .where('kind', 'like', 'constituent.%')
    .orderBy('id')
    .execute()

async function register(...people: (typeof nobody & { name?: string })[]) {
  await importRows(
    runtime.db,
    'register.csv',
    people.map((one, n) => ({
      externalId: String(n),
      person: personOf(one, 'US'),
      shown: shownOf(one)
    }))
  )
  await look()
}

describe('a text without a name', () => {
  test("becomes that person's once a form explains its number: same place, in the ledger and in the trail", async () => {
    const [sms] = await settle(text())
    const before = [
      await contactRow(runtime, sms!),
      await viewStatus(runtime.db, runtime.agency(), (await contactRow(runtime, sms!)).receipt)
    ] as const
    expect(await whoIs(sms!)).toBe('anonymous')
    const [other] = await settle(form())
    expect([await whoIs(sms!), await whoIs(other!)]).toEqual(['linked Rosa Diaz', 'new Rosa Diaz'])
    expect(await personOn(sms!)).toBe(await personOn(other!))
    expect(await eventsOf(sms!)).toEqual([
      {
        kind: 'constituent.linked',
        actor: 'system:people',
        data: {
          role: 'sender',
          constituent: await personOn(other!),
          because: 'more is known of somebody on record'
        }
      }
    ])
    const after = await contactRow(runtime, sms!)
    expect(after.trail).toEqual([
      ...before[0].trail,
      expect.objectContaining({
        step: 'match',
        verdict: 'linked',
        reason: expect.stringContaining('looked at again')
      })
    ])
    expect(await viewStatus(runtime.db, runtime.agency(), after.receipt)).toEqual({
      ...before[1],
      // The form stands behind it.
      waiting: 2,
      updatedAt: expect.any(Date)
    })
  })

  test('is linked at once where the number is known already, and in one set with the form', async () => {
    await settle(form())
    const [after] = await settle(text())
    expect(await whoIs(after!)).toBe('linked Rosa Diaz')
    const [sms] = await settle(
      text('+13125550188'),
      form({ ...rosa, name: 'Ann Poe', phones: ['312 555 0188'] })
    )
    expect(await whoIs(sms!)).toBe('linked Ann Poe')
  })

  test('is found also where both are settled at the same moment', async () => {
    const names = [
      'Ann Poe',
      'Bob Stone',
      'Carla Unger',
      'Dan Ivers',
      'Eva Klein',
      'Finn Moody',
      'Gus Tran',
      'Hal Ortiz',
      'Ida Webb',
      'Jo Xu',
      'Kim Yates',
      'Leo Zink'
    ]
    for (let n = 0; n < names.length; n++) {
      const phone = `+1217555${String(1000 + n)}`
      const [sms, web] = await Promise.all([
        bringIn(runtime, { ...text(phone), text: randomUUID() }),
        bringIn(runtime, {
          ...form({ ...rosa, name: names[n]!, phones: [phone] }),
          text: randomUUID()
        })
      ])
      await Promise.all([sms, web].map(({ contactId }) => settlerOf(runtime).settle([contactId])))
      await look()
      expect(await whoIs(sms!.contactId)).toMatch(/^linked/)
    }
  })

  test('from a number that two people have waits for a person, who sees both', async () => {
    const [sms] = await settle(text())
    await register(rosa, { ...rosa, name: 'Tom Diaz' })
    expect(await whoIs(sms!)).toBe('possible Rosa Diaz, possible Tom Diaz')
    const {
      people: [one]
    } = await listPossible(runtime.db)
    expect(one).toMatchObject({
      contactId: sms,
      candidates: [{ reason: 'a number that others may share' }, {}]
    })
  })

  test('waits for a person as soon as a second one turns up under the number', async () => {
    const [sms] = await settle(text())
    await settle(form())
    const [tom] = await settle(form({ ...rosa, name: 'Tom Poe' }))
    expect([await whoIs(sms!), await whoIs(tom!)]).toEqual([
      'possible Rosa Diaz, possible Tom Poe',
      'new Tom Poe'
    ])
    expect((await eventsOf(sms!)).map(({ kind }) => kind)).toEqual([
      'constituent.linked',
      'constituent.unlinked',
      'constituent.suggested'
    ])
  })

  test("from an organisation's number, or by a call from a landline, is only suggested", async () => {
    const [sms, call] = await settle(text(), {
      channel: 'phone',
      sender: { phones: ['+13125550188'] }
    })
    await register(
      { ...rosa, name: 'Sunrise Clinic' },
      { ...rosa, name: 'Ann Poe', phones: ['312 555 0188'] }
    )
    expect([await whoIs(sms!), await whoIs(call!)]).toEqual([
      'possible Sunrise Clinic',
      'possible Ann Poe'
    ])
  })

  test('never makes two texts one matter: both keep their case', async () => {
    const words =
      'The lamp in front of the library has been dark for a week and people stumble over the step there.'
    await settle(form())
    const ids = await settle({ ...text(), text: words, raw: { externalId: 'SM1' } })
    ids.push(...(await settle({ ...text(), text: words, raw: { externalId: 'SM2' } })))
    const { rows } = await sql<{
      state: string
    }>`select state from cases where contact_id = any(${ids}::uuid[])`.execute(runtime.db)
    expect(rows).toEqual([{ state: 'waiting' }, { state: 'waiting' }])
  })

  test(`of a number that more than ${SHARED} share is nobody's; of one that ${SHARED} share all are linked`, async () => {
    const few = await settle(...Array.from({ length: SHARED }, () => text()))
    const many = await settle(...Array.from({ length: SHARED + 1 }, () => text('+13125550188')))
    await settle(form(), form({ ...rosa, name: 'Ann Poe', phones: ['312 555 0188'] }))
    await look()
    expect(new Set(await Promise.all(few.map(whoIs)))).toEqual(new Set(['linked Rosa Diaz']))
    expect(new Set(await Promise.all(many.map(whoIs)))).toEqual(new Set(['anonymous']))
  })
})

describe('other contacts that say one thing only', () => {
  test.each([
    ['a mail without a name', { sender: { emails: ['rosa@mail.example'] } }],
    ['a letter with a name', { channel: 'postal', sender: { name: 'Rosa Diaz' } }],
    ['a call without words', { channel: 'phone', sender: { phones: [number] } }]
  ] as [string, Mail][])('%s is put before a person once somebody fits', async (_, mail) => {
    const [contact] = await settle(mail)
    expect([await whoIs(contact!), (await listPossible(runtime.db)).total]).toEqual([
      'anonymous',
      0
    ])
    await settle(form({ ...rosa, emails: ['rosa@mail.example'] }))
    expect(await whoIs(contact!)).toBe('possible Rosa Diaz')
    expect((await listPossible(runtime.db)).people).toMatchObject([{ contactId: contact }])
  })
})

describe('a register that is imported', () => {
  test('explains earlier texts, and takes in whom a machine had made of a contact', async () => {
    const [mail, sms] = await settle(
      { sender: { ...rosa, emails: ['rosa@mail.example'] } },
      text('+13125550188')
    )
    expect(await whoIs(mail!)).toBe('new Rosa Diaz')
    const made = await personOn(mail!)
    await register({
      ...rosa,
      name: 'Rosa M Diaz',
      emails: ['rosa@mail.example'],
      phones: ['217-555-0142', '312-555-0188']
    })
    expect(await personOn(mail!)).not.toBe(made)
    expect(await personOn(sms!)).toBe(await personOn(mail!))
    const [again] = await settle({ sender: { ...rosa, emails: ['rosa@mail.example'] } })
    expect(await personOn(again!)).toBe(await personOn(mail!))
    expect(await whoIs(again!)).toMatch(/^linked/)
  })
})

describe('people on record', () => {
  test("merged, they fit without a choice; taken apart, the choice is a person's again", async () => {
    await register(
      { ...rosa, emails: ['rosa@mail.example'] },
      { ...rosa, name: 'Rosa Diaz Lopez', emails: ['rosa@mail.example'] }
    )
    const [mail] = await settle({ sender: { ...rosa, emails: ['rosa@mail.example'] } })
    expect(await whoIs(mail!)).toMatch(/^possible Rosa Diaz, possible/)
    const [one, two] = (await peopleOf(runtime.db, [mail!])).map(
      ({ constituent }) => constituent.constituentId
    )
    const merge = await mergePeople(runtime.db, one!, two!, 'staff:ann', 'one person')
    await look()
    expect(await whoIs(mail!)).toMatch(/^linked Rosa/)
    await unmergePeople(runtime.db, merge, 'staff:ann', 'two after all')
    await look()
    expect(await whoIs(mail!)).toMatch(/^possible Rosa Diaz, possible/)
  })
})

/** As the mailroom writes it on the letter's page. */
async function key(contactId: string, sender: Partial<typeof rosa>): Promise<void> {
  await sql`update contacts set envelope = jsonb_set(envelope, '{sender}',
      ${JSON.stringify({ ...nobody, ...sender })}::jsonb) || jsonb_build_object('evidence',
      '{"senderKeyedBy": "staff:clerk"}'::jsonb) where id = ${contactId}`.execute(runtime.db)
  await askFor(runtime.db, contactId, 'the sender was keyed in')
  await look()
}

describe('a letter whose sender is keyed in', () => {
  const letter: Mail = { channel: 'postal', sender: nobody }
  const keyed = { ...rosa, addresses: ['12 Oak Street, Springfield, IL 62704'] }

  test("joins the person's single view", async () => {
    const [web] = await settle(form())
    const [post] = await settle(letter)
    expect(await whoIs(post!)).toBe('anonymous')
    await key(post!, keyed)
    expect(await personOn(post!)).toBe(await personOn(web!))
    expect(
      (await constituentView(runtime.db, await personOn(web!))).addresses.map(({ value }) => value)
    ).toEqual(['12 Oak Street, Springfield, IL 62704'])
  })

  test('makes somebody new where nobody fits, and is found by what was keyed last', async () => {
    const [post] = await settle(letter)
    await key(post!, { ...keyed, name: 'Rosa Dias' })
    const made = await personOn(post!)
    await key(post!, keyed)
    expect([await whoIs(post!), await personOn(post!)]).toEqual(['new Rosa Diaz', made])
    expect(await findConstituents(runtime.db, await matchContext(), 'Rosa Diaz')).toHaveLength(1)
    const [web] = await settle(form())
    expect(await personOn(web!)).toBe(made)
  })

  test('keyed wrongly and then right, it goes from one person to the other and leaves nothing behind', async () => {
    const [ann, web] = await settle(
      form({ ...rosa, name: 'Ann Poe', phones: ['312 555 0188'] }),
      form()
    )
    const [post] = await settle(letter)
    await key(post!, { ...keyed, name: 'Ann Poe', phones: ['312 555 0188'] })
    expect(await personOn(post!)).toBe(await personOn(ann!))
    await key(post!, keyed)
    expect(await personOn(post!)).toBe(await personOn(web!))
    expect((await constituentView(runtime.db, await personOn(ann!))).addresses).toEqual([])
    await key(post!, nobody)
    expect(await whoIs(post!)).toBe('anonymous')
    expect((await constituentView(runtime.db, await personOn(web!))).addresses).toEqual([])
  })
})

describe('a look', () => {
  test('changes nothing where nothing is to be changed', async () => {
    const ids = [
      ...(await settle(text(), form(), form({ ...rosa, name: 'Tom Poe' }), {
        sender: { emails: ['someone@mail.example'] }
      })),
      ...(await settle(form()))
    ]
    await look()
    const everything = async () =>
      (
        await sql`select (select json_agg(l order by id)
            from constituent_links l) as links, (select json_agg(c order by id)
            from constituents c) as people,
      (select count(*) from events) as events, (select json_agg(trail order by id)
        from contacts) as trails, (select json_agg(m order by contact_id)
        from mentions m) as mentions`.execute(runtime.db)
      ).rows
    expect(await whoIs(ids[0]!)).toMatch(/^possible Rosa/)
    const before = await everything()
    for (let n = 0; n < 2; n++) {
      for (const id of ids) await askFor(runtime.db, id, 'a link was taken back')
      expect(await look()).toBe(ids.length)
    }
    expect(await everything()).toEqual(before)
  })

  test('leaves alone what a person has said, and leaves out whom a person has ruled out', async () => {
    const [said, nobodys, undone] = await settle(text(), text(), text())
    await decidePossible(
      runtime.db,
      await matchContext(),
      { contactId: said!, role: 'sender' },
      { kind: 'new', named: { ...nobody, name: 'The neighbour' } },
      { actor: 'staff:ann', reason: 'her phone was borrowed' }
    )
    await decidePossible(
      runtime.db,
      await matchContext(),
      { contactId: nobodys!, role: 'sender' },
      { kind: 'nobody' },
      { actor: 'staff:ann', reason: 'a wrong number' }
    )
    await settle(form())
    await look()
    expect(await Promise.all([said, nobodys].map((id) => whoIs(id!)))).toEqual([
      'new The neighbour',
      'anonymous'
    ])
    expect(await whoIs(undone!)).toBe('linked Rosa Diaz')
    const [link] = await peopleOf(runtime.db, [undone!])
    await undoPersonLink(runtime.db, await matchContext(), link!.linkId, 'staff:ann', 'not hers')
    await settle(form({ ...rosa, emails: ['rosa@mail.example'] }))
    await askFor(runtime.db, undone!, 'a link was taken back')
    await look()
    expect(await whoIs(undone!)).toBe('anonymous')
  })

  test('is asked for again by what a person says: the other texts of that number', async () => {
    const [one, two] = await settle(text(), text())
    await register({ ...rosa, phones: [], emails: ['rosa@mail.example'] })
    const [known] = await findConstituents(runtime.db, await matchContext(), 'rosa@mail.example')
    await decidePossible(
      runtime.db,
      await matchContext(),
      { contactId: one!, role: 'sender' },
      { kind: 'same', constituentId: known!.constituentId },
      { actor: 'staff:ann', reason: 'she said so' }
    )
    await look()
    expect(await whoIs(two!)).toBe('linked Rosa Diaz')
  })

  test('that fails is tried again and then given up, and holds nobody up', async () => {
    const [bad, sms] = await settle(text('+13125550188'), text())
    await sql`update contacts set envelope = jsonb_set(envelope, '{sender,phones}', '5')
        where id = ${bad}`.execute(runtime.db)
    await askFor(runtime.db, bad!, 'a link was taken back')
    await settle(form())
    for (let n = 0; n < 3; n++)
      await lookAtDue(
        { db: runtime.db, log: runtime.log, recognition: openRecognition(runtime) },
        'all',
        1
      )
    expect(await whoIs(sms!)).toBe('linked Rosa Diaz')
    expect((await sql`select from looks_due`.execute(runtime.db)).rows).toEqual([])
  })
})

describe('contacts of a release that did not look again', () => {
  /** As a database of that release has it. */
  const takeOff = async () => {
    for (const statement of [
      'drop table mentions, mention_keys, looks_due',
      'drop function drop_mention_keys',
      'drop index constituent_names_words',
      'drop function name_words',
      'alter table constituent_links drop column single',
      'alter table letters drop column sender_email, drop column sender_phone'
    ])
      await sql.raw(statement).execute(runtime.db)
  }

  test('are looked at after the upgrade, when nothing newer is due; what a person decided stays', async () => {
    const [letter, said, ruledOut, web] = await settle(
      { channel: 'postal', sender: nobody },
      text(),
      text(),
      form()
    )
    await sql`update contacts set envelope = jsonb_set(envelope, '{sender}',
        ${JSON.stringify(rosa)}::jsonb) where id = ${letter}`.execute(runtime.db)
    await decidePossible(
      runtime.db,
      await matchContext(),
      { contactId: said!, role: 'sender' },
      { kind: 'new', named: { ...nobody, name: 'The neighbour' } },
      { actor: 'staff:ann', reason: 'hers' }
    )
    await sql`delete from constituent_links
        where contact_id = any(${[letter, ruledOut]}::uuid[])`.execute(runtime.db)
    await sql`insert into constituent_links (contact_id, constituent_id, role, verdict, linked_by,
        reason, unlinked_at, unlinked_by, unlink_reason)
      select ${ruledOut}, constituent_id, 'sender', 'possible', 'machine',
        'agrees on a single identifier', now(), 'staff:ann', 'cannot be told'
        from constituent_links where contact_id = ${web}`.execute(runtime.db)
    await takeOff()
    await newLooks.up(runtime.db)
    expect(
      await lookAtDue({ db: runtime.db, log: runtime.log, recognition: openRecognition(runtime) })
    ).toBe(0)
    expect(await look()).toBeGreaterThan(0)
    expect(await personOn(letter!)).toBe(await personOn(web!))
    expect(await Promise.all([said, ruledOut].map((id) => whoIs(id!)))).toEqual([
      'new The neighbour',
      'anonymous'
    ])
  })
})
