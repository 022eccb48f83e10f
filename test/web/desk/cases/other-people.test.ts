/** A case can hold messages of several people, and addresses that take nothing. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { channels } from '../../../../channels/index.ts'
import { answerCase } from '../../../../core/cases/answer.ts'
import { viewCase } from '../../../../core/cases/view.ts'
import { openDispatcher } from '../../../helpers/dispatcher.ts'
import { peopleOf } from '../../../../core/people/view.ts'
import { recordNotices } from '../../../../core/outbox/mail-delivery.ts'
import { newId } from '../../../../platform/ids.ts'
import { emptyLine, stand, town, type Mail, type Stood } from '../../../helpers/contacts.ts'
import { openSite, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'
import { formOf } from './support.ts'

let site: Site
let agent: SignedIn
let stood: Stood
let path: string
beforeAll(async () => {
  site = await openSite()
  agent = await signIn(site, 'agent', ['streets'])
})
afterAll(() => site.close())

const rosa = { name: 'Rosa Delgado', emails: ['rosa@people.example'], phones: ['+12175550142'] }
const maria = { name: 'Maria Gomez', emails: ['maria@people.example'] }
const standing = (sender: Mail['sender']) =>
  stand(site.runtime, {
    to: town('streets'),
    subject: 'A hole',
    text: `It is deep. ${crypto.randomUUID()}`,
    ...(sender ? { sender } : {})
  })
const actor = () => `staff:${agent.staff.id}`
const join = (later: Stood) =>
  site.runtime.line.join({
    laterCaseId: later.caseId,
    earlierCaseId: stood.caseId,
    actor: actor(),
    reason: 'one hole'
  })
const page = async () => (await agent.get(path)).text
const chosen = async () =>
  /<select id="reply-to"[^]*?value="([^"]+)" selected/.exec(await page())![1]

async function inHand(sender: Mail['sender'] = rosa): Promise<void> {
  await emptyLine(site.runtime, 'streets')
  stood = await standing(sender)
  const token = (await agent.get('/desk')).input('_csrf')
  await agent.post('/desk/departments/streets/take', { _csrf: token })
  path = `/desk/cases/${stood.caseId}`
}
beforeEach(() => inHand())

test('the address of another person of the case is marked with their name, and never chosen first', async () => {
  await join(await standing(maria))
  expect(await page()).toContain('Email: maria@people.example (another person’s: Maria Gomez)')
  expect(await chosen()).toBe('mail rosa@people.example')
})

test('nor where nobody else gave one; the API says so', async () => {
  await inHand({})
  await join(await standing(maria))
  expect(await page()).toContain('<option value="" selected>- Choose who gets it -</option>')
  const answer = answerCase(site.runtime, {
    caseId: stood.caseId,
    actor: actor(),
    replyId: newId(),
    text: 'Filled.'
  })
  await expect(answer).rejects.toMatchObject({
    code: 'REPLY_ADDRESS',
    message: expect.stringContaining('by a later message or by somebody else: name the address')
  })
})

test('the desk names who does not get a reply, before it is sent and after', async () => {
  await join(await standing({ name: 'Maria Gomez', phones: ['+12175550199'] }))
  const unheard = /Maria Gomez \(wrote [A-Z][a-z]+ \d+ by e-mail; phone only\) does not get this\./
  expect(await page()).toMatch(
    new RegExp(`data-unheard="mail rosa@people.example">${unheard.source}`)
  )
  const body = formOf(await agent.get(path), `${path}/compose`, { text: 'Filled.', do: 'send' })
  await agent.post(`${path}/compose`, body)
  const sent = (await page()).split('<li class="message out"')[1]!
  expect(sent).toMatch(unheard)
})

test('who came to the case after a reply was sent is not said to have missed it', async () => {
  const later = await standing(maria)
  const body = formOf(await agent.get(path), `${path}/compose`, { text: 'Filled.', do: 'send' })
  await agent.post(`${path}/compose`, body)
  await openDispatcher(site.runtime, channels).acknowledge([stood.contactId])
  await join(later)
  const [composer, sent] = [await page(), (await page()).split('<li class="message out"')[1]!]
  expect(sent.split('</li>')[0]).not.toContain('not get this')
  expect(composer).toMatch(/data-unheard="mail rosa@people\.example">Maria Gomez/)
})

test('the page says that a person has other contacts only where there are some', async () => {
  const others = /One other contact of theirs is there|other contacts of theirs are there/
  const emails = [`${crypto.randomUUID()}@people.example`]
  const sender = { name: 'Wilhelmina Okonkwo', emails }
  await inHand(sender)
  expect(await peopleOf(site.runtime.db, [stood.contactId])).toHaveLength(1)
  expect(await page()).not.toMatch(others)
  await standing(sender)
  expect(await page()).toContain('One other contact of theirs is there')
})

test('a reason that is a sentence has one full stop, and none before a colon', async () => {
  await site.runtime.db
    .updateTable('outbound')
    .set({ state: 'undeliverable', reason: 'The carrier did not deliver the text.' })
    .where('contact_id', '=', stood.contactId)
    .execute()
  const text = await page()
  expect(text).toMatch(/not sent<\/strong>: The carrier did not deliver the text\. <a/)
})

test('who alone wrote is not told of', async () => {
  expect(await page()).not.toContain('not get this')
})

test('an address from which mail came back is marked, and another one is chosen', async () => {
  const body = formOf(await agent.get(path), `${path}/compose`, { text: 'Filled.', do: 'send' })
  await agent.post(`${path}/compose`, body)
  await openDispatcher(site.runtime, channels).acknowledge([stood.contactId])
  const { contacts } = (await viewCase(site.runtime.db, stood.caseId))!
  const { id } = await site.runtime.db
    .selectFrom('answers')
    .select('id')
    .where('case_id', '=', stood.caseId)
    .executeTakeFirstOrThrow()
  await recordNotices(site.runtime.db, [
    { receipt: contacts[0]!.receipt, notice: { outcome: 'failed', answers: [id], lasting: true } }
  ])
  expect(await page()).toMatch(/Email: rosa@people\.example \(came back on [A-Z][^)]+\)/)
  expect(await chosen()).toBe('text +12175550142')
})

test('so is one from which only the receipt came back', async () => {
  await openDispatcher(site.runtime, channels).acknowledge([stood.contactId])
  await recordNotices(site.runtime.db, [
    { receipt: stood.receipt, notice: { outcome: 'failed', answers: [], lasting: true } }
  ])
  expect(await page()).toMatch(/Email: rosa@people\.example \(came back on/)
  expect(await chosen()).toBe('text +12175550142')
})
