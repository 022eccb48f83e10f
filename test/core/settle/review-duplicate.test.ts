import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { verifyAudit } from '../../../core/audit/verify.ts'
import {
  declineSuggested,
  joinSuggested,
  suggestionsOf,
  undoDuplicate
} from '../../../core/settle/review-duplicate.ts'
import { viewStatus } from '../../../core/contacts/resident-status.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import {
  bringIn,
  casesOf,
  contactRow,
  emptyLine,
  lineOf,
  settlerOf,
  standMany,
  take,
  town,
  type Mail
} from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
beforeEach(async () => {
  await emptyLine(runtime)
  await sql`truncate duplicate_contacts, duplicate_keys, campaigns,
      campaign_members cascade`.execute(runtime.db)
})
afterAll(async () => {
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
  await runtime.remove()
})

const letter =
  'The large oak in front of the school on Maple Avenue has lost two heavy branches since the storm, and a third hangs over the pavement where the children wait for their bus every morning.'
const jane = { name: 'Jane Roe', emails: ['jane.roe@mail.example'] }

async function settle(...mails: Mail[]) {
  const accepted = []
  for (const mail of mails) {
    const one = await bringIn(runtime, { text: letter, ...mail, raw: { externalId: randomUUID() } })
    await settlerOf(runtime).settle([one.contactId])
    accepted.push({ ...one, caseId: (await contactRow(runtime, one.contactId)).case_id! })
  }
  return accepted
}

/** Two letters whose senders say nothing of themselves: only suggested. */
const strangers = () => settle({ sender: {} }, { sender: {}, channel: 'web' })

describe('a suggestion', () => {
  test('is seen from both cases, with reason and evidence', async () => {
    const [first, second] = await strangers()
    expect(await suggestionsOf(runtime.db, second!.caseId)).toEqual([
      expect.objectContaining({
        state: 'suggested',
        direction: 'earlier',
        contactId: first!.contactId,
        receipt: first!.receipt,
        caseId: first!.caseId,
        caseState: 'waiting',
        department: 'parks',
        reason: 'the same text, but the party is not known',
        madeBy: 'system:settle',
        evidence: expect.objectContaining({
          similarity: expect.any(Number),
          sharedWords: expect.arrayContaining(['children'])
        })
      })
    ])
    expect(
      (await suggestionsOf(runtime.db, first!.caseId)).map(({ direction, contactId }) => [
        direction,
        contactId
      ])
    ).toEqual([['later', second!.contactId]])
  })

  test('joined by a person: the later case leaves its line; undone, it is back', async () => {
    const [first, second] = await strangers()
    const { linkId } = (await suggestionsOf(runtime.db, first!.caseId))[0]!
    await joinSuggested(runtime, linkId, 'staff:ann', 'one letter, sent twice')
    expect(await lineOf(runtime)).toEqual([first!.caseId])
    expect(await suggestionsOf(runtime.db, first!.caseId)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          state: 'joined',
          decidedBy: 'staff:ann',
          decidedWhy: 'one letter, sent twice'
        })
      ])
    )
    await undoDuplicate(runtime, second!.contactId, 'staff:bob', 'two gardens')
    expect(await lineOf(runtime)).toEqual([first!.caseId, second!.caseId])
    expect((await suggestionsOf(runtime.db, second!.caseId))[0]).toMatchObject({
      state: 'undone',
      decidedBy: 'staff:bob'
    })
  })

  test('taken apart in every department and with its link, or not at all', async () => {
    const [first, second] = await settle(
      ...[{}, { channel: 'web' as const }].map((mail) => ({
        sender: {},
        to: town('parks', 'water'),
        ...mail
      }))
    )
    for (const own of await casesOf(runtime, second!.contactId)) {
      const into = (await casesOf(runtime, first!.contactId)).find(
        ({ department }) => department === own.department
      )!
      await runtime.line.join({
        laterCaseId: own.id,
        earlierCaseId: into.id,
        actor: 'staff:ann',
        reason: 'one letter'
      })
    }
    await sql`update case_links set state = 'joined', decided_by = 'staff:ann',
        decided_why = 'one letter', decided_at = now()
        where contact_id = ${second!.contactId}`.execute(runtime.db)
    await sql`create function stop_here() returns trigger language plpgsql as
        'begin raise exception ''stopped''; end'`.execute(runtime.db)
    await sql`create trigger stop_here before
        update on case_links execute function stop_here()`.execute(runtime.db)
    await expect(
      undoDuplicate(runtime, second!.contactId, 'staff:bob', 'two gardens')
    ).rejects.toThrow('stopped')
    expect((await casesOf(runtime, second!.contactId)).map(({ state }) => state)).toEqual([
      'joined',
      'joined'
    ])
    await sql`drop function stop_here cascade`.execute(runtime.db)
    await undoDuplicate(runtime, second!.contactId, 'staff:bob', 'two gardens')
    expect((await casesOf(runtime, second!.contactId)).map(({ state }) => state)).toEqual([
      'waiting',
      'waiting'
    ])
    for (const department of ['parks', 'water']) await emptyLine(runtime, department)
  })

  test('declined stays declined', async () => {
    const [first, second] = await strangers()
    const { linkId } = (await suggestionsOf(runtime.db, first!.caseId))[0]!
    await declineSuggested(runtime.db, linkId, 'staff:ann', 'two trees')
    await expect(joinSuggested(runtime, linkId, 'staff:ann', 'after all')).rejects.toMatchObject({
      code: 'LINK_UNKNOWN'
    })
    expect(await lineOf(runtime)).toEqual([first!.caseId, second!.caseId])
    const events = await runtime.db
      .selectFrom('events')
      .select(['kind', 'actor', 'data'])
      .where('contact_id', '=', second!.contactId)
      .where('kind', '=', 'link.declined')
      .execute()
    expect(events).toEqual([
      { kind: 'link.declined', actor: 'staff:ann', data: { link: linkId, reason: 'two trees' } }
    ])
  })

  test('needs a reason, a link, and a case that nobody else holds', async () => {
    const [first] = await strangers()
    const { linkId } = (await suggestionsOf(runtime.db, first!.caseId))[0]!
    await expect(
      joinSuggested(runtime, linkId, 'staff:ann', '\u200B\u2060 ')
    ).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    await expect(joinSuggested(runtime, randomUUID(), 'staff:ann', 'x')).rejects.toMatchObject({
      code: 'LINK_UNKNOWN'
    })
    await expect(declineSuggested(runtime.db, 'nonsense', 'staff:ann', 'x')).rejects.toMatchObject({
      code: 'LINK_UNKNOWN'
    })
    await take(runtime, 'staff:bob')
    await take(runtime, 'staff:bob')
    await expect(joinSuggested(runtime, linkId, 'staff:ann', 'one letter')).rejects.toMatchObject({
      code: 'CASE_NOT_TAKEN'
    })
    expect((await suggestionsOf(runtime.db, first!.caseId))[0]?.state).toBe('suggested')
  })
})

describe('undoing what settling joined', () => {
  test('opens the case it would have had, at the place its arrival earned', async () => {
    const [first, second] = await settle({ sender: jane }, { sender: jane, channel: 'web' })
    const later = await standMany(runtime, 2)
    expect(await lineOf(runtime)).toEqual([first!.caseId, ...later])
    await undoDuplicate(runtime, second!.contactId, 'staff:ann', 'the other oak')
    const [own] = await casesOf(runtime, second!.contactId)
    expect(await lineOf(runtime)).toEqual([first!.caseId, own!.id, ...later])
    expect(await contactRow(runtime, second!.contactId)).toMatchObject({
      outcome: 'case',
      case_id: own!.id,
      state: 'settled'
    })
    expect(
      (await contactRow(runtime, second!.contactId)).trail
        .slice(-2)
        .map(({ step, verdict }) => [step, verdict])
    ).toEqual([
      ['deduplicate', 'undone'],
      ['route', 'parks']
    ])
    expect(await viewStatus(runtime.db, runtime.agency(), second!.receipt)).toMatchObject({
      place: 2
    })
    expect(
      await runtime.db
        .selectFrom('case_contacts')
        .select('contact_id')
        .where('case_id', '=', first!.caseId)
        .execute()
    ).toEqual([{ contact_id: first!.contactId }])
    expect(
      await runtime.db
        .selectFrom('events')
        .select(['kind', 'actor'])
        .where('contact_id', '=', second!.contactId)
        .where('actor', '=', 'staff:ann')
        .orderBy('id')
        .execute()
    ).toEqual(
      ['contact.left', 'case.entered', 'link.undone'].map((kind) => ({ kind, actor: 'staff:ann' }))
    )
  })

  test('is refused where there is nothing to undo', async () => {
    const [first] = await settle({ sender: jane })
    await expect(undoDuplicate(runtime, first!.contactId, 'staff:ann', 'x')).rejects.toMatchObject({
      code: 'CONTACT_NOT_DUPLICATE'
    })
    await expect(undoDuplicate(runtime, randomUUID(), 'staff:ann', 'x')).rejects.toMatchObject({
      code: 'RECEIPT_UNKNOWN'
    })
    await expect(undoDuplicate(runtime, first!.contactId, 'staff:ann', '')).rejects.toMatchObject({
      code: 'REASON_REQUIRED'
    })
  })
})
