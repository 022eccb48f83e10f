/** A list may be empty: what asks by a list answers with nothing, and never with a syntax error. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { channels } from '../../../channels/index.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { joinCampaigns } from '../../../core/campaigns/join-set.ts'
import { concerns, listCampaigns } from '../../../core/campaigns/view.ts'
import { findDone } from '../../../core/contacts/find.ts'
import { readingProgress } from '../../../core/documents/progress.ts'
import { askForDocuments, findDocuments } from '../../../core/documents/store.ts'
import {
  lockTexts,
  indexedByNo,
  readIndexed,
  indexContacts
} from '../../../core/duplicates/store.ts'
import { appendEvents } from '../../../core/ledger/append.ts'
import { lockForEntry } from '../../../core/line/locks.ts'
import { countWaiting, placesOf } from '../../../core/line/view.ts'
import { sortBatches } from '../../../core/mailroom/lay-out-batch.ts'
import { countPossible, listPossible } from '../../../core/people/possible.ts'
import { peopleOf, showConstituents } from '../../../core/people/view.ts'
import { claimDue, findFiles, noteFiles } from '../../../core/contacts/remote-files.ts'
import { writeSet } from '../../../core/reading/write.ts'
import { findRedeliveries, findReplyThreads, loadReady } from '../../../core/settle/lookups.ts'
import { findCaseStanding } from '../../../core/settle/duplicate-lookup.ts'
import { writeVerdicts } from '../../../core/settle/write.ts'
import { obeyKeywords } from '../../../core/conversation/consent.ts'
import { askAboutEarlier } from '../../../core/conversation/conversation.ts'
import { findDue } from '../../../core/webhooks/store.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { openPipeline } from '../../helpers/pipeline.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

test('a condition on an empty list finds nothing, its opposite finds all', async () => {
  const ids = (operator: 'in' | 'not in') =>
    runtime.db.selectFrom('secrets').select('name').where('name', operator, []).execute()
  expect([await ids('in'), (await ids('not in')).length]).toEqual([[], 1])
})

test('changing and deleting by an empty list touch nothing', async () => {
  await runtime.db.updateTable('secrets').set({ name: 'lost' }).where('name', 'in', []).execute()
  await runtime.db.deleteFrom('secrets').where('name', 'in', []).execute()
  expect(await runtime.db.selectFrom('secrets').select('name').execute()).toEqual([
    { name: 'master' }
  ])
})

const asked: readonly (readonly [string, (runtime: TestRuntime) => Promise<unknown>])[] = [
  ['acknowledge', (one) => openDispatcher(one, channels).acknowledge([])],
  ['appendEvents', ({ db }) => appendEvents(db, [])],
  ['askAboutEarlier', ({ db }) => askAboutEarlier(db, [])],
  ['askForDocuments', ({ db }) => askForDocuments(db, [])],
  ['claimDue', ({ db }) => claimDue(db, [])],
  ['concerns', ({ db }) => concerns(db, '00000000-0000-7000-8000-000000000000', [])],
  ['countPossible', ({ db }) => countPossible(db, [])],
  ['countWaiting', ({ db }) => countWaiting(db, [])],
  ['findRedeliveries', ({ db }) => findRedeliveries(db, [])],
  ['findDocuments', ({ db }) => findDocuments(db, [])],
  ['findDone', ({ db }) => findDone(db, [])],
  ['findDue', ({ db }) => findDue(db, [])],
  ['findFiles', ({ db }) => findFiles(db, [])],
  ['findCaseStanding', ({ db }) => findCaseStanding(db, [])],
  ['findReplyThreads', ({ db, secret }) => findReplyThreads(db, [], secret('reply'))],
  ['lockTexts', ({ db }) => lockTexts(db, [])],
  ['joinCampaigns', ({ db }) => joinCampaigns(db, [])],
  ['listCampaigns', ({ db }) => listCampaigns(db, { departments: [] })],
  ['listPossible', ({ db }) => listPossible(db, 50, [])],
  ['loadReady', ({ db }) => loadReady(db, [])],
  ['lockForEntry', ({ db }) => db.transaction().execute((trx) => lockForEntry(trx, []))],
  ['indexedByNo', ({ db }) => indexedByNo(db, [])],
  ['noteFiles', ({ db }) => noteFiles(db, '00000000-0000-7000-8000-000000000000', [], 'waiting')],
  ['obeyKeywords', ({ db }) => obeyKeywords(db, [])],
  ['peopleOf', ({ db }) => peopleOf(db, [])],
  ['placesOf', ({ db }) => placesOf(db, [])],
  ['readIndexed', ({ db }) => readIndexed(db, [])],
  ['readingProgress', ({ db }) => readingProgress(db, { contactIds: [] })],
  ['indexContacts', ({ db }) => indexContacts(db, [])],
  ['showConstituents', ({ db }) => showConstituents(db, [])],
  [
    'sortBatches',
    (one) => sortBatches(one.db, [], { agency: one.agency(), secret: one.secret('separator') })
  ],
  ['writeSet', ({ db }) => writeSet(db, [])],
  ['writeVerdicts', ({ db }) => db.transaction().execute((trx) => writeVerdicts(trx, []))]
]

test.each(asked)('%s of none is none', async (_, ask) => {
  await expect(ask(runtime)).resolves.not.toThrow()
})

test('reading and settling nothing is nothing', async () => {
  const pipeline = openPipeline(runtime)
  await expect(pipeline.run([])).resolves.not.toThrow()
  await pipeline.close()
})
