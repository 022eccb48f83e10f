import { beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { createHash, randomUUID } from 'node:crypto'
import { linksOf } from '../../helpers/case-links.ts'
import type { EnvelopeDocument } from '../../../core/envelope.ts'
import { viewStatus } from '../../../core/contacts/resident-status.ts'
import {
  bringIn,
  casesOf,
  contactRow,
  lineOf,
  settlerOf,
  take,
  town,
  type Mail
} from '../../helpers/contacts.ts'
import { verifiedRuntime } from '../../helpers/verified-runtime.ts'

const runtime = await verifiedRuntime(['parks', 'water', 'general'])
beforeEach(() =>
  sql`truncate duplicate_contacts, duplicate_keys, campaigns, campaign_members cascade`.execute(
    runtime.db
  )
)

const letter = `To the parks department.
I am writing about the playground behind the library on Maple Avenue. Two of the four swings have been broken since the storm in September,
and the chain of one of them has a sharp end that hangs where the small children play. My daughter cut her hand on it last Saturday.
I called your office on 14 October and was told somebody would come, but nobody has. Please repair the swings or take them down before
a child is badly hurt. I would be glad to show you the place any weekday after four o'clock.`
/** As a fax machine and a scanner leave it: some letters misread, lines broken elsewhere. */
const misread = letter
  .replaceAll('the', 'tbe')
  .replace('playground', 'p1ayground')
  .replace('swings', 'swirigs')
  .replace('September', 'Septernber')
  .replaceAll('\n', ' ')
  .replace('sharp end', 'sharp\nend')
  .replace('children', 'chi1dren')
const jane = {
  name: 'Jane Roe',
  emails: ['jane.roe@mail.example'],
  phones: ['(217) 555-0142'],
  addresses: []
}
const tom = {
  name: 'Tom Poe',
  emails: ['tom.poe@mail.example'],
  phones: ['(217) 555-0177'],
  addresses: []
}

async function accept(mail: Mail): Promise<{ contactId: string; receipt: string }> {
  return bringIn(runtime, {
    sender: jane,
    text: letter,
    ...mail,
    raw: { externalId: randomUUID(), ...mail.raw }
  })
}

async function settle(...mails: Mail[]) {
  const accepted = []
  for (const mail of mails) {
    const one = await accept(mail)
    await settlerOf(runtime).settle([one.contactId])
    accepted.push(one)
  }
  return accepted
}

const outcomes = (contacts: readonly { contactId: string }[]) =>
  Promise.all(contacts.map(async ({ contactId }) => (await contactRow(runtime, contactId)).outcome))
const links = (contactId: string) => linksOf(runtime.db, contactId)
/** Its page, as reading it leaves it. */
const page = (text: string, more: Partial<EnvelopeDocument> = {}): EnvelopeDocument => {
  return {
    name: 'fax.tif',
    mediaType: 'image/tiff',
    bytes: text.length,
    sha256: createHash('sha256').update(text).digest('hex'),
    pages: 1,
    text,
    confidence: 0.93,
    source: 'ocr',
    unreadPages: 0,
    ...more
  }
}
const fax: Mail = {
  channel: 'fax',
  text: misread,
  textFrom: 'documents',
  documents: [page(misread)],
  to: ['+12175550100']
}

describe('the same letter from the same person', () => {
  test('by fax, misread, joins the case of the mail: one case, both visible, reason and evidence kept', async () => {
    const [mail, faxed] = await settle({}, fax)
    const [first] = await casesOf(runtime, mail!.contactId)
    expect(await contactRow(runtime, faxed!.contactId)).toMatchObject({
      outcome: 'duplicate',
      case_id: first!.id,
      state: 'settled'
    })
    expect(await casesOf(runtime, faxed!.contactId)).toEqual([])
    expect(
      await runtime.db
        .selectFrom('case_contacts')
        .select(['contact_id', 'role', 'reason'])
        .where('case_id', '=', first!.id)
        .orderBy('linked_at')
        .execute()
    ).toEqual([
      { contact_id: mail!.contactId, role: 'first', reason: 'opened the case' },
      {
        contact_id: faxed!.contactId,
        role: 'duplicate',
        reason: 'the same text from the same party'
      }
    ])
    expect(await links(faxed!.contactId)).toEqual([
      expect.objectContaining({
        state: 'joined',
        contactId: faxed!.contactId,
        earlierContactId: mail!.contactId,
        madeBy: 'system:settle',
        evidence: expect.objectContaining({ similarity: expect.any(Number) })
      })
    ])
    expect((await contactRow(runtime, faxed!.contactId)).trail.at(-1)).toMatchObject({
      step: 'deduplicate',
      verdict: 'duplicate',
      evidence: { caseId: first!.id, contactId: mail!.contactId }
    })
    expect(await lineOf(runtime)).toEqual([first!.id])
  })

  test('the sender hears of its receipt all the same, and it shows the one case', async () => {
    const [mail, again] = await settle({}, { channel: 'web' })
    expect(
      await runtime.db
        .selectFrom('outbound')
        .select('kind')
        .where('contact_id', '=', again!.contactId)
        .execute()
    ).toEqual([{ kind: 'acknowledgement' }])
    expect(await viewStatus(runtime.db, runtime.agency(), again!.receipt)).toMatchObject({
      state: 'waiting',
      place: 1
    })
    expect((await viewStatus(runtime.db, runtime.agency(), mail!.receipt))?.departmentName).toEqual(
      (await viewStatus(runtime.db, runtime.agency(), again!.receipt))?.departmentName
    )
  })

  test('arriving together in one set becomes one case', async () => {
    const contacts = [await accept({}), await accept({ channel: 'web' }), await accept(fax)]
    await settlerOf(runtime).settle(contacts.map(({ contactId }) => contactId))
    expect(await outcomes(contacts)).toEqual(['case', 'duplicate', 'duplicate'])
    expect(await lineOf(runtime)).toHaveLength(1)
  })

  test('settled by many at once becomes one case', async () => {
    const contacts = [
      await accept({}),
      await accept({ channel: 'web' }),
      await accept({ channel: 'sms' }),
      await accept({ channel: 'api' })
    ]
    await Promise.all(contacts.map(({ contactId }) => settlerOf(runtime).settle([contactId])))
    expect(await lineOf(runtime)).toHaveLength(1)
    expect(await viewStatus(runtime.db, runtime.agency(), contacts.at(-1)!.receipt)).toMatchObject({
      place: 1
    })
  })

  test('that arrived first but was read last takes the place it earned; the other joins it', async () => {
    const slow = await accept(fax)
    const [mail] = await settle({})
    const [before] = await casesOf(runtime, mail!.contactId)
    await settlerOf(runtime).settle([slow.contactId])
    const [earliest] = await casesOf(runtime, slow.contactId)
    expect(
      await runtime.db
        .selectFrom('cases')
        .select(['state', 'joined_into'])
        .where('id', '=', before!.id)
        .executeTakeFirst()
    ).toEqual({ state: 'joined', joined_into: earliest!.id })
    expect(await contactRow(runtime, mail!.contactId)).toMatchObject({ case_id: earliest!.id })
    expect(await links(mail!.contactId)).toEqual([
      expect.objectContaining({
        state: 'joined',
        contactId: mail!.contactId,
        earlierContactId: slow.contactId
      })
    ])
    expect(await lineOf(runtime, earliest!.department)).toEqual([earliest!.id])
  })

  test('whose case is being served joins it still', async () => {
    const [mail] = await settle({})
    await take(runtime)
    const [again] = await settle({ channel: 'web' })
    expect(await contactRow(runtime, again!.contactId)).toMatchObject({
      outcome: 'duplicate',
      case_id: (await contactRow(runtime, mail!.contactId)).case_id
    })
  })

  test('after an answer is a case of its own, with the link suggested', async () => {
    const [mail] = await settle({})
    const taken = await take(runtime)
    await runtime.line.close(taken!.caseId, 'staff:ann', 'answered')
    const [again] = await settle({ channel: 'web' })
    expect(await outcomes([again!])).toEqual(['case'])
    expect(await links(again!.contactId)).toEqual([
      expect.objectContaining({ state: 'suggested', earlierContactId: mail!.contactId })
    ])
  })

  test('addressed to another department opens a case there, with the link suggested', async () => {
    const [, other] = await settle({}, { to: town('water') })
    expect(await outcomes([other!])).toEqual(['case'])
    expect((await links(other!.contactId)).map(({ state }) => state)).toEqual(['suggested'])
  })

  test('next month is a new matter', async () => {
    const [mail] = await settle({})
    await sql`update duplicate_contacts set arrived_at = arrived_at - interval '22 days'
        where contact_id = ${mail!.contactId}`.execute(runtime.db)
    const [later] = await settle({ channel: 'web' })
    expect([await outcomes([later!]), await links(later!.contactId)]).toEqual([['case'], []])
  })
})

describe('never joined by machine:', () => {
  test('the same letter of different people', async () => {
    const contacts = await settle({}, { sender: tom })
    expect([await outcomes(contacts), await links(contacts[1]!.contactId)]).toEqual([
      ['case', 'case'],
      []
    ])
  })

  test('of people nobody knows: suggested once', async () => {
    const contacts = await settle(
      { sender: { emails: [], phones: [], addresses: [] } },
      { sender: { emails: [], phones: [], addresses: [] }, channel: 'web' }
    )
    expect(await outcomes(contacts)).toEqual(['case', 'case'])
    expect(await links(contacts[1]!.contactId)).toEqual([
      expect.objectContaining({
        state: 'suggested',
        reason: 'the same text, but the party is not known'
      })
    ])
  })

  test('of one fax number that says no name: a resent fax is suggested', async () => {
    const sender = { emails: [], phones: ['+12175550123'], addresses: [] }
    const contacts = await settle({ ...fax, sender }, { ...fax, sender, text: `${misread} ` })
    expect(await outcomes(contacts)).toEqual(['case', 'case'])
    expect(
      (await links(contacts[1]!.contactId)).map(({ state, reason }) => [state, reason])
    ).toEqual([['suggested', 'the same text, but perhaps not of the same party']])
  })

  test('another matter of the same person', async () => {
    const [, other] = await settle(
      {},
      {
        text: 'The water in our street has been brown since Tuesday morning and smells of iron. Please check the main on Elm Street, number 18 to 26, and tell us whether it is safe to drink.'
      }
    )
    expect([await outcomes([other!]), await links(other!.contactId)]).toEqual([['case'], []])
  })

  test('the same complaint about another house', async () => {
    const at = (house: number) =>
      `The street lamp in front of number ${house} on Elm Street has been out for two weeks, and the corner is dark and dangerous for children who walk home from practice in the evening.`
    const [, other] = await settle({ text: at(18) }, { text: at(34) })
    expect(await outcomes([other!])).toEqual(['case'])
    expect((await links(other!.contactId)).map(({ state }) => state)).toEqual(['suggested'])
  })
})
