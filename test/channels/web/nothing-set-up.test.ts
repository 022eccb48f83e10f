/** A town without a mail server and without a text account: nothing is offered that needs them. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { channels } from '../../../channels/index.ts'
import { closeCase } from '../../../core/cases/closing.ts'
import { wasAnswered } from '../../../core/line/answered.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { dutiesOf, settleDuty } from '../../../core/outbox/duties.ts'
import { sendReply } from '../../../core/replies/send.ts'
import { newId } from '../../../platform/ids.ts'
import { emptyLine, stand, take, type Stood } from '../../helpers/contacts.ts'
import { openSite, Visitor, type Site } from '../../helpers/site.ts'

let site: Site
let stood: Stood
const ann = 'staff:ann'
const rosa = 'rosa@people.example'
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())
beforeEach(async () => {
  await emptyLine(site.runtime)
  stood = await stand(site.runtime, { sender: { emails: [rosa], phones: ['217-555-0142'] } })
  await take(site.runtime, ann)
  await sendReply(site.runtime, {
    replyId: newId(),
    caseId: stood.caseId,
    contactId: stood.contactId,
    actor: ann,
    way: 'mail',
    address: rosa,
    typed: false,
    name: undefined,
    language: 'en',
    subject: '',
    text: 'We mend it on Thursday.'
  })
  await openDispatcher(site.runtime, channels).acknowledge([stood.contactId])
})

const get = async (path: string) =>
  (await new Visitor(site.url).get(`/r/${stood.receipt}${path}`)).text

test('a reply that nothing sends comes to a person, and is no answer until they told it', async () => {
  const { db } = site.runtime
  const [duty] = await dutiesOf(db, [stood.caseId])
  expect(duty).toMatchObject({
    kind: 'undelivered',
    address: rosa,
    reason: 'written to a file, as nothing is set up to send it'
  })
  expect(await wasAnswered(db, stood.caseId)).toBe(false)
  const close = () => closeCase(site.runtime, stood.caseId, ann, { outcomeId: 'reply-sent' })
  await expect(close()).rejects.toMatchObject({ code: 'OUTCOME_NOT_ANSWERED' })
  await settleDuty(db, { dutyId: duty!.dutyId, actor: ann, how: 'called', words: 'told her' })
  await close()
  expect(await get('')).toMatch(/<h1>Answered by Parks[^]*We told you by phone/)
})

test('no page offers a code that cannot be sent; the answer can be heard another way', async () => {
  const page = await get('')
  expect(page).toMatch(/An answer was written on [^<]+ It was not sent[^]*Call 217-555-0100/)
  expect(page).not.toMatch(/Get updates|Read our answer|We send a code/)
  const choice = await get('/answer')
  expect(choice).toMatch(/no code can be sent from here[^]*Call 217-555-0100/)
  expect(choice).not.toContain('name="to"')
})

test('nor is one sent to who asks all the same', async () => {
  const visitor = new Visitor(site.url)
  const token = (await visitor.get(`/r/${stood.receipt}`)).input('_token')
  for (const [what, fields] of [
    ['updates', { address: 'ana@friends.example' }],
    ['answer', { to: '0' }]
  ] as const) {
    const page = await visitor.post(`/r/${stood.receipt}/${what}`, { _token: token, ...fields })
    expect([what, page.status]).toEqual([what, 422])
  }
})
