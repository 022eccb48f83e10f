/** Answers that a person has to bring, as their resident's page says it: a letter, a call. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { channels } from '../../../channels/index.ts'
import { closeCase } from '../../../core/cases/closing.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { dutiesOf, settleDuty } from '../../../core/outbox/duties.ts'
import { recordNotices } from '../../../core/outbox/mail-delivery.ts'
import type { ReplyWay } from '../../../core/outbox/reply-message.ts'
import { sendReply } from '../../../core/replies/send.ts'
import { readAnswers } from '../../../core/verification/answers.ts'
import { enqueueUpdates } from '../../../core/verification/updates.ts'
import { newId } from '../../../platform/ids.ts'
import { call } from '../../helpers/api.ts'
import { emptyLine, stand, take, type Stood } from '../../helpers/contacts.ts'
import { openMailServer, type MailServer } from '../../helpers/mail-server.ts'
import { openSite, Visitor, type Site } from '../../helpers/site.ts'

let site: Site
let mails: MailServer
beforeAll(async () => {
  mails = await openMailServer()
  site = await openSite({ MAIL_URL: mails.url })
})
afterEach(() => emptyLine(site.runtime))
afterAll(async () => {
  await site.close()
  await mails.close()
})

const ann = 'staff:ann'
const rosa = 'rosa@people.example'
const callNotes = 'Tell her gently: the claim was refused.'
const addresses: Readonly<Record<ReplyWay, string>> = {
  mail: rosa,
  text: '+12175550142',
  call: '217-555-0142',
  letter: '12 Alder Lane\nWillow Creek, IL 62001'
}

async function held(): Promise<Stood> {
  const stood = await stand(site.runtime, {
    text: `The swing is broken: ${newId()}`,
    sender: { emails: [rosa], phones: [addresses.call], addresses: ['12 Alder Lane'] }
  })
  await take(site.runtime, ann)
  return stood
}

async function answer({ caseId, contactId }: Stood, way: ReplyWay): Promise<string> {
  const replyId = newId()
  await sendReply(site.runtime, {
    replyId,
    caseId,
    contactId,
    actor: ann,
    way,
    address: addresses[way],
    typed: false,
    name: undefined,
    language: 'en',
    subject: '',
    text: callNotes
  })
  return replyId
}

const close = ({ caseId }: Stood, replyId: string) =>
  closeCase(site.runtime, caseId, ann, { outcomeId: 'reply-sent', answer: replyId })

async function settle({ caseId }: Stood, how: string): Promise<void> {
  const [duty] = await dutiesOf(site.runtime.db, [caseId])
  const { dutyId } = duty!
  await settleDuty(site.runtime.db, { dutyId, actor: ann, how, words: 'so it went' })
}

async function pageOf({ receipt }: Stood, language = 'en'): Promise<string> {
  const { text } = await new Visitor(site.url).get(`/r/${receipt}`, { 'accept-language': language })
  return text
}

/** Whoever holds an address of the message, and proved it for this. */
async function proved(contactId: string, purpose: 'answer' | 'updates'): Promise<string> {
  const id = newId()
  await site.runtime.db
    .insertInto('address_proofs')
    .values({
      id,
      contact_id: contactId,
      purpose,
      way: 'mail',
      address: purpose === 'answer' ? rosa : 'ana@friends.example',
      address_hash: 'x',
      own: purpose === 'answer',
      language: 'en',
      expires_at: new Date(),
      proved_at: new Date(),
      told_event: purpose === 'updates' ? '0' : null,
      stopped_at: null
    })
    .execute()
  return id
}

const last = (page: string) => /<li class="(\w+)">(?:<strong>)?([^<]+)(?!.*<li class=)/s.exec(page)!

describe('a call', () => {
  test('is said to be still to come until it is made, and then that it was', async () => {
    const stood = await held()
    await close(stood, await answer(stood, 'call'))
    const before = await pageOf(stood)
    expect(before).toContain('<h1>Closed by Parks and Recreation</h1>')
    expect(before).toContain('<p>We will call you.</p>')
    expect(before).not.toContain('We answered you')
    expect(last(before).slice(1)).toEqual(['ahead', 'We call you'])
    expect(await pageOf(stood, 'es')).toContain('Le llamaremos.')
    await settle(stood, 'reached')
    const after = await pageOf(stood)
    expect(after).toContain('<h1>Answered by Parks and Recreation</h1>')
    expect(after).toMatch(/We answered you\.[^]*We called you on /)
    expect(after).not.toContain('We will call you')
    expect(await pageOf(stood, 'es')).toContain('Le llamamos el ')
  })

  test('has no words that the resident reads: those are for whoever calls', async () => {
    const stood = await held()
    await answer(stood, 'call')
    const proofId = await proved(stood.contactId, 'answer')
    const read = () => readAnswers(site.runtime.db, stood.contactId, proofId)
    expect(await read()).toEqual([])
    await settle(stood, 'reached')
    expect(await read()).toEqual([])
    expect(await pageOf(stood)).not.toMatch(/Read our answer|An answer can hold personal details/)
  })

  test('that reached nobody is said as such, with what to do', async () => {
    const stood = await held()
    await answer(stood, 'call')
    await settle(stood, 'unreachable')
    const page = await pageOf(stood)
    expect(page).toMatch(/We tried to call you. On [^<]+ did not reach you/)
    expect(page).toContain('Call 217-555-0100 and have your receipt ready.')
    expect(page).not.toMatch(/Read our answer|You do not have to do anything/)
  })

  test('is news for who asked for updates, and none of an answer that was sent', async () => {
    const stood = await held()
    await proved(stood.contactId, 'updates')
    await close(stood, await answer(stood, 'call'))
    await enqueueUpdates(site.runtime, 0)
    await openDispatcher(site.runtime, channels).acknowledge([stood.contactId])
    const { mail } = await mails.mailTo('ana@friends.example')
    expect(mail.text).toContain('Closed by Parks and Recreation. We will call you.')
  })
})

test('a letter is said to be still to come until it is mailed, and can then be read', async () => {
  const stood = await held()
  await close(stood, await answer(stood, 'letter'))
  const before = await pageOf(stood)
  expect(before).toContain('We will mail you a letter with our answer.')
  expect(before).not.toContain('Read our answer')
  await settle(stood, 'printed')
  const after = await pageOf(stood)
  expect(after).toContain('<h1>Answered by Parks and Recreation</h1>')
  expect(after).toMatch(/We mailed you a letter on [^]*Read our answer/)
})

test('a mail that has not left yet is said to be on its way; systems read which way it goes', async () => {
  const stood = await held()
  const replyId = await answer(stood, 'mail')
  expect(await pageOf(stood)).toContain('We are sending you an answer by email.')
  const status = async () =>
    (await call(site.url, `/v1/receipts/${stood.receipt}`)).json as Record<string, unknown>
  expect(await status()).toMatchObject({ state: 'being-served', coming: ['mail'] })
  await openDispatcher(site.runtime, channels).acknowledge([stood.contactId])
  expect(await status()).not.toHaveProperty('coming')
  expect(await pageOf(stood)).toContain('You do not have to do anything.')
  await recordNotices(site.runtime.db, [
    { receipt: stood.receipt, notice: { outcome: 'failed', answers: [replyId], lasting: true } }
  ])
  const returned = await pageOf(stood)
  expect(returned).toContain('Add something with another address or number')
  expect(returned).not.toContain('You do not have to do anything.')
})

test('where no texts are set up, updates are offered by email alone', async () => {
  const stood = await held()
  const visitor = new Visitor(site.url)
  const page = await visitor.get(`/r/${stood.receipt}`)
  expect(page.text).toContain('for="field-updates">Email address</label>')
  const asked = await visitor.post(`/r/${stood.receipt}/updates`, {
    _token: page.input('_token'),
    address: addresses.text
  })
  expect(asked.text).toContain('Please enter an email address such as name@example.com.')
})

test('a code is offered to an address to which mail arrives, and to no other', async () => {
  const emails = ['old@people.example', 'new@people.example']
  const stood = await stand(site.runtime, { sender: { emails } })
  await take(site.runtime, ann)
  const choices = async () => {
    const { text } = await new Visitor(site.url).get(`/r/${stood.receipt}/answer`)
    return [...text.matchAll(/Email a code to (\w)/g)].map(([, letter]) => letter)
  }
  expect(await choices()).toEqual(['o', 'n'])
  await openDispatcher(site.runtime, channels).acknowledge([stood.contactId])
  await recordNotices(site.runtime.db, [
    { receipt: stood.receipt, notice: { outcome: 'failed', answers: [], lasting: true } }
  ])
  expect(await choices()).toEqual(['n'])
})

test('a message whose one address is dead offers no code, and says how else to hear the answer', async () => {
  const stood = await held()
  const replyId = await answer(stood, 'mail')
  await openDispatcher(site.runtime, channels).acknowledge([stood.contactId])
  expect(await pageOf(stood)).toContain('Read our answer')
  await recordNotices(site.runtime.db, [
    { receipt: stood.receipt, notice: { outcome: 'failed', answers: [replyId], lasting: true } }
  ])
  const page = await pageOf(stood)
  expect(page).toMatch(/It did not arrive[^]*Call 217-555-0100[^]*as a letter/)
  expect(page).not.toContain('Read our answer')
  const asked = async (language: string) =>
    (await new Visitor(site.url).get(`/r/${stood.receipt}/answer?lang=${language}`)).text
  expect(await asked('en')).toMatch(/no code can reach you[^]*Call 217-555-0100/)
  expect(await asked('es')).toMatch(/ningún código le puede llegar[^]*Llame al 217-555-0100/)
  expect(await asked('en')).not.toContain('name="to"')
})

test('a number alone is led to no code where no texts are set up', async () => {
  const stood = await stand(site.runtime, { sender: { phones: [addresses.text] } })
  await take(site.runtime, ann)
  await answer(stood, 'letter')
  const [duty] = await dutiesOf(site.runtime.db, [stood.caseId])
  await settleDuty(site.runtime.db, { dutyId: duty!.dutyId, actor: ann, how: 'printed', words: '' })
  const page = await pageOf(stood)
  expect(page).toMatch(/no code can reach you[^]*Call 217-555-0100/)
  expect(page).not.toContain('Read our answer')
})
