import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { answerAll } from '../../../core/campaigns/answer.ts'
import { addNote } from '../../../core/replies/notes.ts'
import { sendReply } from '../../../core/replies/send.ts'
import { indexDue } from '../../../core/search/index-due.ts'
import { searchCases, type SearchFilter } from '../../../core/search/search.ts'
import { newId } from '../../../platform/ids.ts'
import { casesOf, stand, take, town, type Stood } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
/** A mail to two departments, a case in each. */
let both: { readonly contactId: string; readonly parks: string; readonly water: string }
beforeAll(async () => {
  runtime = await createTestRuntime()
  const { contactId } = await stand(runtime, {
    to: town('parks', 'water'),
    from: 'rosa@people.example',
    text: 'The fountain leaks.'
  })
  const cases = await casesOf(runtime, contactId)
  const of = (department: string) => cases.find((one) => one.department === department)!.id
  both = { contactId, parks: of('parks'), water: of('water') }
  await take(runtime, ann, 'parks')
  await take(runtime, ann, 'water')
})
afterAll(() => runtime.remove())

const ann = 'staff:ann'
const found = async (typed: string, filter: SearchFilter = {}) =>
  (await searchCases(runtime.db, typed, { languages: ['en', 'es'], ...filter })).hits.map(
    ({ caseId }) => caseId
  )
const note = (caseId: string, text: string) =>
  addNote(runtime.db, { noteId: newId(), caseId, actor: ann, text, mentions: [] })
const reply = (caseId: string, contactId: string, text: string, language = 'en') =>
  sendReply(runtime, {
    replyId: newId(),
    caseId,
    contactId,
    actor: ann,
    way: 'mail',
    address: 'rosa@people.example',
    typed: false,
    name: undefined,
    language,
    subject: 'Ornithology',
    text
  })

describe('a case is found by what staff wrote on it', () => {
  test('in a reply, as soon as it is written, by another form of the word and by its subject', async () => {
    await reply(both.parks, both.contactId, 'We sent two gargoyles.')
    expect(await found('gargoyle')).toEqual([both.parks])
    expect(await found('ornithology')).toEqual([both.parks])
    await reply(both.parks, both.contactId, 'Mandamos dos fontaneros.', 'es')
    expect(await found('fontanero')).toEqual([both.parks])
  })

  test('in a note', async () => {
    await note(both.parks, 'The wrenches lie in shed nine.')
    expect(await found('wrench shed')).toEqual([both.parks])
  })

  test('and not by another case of the same contact, nor by who does not serve the department', async () => {
    await note(both.water, 'A zeugma in the valve.')
    expect(await found('zeugma')).toEqual([both.water])
    expect(await found('zeugma', { departments: ['parks'] })).toEqual([])
    expect(await found('gargoyle', { departments: ['water'] })).toEqual([])
    await runtime.line.close(both.water, ann, 'A new syzygy')
    expect(await found('syzygy')).toEqual([both.water])
    expect(await found('syzygy', { departments: ['parks'] })).toEqual([])
    expect((await found('fountain')).toSorted()).toEqual([both.parks, both.water].toSorted())
  })

  test('when it was joined into another, over two steps too, and by itself when it is apart again', async () => {
    const stands: Stood[] = []
    for (const text of ['One bench', 'Another bench', 'A third bench'])
      stands.push(await stand(runtime, { text }))
    const [first, second, third] = stands.map(({ caseId }) => caseId) as [string, string, string]
    await note(third, 'Beware the quincunx.')
    await runtime.line.join({
      laterCaseId: third,
      earlierCaseId: second,
      actor: ann,
      reason: 'one bench'
    })
    expect(await found('quincunx')).toEqual([second])
    await runtime.line.join({
      laterCaseId: second,
      earlierCaseId: first,
      actor: ann,
      reason: 'one bench'
    })
    expect(await found('quincunx')).toEqual([first])
    await runtime.line.undoJoin(second, ann, 'no')
    await runtime.line.undoJoin(third, ann, 'no')
    expect(await found('quincunx')).toEqual([third])
  })
})

test('everybody who got an answer to a campaign is found by it, within the departments served', async () => {
  const two = [
    await stand(runtime, { text: 'Keep the pool open', from: 'kim@people.example' }),
    await stand(runtime, { to: town('water'), text: 'No pool, no fun', from: 'lee@people.example' })
  ]
  const campaignId = newId()
  await sql`insert into campaigns (id) values (${campaignId})`.execute(runtime.db)
  for (const { contactId } of two)
    await sql`insert into campaign_members (campaign_id, contact_id, joined_by,
      joined_why) values (${campaignId}, ${contactId}, ${ann}, 'the same words')`.execute(
      runtime.db
    )
  await answerAll(runtime, campaignId, 'The council hears the kumquats on Monday.', ann)
  expect((await found('kumquat')).toSorted()).toEqual(two.map(({ caseId }) => caseId).toSorted())
  expect(await found('kumquat', { departments: ['water'] })).toEqual([two[1]!.caseId])
  expect(await found('kumquat', { before: new Date(0) })).toEqual([])
  await sql`delete from search_entries where source = 'answer'`.execute(runtime.db)
  expect(await found('kumquat')).toEqual([])
})

test('what was written before is indexed in the background', async () => {
  await sql`delete from search_entries where source in ('reply', 'note')`.execute(runtime.db)
  expect(await found('gargoyle')).toEqual([])
  await sql`insert into search_due (source, source_id) select 'reply', id from answers`.execute(
    runtime.db
  )
  while ((await indexDue(runtime.db, 2)) > 0);
  expect(await found('gargoyle')).toEqual([both.parks])
})

describe('a case that was split off is found by its heading', () => {
  test('at once, also once it has ended, and it alone is', async () => {
    const about = 'Marmots below the rotunda'
    const stood = await stand(runtime, { to: town('permits'), text: 'The rooms are cold.' })
    await take(runtime, ann, 'permits')
    const caseId = await runtime.line.split(stood.caseId, ann, about, { into: 'streets' })
    expect(await found('marmot rotunda')).toEqual([caseId])
    expect(await found('marmot', { departments: ['permits'] })).toEqual([])
    await take(runtime, ann, 'streets')
    await runtime.line.close(caseId, ann, 'relocated to a meadow')
    expect(await found('marmot')).toEqual([caseId])
    expect(await found('meadow')).toEqual([caseId])
  })
})
