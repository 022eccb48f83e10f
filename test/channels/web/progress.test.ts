/** What a resident's page says happened: to this message, and to nobody else's. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { channels } from '../../../channels/index.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { answerAll } from '../../../core/campaigns/answer.ts'
import { closeCase } from '../../../core/cases/closing.ts'
import { recordNotices } from '../../../core/outbox/mail-delivery.ts'
import { dutiesOf, settleDuty } from '../../../core/outbox/duties.ts'
import { recordDelivery } from '../../../core/outbox/text-delivery.ts'
import { sendReply } from '../../../core/replies/send.ts'
import { enqueueUpdates } from '../../../core/verification/updates.ts'
import { wasAnswered } from '../../../core/line/answered.ts'
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

type Way = { readonly way?: 'mail' | 'text' | 'call'; readonly address: string }

async function answer({ caseId, contactId }: Stood, to: string | Way): Promise<string> {
  const { way = 'mail', address } = typeof to === 'string' ? { address: to } : to
  const replyId = newId()
  await sendReply(site.runtime, {
    replyId,
    caseId,
    contactId,
    actor: ann,
    way,
    address,
    typed: false,
    name: undefined,
    language: 'en',
    subject: 'The swing',
    text: 'We mend it on Thursday.'
  })
  await openDispatcher(site.runtime, channels).acknowledge([contactId])
  return replyId
}

/** A mail system says that a mail with an answer did not arrive. */
const bounce = ({ receipt }: Stood, answerId: string) =>
  recordNotices(site.runtime.db, [
    { receipt, notice: { outcome: 'failed', answers: [answerId], lasting: true } }
  ])

/** One answer to a campaign with this letter in it. */
async function answerByCampaign(contactId: string): Promise<void> {
  const { db } = site.runtime
  const { rows } = await sql<{ id: string }>`insert into campaigns default values
    returning id`.execute(db)
  const campaignId = rows[0]!.id
  await sql`insert into campaign_members (contact_id, campaign_id, joined_by, joined_why)
    values (${contactId}, ${campaignId}, 'staff:ann', 'one letter')`.execute(db)
  await answerAll(site.runtime, campaignId, 'It stays open.', ann)
  await openDispatcher(site.runtime, channels).acknowledge([contactId])
}

/** The carrier has the text with the answer. */
async function deliverText({ contactId }: Stood): Promise<void> {
  const { rows } = await sql<{ id: string }>`select id from outbound
    where contact_id = ${contactId} and kind like 'answer:%'`.execute(site.runtime.db)
  const delivery = { outboundId: rows[0]!.id, providerId: 'SM1', status: 'delivered' }
  await recordDelivery(site.runtime.db, delivery)
}

/** Leo's address gets updates of a contact. */
async function confirmUpdates(contactId: string): Promise<void> {
  await site.runtime.db
    .insertInto('address_proofs')
    .values({
      id: newId(),
      contact_id: contactId,
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
}

const pageOf = async (receipt: string, language = 'en') =>
  (await new Visitor(site.url).get(`/r/${receipt}`, { 'accept-language': language })).text

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
  await confirmUpdates(later.contactId)
  await take(site.runtime, ann)
  await answer(earlier, ana)
  await join(later, earlier)
  expect(await enqueueUpdates(site.runtime, 0)).toBe(0)
  await site.runtime.line.close(earlier.caseId, ann, 'Mended')
  expect(await enqueueUpdates(site.runtime, 0)).toBe(1)
})

describe('an answer that went to somebody else', () => {
  const notToYou = 'We sent an answer, not to an address or number in this message'
  const heard = /We have answered|We answered|Read our answer/

  test('is said to be none for a message that a person joined', async () => {
    const earlier = await standing('A swing hangs by one chain', ana)
    const later = await standing('Kids get hurt at the creek', leo)
    await take(site.runtime, ann)
    await join(later, earlier)
    await answer(earlier, ana)
    await closeCase(site.runtime, earlier.caseId, ann, { outcomeId: 'reply-sent' })
    const page = await pageOf(later.receipt)
    expect(page).toContain('<h1>Closed by Parks and Recreation</h1>')
    expect(page).toContain('It did not go to you, but to an address or number')
    expect(page).toContain('add something below and say how we can reach you')
    expect(page).not.toContain('217-555-0100')
    expect(page).not.toMatch(heard)
    expect(await timeline(later.receipt)).toContain(notToYou)
    expect(await pageOf(later.receipt, 'es')).toContain('No fue para usted')
    expect(await pageOf(earlier.receipt)).toMatch(/Answered by Parks[^]*We answered you/)
  })

  test('is said to be none for the one who wrote first, where only the joined one is answered', async () => {
    const earlier = await standing('The sandbox has glass in it', ana)
    const later = await standing('Look at what lies in the sand', leo)
    await take(site.runtime, ann)
    await join(later, earlier)
    await answer({ ...later, caseId: earlier.caseId }, leo)
    expect(await pageOf(earlier.receipt)).not.toMatch(heard)
    expect(await pageOf(later.receipt)).toContain('We have answered')
  })

  test('is the own one of whoever gave the same number, written another way', async () => {
    const [one, other] = [
      await stand(site.runtime, { text: 'The gate squeaks', sender: { phones: ['217 555 0142'] } }),
      await stand(site.runtime, { text: 'Oil the hinges', sender: { phones: ['+12175550142'] } })
    ]
    await take(site.runtime, ann)
    await join(other, one)
    await answer(one, { way: 'text', address: '+12175550142' })
    const written = 'An answer was written. It could not be sent: no way to send is set up here'
    expect(await timeline(other.receipt)).toContain(written)
    expect(await pageOf(other.receipt)).toMatch(/It was not sent, because no way to send is set up/)
    const close = () => closeCase(site.runtime, one.caseId, ann, { outcomeId: 'reply-sent' })
    await expect(close()).rejects.toMatchObject({ code: 'OUTCOME_NOT_ANSWERED' })
    await deliverText(one)
    expect(await timeline(other.receipt)).toContain('We answered by text message')
    await close()
    expect(await pageOf(other.receipt)).toContain('<h1>Answered by Parks and Recreation</h1>')
  })

  test('is told to each of a campaign for their own letter alone', async () => {
    const [mine, theirs] = [
      await standing('Keep the library open', ana),
      await standing('The library must stay', leo)
    ]
    await take(site.runtime, ann)
    await join(theirs, mine)
    await answerByCampaign(theirs.contactId)
    expect(await pageOf(theirs.receipt)).toContain('We have answered')
    expect(await pageOf(mine.receipt)).not.toMatch(heard)
  })

  test('is no news for who asked for updates of a joined message', async () => {
    const earlier = await standing('A bench lost its seat', ana)
    const later = await standing('Nobody can sit at the pond', leo)
    await join(later, earlier)
    await confirmUpdates(later.contactId)
    await take(site.runtime, ann)
    await answer(earlier, ana)
    await enqueueUpdates(site.runtime, 0)
    const { rows } = await sql<{ kind: string }>`select kind from outbound
      where contact_id = ${later.contactId} and kind like 'update:%'`.execute(site.runtime.db)
    expect(rows.map(({ kind }) => kind.endsWith('.replied'))).toEqual([false])
  })
})

describe('an answer that did not arrive', () => {
  test('is said to have been tried, and what to do; it is none, and no code is sent there', async () => {
    const stood = await standing('A pipe drips in the pavilion', ana)
    await take(site.runtime, ann)
    await bounce(stood, await answer(stood, ana))
    await closeCase(site.runtime, stood.caseId, ann, { outcomeId: 'no-action' })
    const page = await pageOf(stood.receipt)
    expect(page).toMatch(/We tried to send you an answer on [^<]+ It did not arrive/)
    expect(page).toContain('Call 217-555-0100 and have your receipt ready.')
    expect(page).not.toMatch(/We have answered|We answered by/)
    expect(page).not.toContain('Read our answer')
    expect(await timeline(stood.receipt)).toContain(
      'We tried to answer by email. It did not arrive'
    )
    expect(await pageOf(stood.receipt, 'es')).toContain('Intentamos enviarle una respuesta')
  })

  test('is settled by the one that a person gave by phone, or that went another way', async () => {
    const stood = await standing('The fountain runs dry', ana)
    await take(site.runtime, ann)
    await bounce(stood, await answer(stood, ana))
    const [duty] = await dutiesOf(site.runtime.db, [stood.caseId])
    await settleDuty(site.runtime.db, {
      dutyId: duty!.dutyId,
      actor: ann,
      how: 'called',
      words: 'told her'
    })
    expect(await pageOf(stood.receipt)).not.toContain('We tried to send you an answer on')
    expect((await timeline(stood.receipt)).slice(-2)).toEqual([
      'We tried to answer by email. It did not arrive',
      'We told you by phone'
    ])
  })
})

describe('a message that was split', () => {
  test('shows both matters apart, each with its own state, answer and outcome', async () => {
    const stood = await standing('The slide is loose, and when does the pool open?', ana)
    await take(site.runtime, ann)
    const part = await site.runtime.line.split(stood.caseId, ann, 'the pool')
    expect(await pageOf(stood.receipt)).toContain(
      '<h1>Your message is dealt with as 2 matters</h1>'
    )
    await answer(stood, ana)
    expect(await wasAnswered(site.runtime.db, stood.caseId)).toBe(true)
    expect(await wasAnswered(site.runtime.db, part)).toBe(false)
    await closeCase(site.runtime, stood.caseId, ann, { outcomeId: 'reply-sent' })
    const { text } = await new Visitor(site.url).get(`/r/${stood.receipt}`)
    expect(text).toContain('<h1>Your message is dealt with as 2 matters; ended so far: 1</h1>')
    const [, first, second] = text.split(/<h2 id="case-\d">/)
    expect(first).toMatch(/^1 of 2\. Answered by Parks[^]*We answered you[^]*Read our answer/)
    expect(second!.split('</section>')[0]).toMatch(/^2 of 2\. Waiting: number 1 of 1 in Parks/)
    expect(second!.split('</section>')[0]).not.toMatch(/answered|Read our answer/i)
    await take(site.runtime, ann)
    await closeCase(site.runtime, part, ann, { outcomeId: 'no-action' })
    const after = (await pageOf(stood.receipt)).split(/<h2 id="case-\d">/)
    expect(after[0]).toContain('<h1>Your message was dealt with as 2 matters. All are ended</h1>')
    expect(after[2]!.split('</section>')[0]).toMatch(/^2 of 2\. Closed by Parks/)
    expect(after[2]!.split('</section>')[0]).not.toMatch(/We answered you/)
  })

  test('and of which a part was joined to another case shows that one', async () => {
    const other = await standing('When does the pool open this year?', leo)
    const stood = await standing('The net is torn, and is the pool open?', ana)
    await take(site.runtime, ann)
    await take(site.runtime, ann)
    const part = await site.runtime.line.split(stood.caseId, ann, 'the pool')
    await join({ ...stood, caseId: part }, other)
    await answer(other, leo)
    const parts = (await pageOf(stood.receipt)).split(/<h2 id="case-\d">/).slice(1)
    expect(parts.map((one) => one.split('</section>')[0]!.includes('did not go to you'))).toEqual([
      true,
      false
    ])
  })
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
