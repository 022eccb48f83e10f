/** What a resident's page says happened: to this message, and to nobody else's. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { channels } from '../../../channels/index.ts'
import { OutboxDispatcher } from '../../../core/outbox/dispatcher.ts'
import { sendReply } from '../../../core/replies/send.ts'
import { enqueueUpdates } from '../../../core/verification/updates.ts'
import { newId } from '../../../platform/ids.ts'
import {
  bringIn,
  emptyLine,
  settlerOf,
  stand,
  take,
  tokenFor,
  type Stood
} from '../../helpers/contacts.ts'
import { openSite, Visitor, type Site } from '../../helpers/site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterEach(() => emptyLine(site.runtime))
afterAll(() => site.close())

const ann = 'staff:ann'
const ana = 'ana@people.example'
const leo = 'leo@people.example'

/** The timeline as it is read: what is still to come in brackets. */
async function timeline(receipt: string, language = 'en'): Promise<string[]> {
  const { text } = await new Visitor(site.url).get(`/r/${receipt}`, { 'accept-language': language })
  const items = [...text.matchAll(/<li class="(done|now|ahead)">(?:<strong>)?([^<]+)/g)]
  return items.map(([, kind, words]) => (kind === 'ahead' ? `(${words})` : words!))
}

const standing = (text: string, from: string): Promise<Stood> =>
  stand(site.runtime, { text, sender: { emails: [from] } })

async function answer({ caseId, contactId }: Stood, address: string): Promise<void> {
  await sendReply(site.runtime, {
    replyId: newId(),
    caseId,
    contactId,
    actor: ann,
    way: 'mail',
    address,
    typed: false,
    name: undefined,
    language: 'en',
    subject: 'The swing',
    text: 'We mend it on Thursday.'
  })
  await new OutboxDispatcher(site.runtime, channels).acknowledge([contactId])
}

const join = (later: Stood, earlier: Stood) =>
  site.runtime.line.join({
    laterCaseId: later.caseId,
    earlierCaseId: earlier.caseId,
    actor: ann,
    reason: 'the same swing'
  })

test('an answer stands in it with its way, and is no longer to come; none of its words does', async () => {
  const stood = await standing('The swing is broken', ana)
  await take(site.runtime, ann)
  expect((await timeline(stood.receipt)).slice(2)).toEqual(['Taken up by a person', '(Answered)'])
  await answer(stood, ana)
  const said = ['Received', 'Sorted to Parks and Recreation', 'Taken up by a person']
  expect(await timeline(stood.receipt)).toEqual([...said, 'We answered by email'])
  expect((await timeline(stood.receipt, 'es')).at(-1)).toBe('Respondimos por correo electrónico')
  const { text } = await new Visitor(site.url).get(`/r/${stood.receipt}`)
  expect(text).not.toMatch(/Thursday|ana@/)
  await site.runtime.line.close(stood.caseId, ann, 'Mended')
  await site.runtime.line.reopen(stood.caseId, ann, 'not mended')
  expect((await timeline(stood.receipt)).slice(-4)).toEqual([
    'Back in line',
    'Waiting at place 1 of 1',
    '(Read by a person)',
    '(Answered again)'
  ])
})

test('a message joined to another case by hand shows what came after, of both what is its own', async () => {
  const earlier = await standing('Our slide has a crack', ana)
  const later = await standing('Somebody has to look at that playground', leo)
  await take(site.runtime, ann)
  await answer(earlier, ana)
  await join(later, earlier)
  expect(await timeline(later.receipt)).toEqual([
    'Received',
    'Sorted to Parks and Recreation',
    'Added to an earlier message about the same matter',
    '(Answered)'
  ])
  expect(await timeline(earlier.receipt)).toContain('Another message was added')
  await answer({ ...later, caseId: earlier.caseId }, leo)
  await site.runtime.line.close(earlier.caseId, ann, 'Mended')
  expect((await timeline(later.receipt)).slice(-2)).toEqual([
    'We answered by email',
    'Closed by Parks and Recreation'
  ])
})

test('so does one that joined through a case between', async () => {
  const [first, second, third] = [
    await standing('A fence fell down', ana),
    await standing('Who mends the paddock?', leo),
    await standing('A chain hangs down by the creek', 'kim@people.example')
  ]
  await join(third, second)
  await take(site.runtime, ann)
  await join(second, first)
  const added = 'Added to an earlier message about the same matter'
  expect((await timeline(third.receipt)).slice(0, 4)).toEqual([
    'Received',
    'Sorted to Parks and Recreation',
    added,
    added
  ])
  await site.runtime.line.undoJoin(second.caseId, ann, 'another swing')
  expect((await timeline(third.receipt)).slice(0, 4)).toEqual([
    'Received',
    'Sorted to Parks and Recreation',
    added,
    'Waiting at place 1 of 1'
  ])
})

test('updates tell of nothing that was before a message joined', async () => {
  const earlier = await standing('One picnic table has gone', ana)
  const later = await standing('Where do we eat now?', leo)
  await site.runtime.db
    .insertInto('address_proofs')
    .values({
      id: newId(),
      contact_id: later.contactId,
      purpose: 'updates',
      way: 'mail',
      address: leo,
      address_hash: 'x',
      own: true,
      language: 'en',
      expires_at: new Date(),
      proved_at: new Date(),
      told_event: '0',
      stopped_at: null
    })
    .execute()
  await take(site.runtime, ann)
  await answer(earlier, ana)
  await join(later, earlier)
  expect(await enqueueUpdates(site.runtime, 0)).toBe(0)
  await site.runtime.line.close(earlier.caseId, ann, 'Mended')
  expect(await enqueueUpdates(site.runtime, 0)).toBe(1)
})

test('what a mail system reports of our mail is no message that was added', async () => {
  const stood = await standing('The swing is broken', ana)
  const before = await timeline(stood.receipt)
  const { contactId } = await bringIn(site.runtime, {
    kind: 'bounce',
    tokens: [tokenFor(site.runtime, stood.receipt)]
  })
  await settlerOf(site.runtime).settle([contactId])
  expect(await timeline(stood.receipt)).toEqual(before)
})
