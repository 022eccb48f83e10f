import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { verifyAudit } from '../../../core/audit.ts'
import { declineSuggested, joinSuggested, suggestionsOf, undoDuplicate } from '../../../core/duplicates/review.ts'
import { viewStatus } from '../../../core/status.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { bringIn, casesOf, contactRow, emptyLine, lineOf, settlerOf, standMany, take, town, type Mail } from '../../helpers/contacts.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
beforeEach(async () => {
  await emptyLine(ground)
  await sql`truncate duplicate_matters, duplicate_keys, case_links, campaigns, campaign_members cascade`.execute(ground.db)
})
afterAll(async () => {
  expect(await verifyAudit(ground.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
  await ground.remove()
})

const letter = 'The large oak in front of the school on Maple Avenue has lost two heavy branches since the storm, and a third hangs over the pavement where the children wait for their bus every morning.'
const jane = { name: 'Jane Roe', emails: ['jane.roe@mail.example'] }

async function settle(...mails: Mail[]) {
  const accepted = []
  for (const mail of mails) {
    const one = await bringIn(ground, { text: letter, ...mail, raw: { externalId: randomUUID() } })
    await settlerOf(ground).settle([one.contactId])
    accepted.push({ ...one, caseId: (await contactRow(ground, one.contactId)).case_id! })
  }
  return accepted
}

/** Two letters whose senders say nothing of themselves: only suggested. */
const strangers = () => settle({ sender: {} }, { sender: {}, channel: 'web' })

describe('a suggestion', () => {
  test('is seen from both cases, with reason and evidence', async () => {
    const [first, second] = await strangers()
    expect(await suggestionsOf(ground.db, second!.caseId)).toEqual([expect.objectContaining({
      state: 'suggested', direction: 'earlier', contactId: first!.contactId, receipt: first!.receipt, caseId: first!.caseId, caseState: 'waiting', department: 'parks',
      reason: 'the same text, but the party is not known', madeBy: 'system:settle', evidence: expect.objectContaining({ similarity: expect.any(Number), sharedWords: expect.arrayContaining(['children']) })
    })])
    expect((await suggestionsOf(ground.db, first!.caseId)).map(({ direction, contactId }) => [direction, contactId])).toEqual([['later', second!.contactId]])
  })

  test('joined by a person: the later case leaves its line; undone, it is back', async () => {
    const [first, second] = await strangers()
    const { linkId } = (await suggestionsOf(ground.db, first!.caseId))[0]!
    await joinSuggested(ground, linkId, 'staff:ann', 'one letter, sent twice')
    expect(await lineOf(ground)).toEqual([first!.caseId])
    expect(await suggestionsOf(ground.db, first!.caseId)).toEqual(expect.arrayContaining([expect.objectContaining({ state: 'joined', decidedBy: 'staff:ann', decidedWhy: 'one letter, sent twice' })]))
    await undoDuplicate(ground, second!.contactId, 'staff:bob', 'two gardens')
    expect(await lineOf(ground)).toEqual([first!.caseId, second!.caseId])
    expect((await suggestionsOf(ground.db, second!.caseId))[0]).toMatchObject({ state: 'undone', decidedBy: 'staff:bob' })
  })

  test('taken apart in every department and with its link, or not at all', async () => {
    const [first, second] = await settle(...[{}, { channel: 'web' as const }].map((mail) => ({ sender: {}, to: town('parks', 'water'), ...mail })))
    for (const own of await casesOf(ground, second!.contactId)) {
      const into = (await casesOf(ground, first!.contactId)).find(({ department }) => department === own.department)!
      await ground.line.join(own.id, into.id, 'staff:ann', 'one letter')
    }
    await sql`update case_links set state = 'joined', decided_by = 'staff:ann', decided_why = 'one letter', decided_at = now()`.execute(ground.db)
    await sql`create function stop_here() returns trigger language plpgsql as 'begin raise exception ''stopped''; end'`.execute(ground.db)
    await sql`create trigger stop_here before update on case_links execute function stop_here()`.execute(ground.db)
    await expect(undoDuplicate(ground, second!.contactId, 'staff:bob', 'two gardens')).rejects.toThrow('stopped')
    expect((await casesOf(ground, second!.contactId)).map(({ state }) => state)).toEqual(['joined', 'joined'])
    await sql`drop function stop_here cascade`.execute(ground.db)
    await undoDuplicate(ground, second!.contactId, 'staff:bob', 'two gardens')
    expect((await casesOf(ground, second!.contactId)).map(({ state }) => state)).toEqual(['waiting', 'waiting'])
    for (const department of ['parks', 'water']) await emptyLine(ground, department)
  })

  test('declined stays declined', async () => {
    const [first, second] = await strangers()
    const { linkId } = (await suggestionsOf(ground.db, first!.caseId))[0]!
    await declineSuggested(ground.db, linkId, 'staff:ann', 'two trees')
    await expect(joinSuggested(ground, linkId, 'staff:ann', 'after all')).rejects.toMatchObject({ code: 'LINK_UNKNOWN' })
    expect(await lineOf(ground)).toEqual([first!.caseId, second!.caseId])
    const events = await ground.db.selectFrom('events').select(['kind', 'actor', 'data']).where('contact_id', '=', second!.contactId).where('kind', '=', 'link.declined').execute()
    expect(events).toEqual([{ kind: 'link.declined', actor: 'staff:ann', data: { link: linkId, reason: 'two trees' } }])
  })

  test('needs a reason, a link, and a case that nobody else holds', async () => {
    const [first] = await strangers()
    const { linkId } = (await suggestionsOf(ground.db, first!.caseId))[0]!
    await expect(joinSuggested(ground, linkId, 'staff:ann', ' ')).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    await expect(joinSuggested(ground, randomUUID(), 'staff:ann', 'x')).rejects.toMatchObject({ code: 'LINK_UNKNOWN' })
    await expect(declineSuggested(ground.db, 'nonsense', 'staff:ann', 'x')).rejects.toMatchObject({ code: 'LINK_UNKNOWN' })
    await take(ground, 'staff:bob')
    await take(ground, 'staff:bob')
    await expect(joinSuggested(ground, linkId, 'staff:ann', 'one letter')).rejects.toMatchObject({ code: 'CASE_NOT_TAKEN' })
    expect((await suggestionsOf(ground.db, first!.caseId))[0]?.state).toBe('suggested')
  })
})

describe('undoing what settling joined', () => {
  test('opens the case it would have had, at the place its arrival earned', async () => {
    const [first, second] = await settle({ sender: jane }, { sender: jane, channel: 'web' })
    const later = await standMany(ground, 2)
    expect(await lineOf(ground)).toEqual([first!.caseId, ...later])
    await undoDuplicate(ground, second!.contactId, 'staff:ann', 'the other oak')
    const [own] = await casesOf(ground, second!.contactId)
    expect(await lineOf(ground)).toEqual([first!.caseId, own!.id, ...later])
    expect(await contactRow(ground, second!.contactId)).toMatchObject({ outcome: 'case', case_id: own!.id, state: 'settled' })
    expect((await contactRow(ground, second!.contactId)).trail.slice(-2).map(({ step, verdict }) => [step, verdict])).toEqual([['deduplicate', 'undone'], ['route', 'parks']])
    expect(await viewStatus(ground.db, ground.agency(), second!.receipt)).toMatchObject({ place: 2 })
    expect(await ground.db.selectFrom('case_contacts').select('contact_id').where('case_id', '=', first!.caseId).execute()).toEqual([{ contact_id: first!.contactId }])
    expect(await ground.db.selectFrom('events').select(['kind', 'actor']).where('contact_id', '=', second!.contactId).where('actor', '=', 'staff:ann').orderBy('id').execute())
      .toEqual([{ kind: 'contact.left', actor: 'staff:ann' }, { kind: 'case.entered', actor: 'staff:ann' }])
  })

  test('is refused where there is nothing to undo', async () => {
    const [first] = await settle({ sender: jane })
    await expect(undoDuplicate(ground, first!.contactId, 'staff:ann', 'x')).rejects.toMatchObject({ code: 'CONTACT_NOT_DUPLICATE' })
    await expect(undoDuplicate(ground, randomUUID(), 'staff:ann', 'x')).rejects.toMatchObject({ code: 'RECEIPT_UNKNOWN' })
    await expect(undoDuplicate(ground, first!.contactId, 'staff:ann', '')).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
  })
})
