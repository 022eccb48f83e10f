import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sms } from '../../../channels/sms/index.ts'
import { Acknowledger } from '../../../core/acknowledge.ts'
import { sha256 } from '../../../core/blobs.ts'
import { release } from '../../../core/quarantine.ts'
import { sweep } from '../../../core/sweep.ts'
import { segmentsOf } from '../../../core/texts/segments.ts'
import { openHttpDoor, type HttpDoor } from '../../contract/http-door.ts'
import { contactRow } from '../../helpers/contacts.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { openPipeline, type Pipeline } from '../../helpers/pipeline.ts'
import { incomingText, newSid, openTwilio, OUR_NUMBER, signedWebhook, type TwilioStandIn } from '../../helpers/twilio.ts'

const PUBLIC_URL = 'https://intake.town.example'
let twilio: TwilioStandIn
let ground: TestGround
let door: HttpDoor
let pipeline: Pipeline
let acknowledger: Acknowledger
let person = '+12025550100'

beforeAll(async () => {
  twilio = await openTwilio()
  ground = await createTestGround('postgres', { PUBLIC_URL, ...twilio.environment })
  door = await openHttpDoor(ground, sms)
  pipeline = openPipeline(ground)
  acknowledger = new Acknowledger(ground, [sms])
})
beforeEach(() => { person = `+1202555${String(Number(person.slice(-4)) + 1).padStart(4, '0')}` })
afterAll(async () => {
  await door.close()
  await pipeline.close()
  await ground.remove()
  await twilio.close()
})

/** Twilio brings a text; answers with its contact, settled, and everything owed sent. */
async function receive(Body: string, more: Parameters<typeof incomingText>[0] = {}, media: Parameters<typeof incomingText>[1] = []) {
  const { id } = await deliver(incomingText({ From: person, Body, ...more }, media))
  await pipeline.run([id])
  await settleDebts(id)
  return contactRow(ground, id)
}

async function deliver(parameters: Record<string, string>): Promise<{ id: string }> {
  const { response } = await door.post(signedWebhook(PUBLIC_URL, '/hooks/sms/twilio', parameters))
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('<Response/>')])
  return ground.db.selectFrom('contacts').select('id').orderBy('ordinal', 'desc').limit(1).executeTakeFirstOrThrow()
}

async function settleDebts(id: string): Promise<void> {
  await ground.db.updateTable('outbound').set({ due_at: new Date(0) }).where('contact_id', '=', id).where('state', '=', 'waiting').execute()
  await acknowledger.acknowledge([id])
}

const textsTo = (number: string) => twilio.sent.filter(({ to }) => to === number)
const owed = (id: string) => ground.db.selectFrom('outbound').selectAll().where('contact_id', '=', id).orderBy('kind').execute()
const eventsOf = async (id: string) => (await ground.db.selectFrom('events').select('kind').where('contact_id', '=', id).orderBy('id').execute()).map(({ kind }) => kind)
const caseOf = (id: string) => ground.db.selectFrom('cases').selectAll().where('contact_id', '=', id).executeTakeFirst()

test('a text becomes a case, and its receipt goes back as one text from the number it was sent to, without its words', async () => {
  const contact = await receive('The swing in the playground is broken')
  expect(contact).toMatchObject({ state: 'settled', outcome: 'case', envelope: { sender: { phones: [person] }, recipients: [OUR_NUMBER], text: 'The swing in the playground is broken' } })
  expect(await caseOf(contact.id)).toMatchObject({ department: 'parks' })
  const [receipt, ...more] = textsTo(person)
  expect(more).toEqual([])
  expect(receipt).toMatchObject({ from: OUR_NUMBER, body: expect.stringContaining(contact.receipt), statusCallback: expect.stringMatching(/^https:\/\/intake\.town\.example\/hooks\/sms\/twilio\/status\?m=[0-9a-f-]{36}$/) })
  expect(receipt!.body).not.toMatch(/swing|playground/)
  expect(segmentsOf(receipt!.body).count).toBeLessThanOrEqual(2)
})

test('a Spanish text gets its receipt in Spanish, in at most two parts', async () => {
  await receive('Hay un bache muy grande en la calle principal, frente a la escuela de mis hijos, y es peligroso')
  expect(textsTo(person)[0]!.body).toMatch(/tiene su mensaje/)
  expect(segmentsOf(textsTo(person)[0]!.body).count).toBeLessThanOrEqual(2)
})

test('every picture of an MMS is fetched with our token and kept, whatever host its address names', async () => {
  const sid = newSid('MM')
  const pictures = Array.from({ length: 10 }, (_, index) => ({ sid: newSid('ME'), mediaType: 'image/jpeg', bytes: Buffer.from(`picture ${index}`) }))
  for (const picture of pictures) twilio.keep(`Messages/${sid}/Media/${picture.sid}`, picture.bytes, picture.mediaType)
  const contact = await receive('Pothole at 5th and Main', { MessageSid: sid }, pictures)
  expect(contact.envelope!.documents.map((document) => document.sha256)).toEqual(pictures.map(({ bytes }) => sha256(bytes)))
  expect(contact.envelope!.documents[9]).toMatchObject({ name: 'picture-10.jpg', mediaType: 'image/jpeg' })
  expect(twilio.asked.filter(({ path }) => path.includes(sid)).every(({ authorized }) => authorized)).toBe(true)
})

test('a picture of another message, account or host is not fetched, and the contact says so', async () => {
  const sid = newSid('MM')
  const others = ['https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/MM00000000000000000000000000000001/Media/ME00000000000000000000000000000001', 'http://169.254.169.254/latest/meta-data', 'nothing']
  const asked = twilio.asked.length
  const { id } = await deliver({ ...incomingText({ From: person, Body: 'look', MessageSid: sid }), NumMedia: '3', ...Object.fromEntries(others.map((url, index) => [`MediaUrl${index}`, url])) })
  await pipeline.run([id])
  const contact = await contactRow(ground, id)
  expect(twilio.asked).toHaveLength(asked)
  expect(contact).toMatchObject({ outcome: 'case', envelope: { documents: others.map(() => ({ withheld: expect.stringMatching(/not fetched/) })), evidence: { missingFiles: 3 } } })
})

test('a forged text is kept for a person, gets no answer and fetches nothing; released, it is read with its pictures and answered', async () => {
  const picture = { sid: newSid('ME'), mediaType: 'image/png' }
  const parameters = incomingText({ From: person, Body: 'The swing is broken' }, [picture])
  twilio.keep(`Messages/${parameters['MessageSid']}/Media/${picture.sid}`, Buffer.from('png'), 'image/png')
  const before = twilio.asked.length
  const { response } = await door.post(signedWebhook(PUBLIC_URL, '/hooks/sms/twilio', parameters, 'e'.repeat(32)))
  const { id } = await ground.db.selectFrom('contacts').select('id').orderBy('ordinal', 'desc').limit(1).executeTakeFirstOrThrow()
  await pipeline.run([id])
  await acknowledger.acknowledge([id])
  expect(response.status).toBe(200)
  expect(await contactRow(ground, id)).toMatchObject({ state: 'quarantined', quarantine_code: 'HELD_BY_CHANNEL' })
  expect([textsTo(person).length, twilio.asked.length]).toEqual([0, before])
  await release(ground.db, id, 'staff:ann', 'the provider confirms it')
  await pipeline.run([id])
  await settleDebts(id)
  expect(await contactRow(ground, id)).toMatchObject({ outcome: 'case', envelope: { documents: [{ sha256: sha256(Buffer.from('png')) }] } })
  expect(textsTo(person)).toHaveLength(1)
})

describe('STOP, START and HELP', () => {
  test.each(['STOP', 'stop', ' Stop. ', '"STOP"', 'STOP!!', 'StopAll', 'UNSUBSCRIBE', 'end', 'QUIT', 'Cancel', 'REVOKE', 'OPTOUT', 'opt out'])('%j alone ends our texts and is never a case', async (word) => {
    const contact = await receive(word)
    expect(contact).toMatchObject({ state: 'settled', outcome: 'auto-reply', case_id: null })
    expect(await eventsOf(contact.id)).toContain('consent.withdrawn')
    const later = await receive('The swing is broken')
    expect(later).toMatchObject({ outcome: 'case' })
    expect(textsTo(person)).toEqual([])
    expect(await owed(later.id)).toMatchObject([{ kind: 'acknowledgement', state: 'undeliverable', reason: 'this number asked for no texts' }])
  })

  test.each(['Stop sign is down at Oak and 3rd', 'Stop', 'The bus does not stop', 'STOP PLEASE the noise', 'end of the road is flooded', 'cancel my appointment', 'stop sign', 'Start of Main St is flooded', 'help me with my bill', 'st op', 'STOP?'].filter((text) => text !== 'Stop'))('%j is a report', async (text) => {
    expect(await receive(text)).toMatchObject({ outcome: 'case', envelope: { text } })
    expect(textsTo(person)).toHaveLength(1)
  })

  test('START after STOP lets us text again, whichever is settled first', async () => {
    const stop = await deliver(incomingText({ From: person, Body: 'STOP' }))
    const start = await deliver(incomingText({ From: person, Body: 'start' }))
    await pipeline.run([start.id])
    await pipeline.run([stop.id])
    await receive('The swing is broken')
    expect(textsTo(person)).toHaveLength(1)
  })

  test('STOP counts up to the moment of sending: a receipt already owed is not sent', async () => {
    const { id } = await deliver(incomingText({ From: person, Body: 'The swing is broken' }))
    await pipeline.run([id])
    await receive('stop')
    await settleDebts(id)
    expect(textsTo(person)).toEqual([])
  })

  test('HELP is answered with what the number is, unless the provider has answered it', async () => {
    const help = await receive('HELP')
    expect(help).toMatchObject({ outcome: 'auto-reply' })
    expect(textsTo(person)).toMatchObject([{ body: expect.stringMatching(/911.*STOP/) }])
    await receive('help', { OptOutType: 'HELP' })
    expect(textsTo(person)).toHaveLength(1)
  })
})

describe('a text while an earlier one is open', () => {
  test('has its own place, is asked about, and joins the earlier case on an exact answer', async () => {
    const first = await receive('The swing is broken')
    const second = await receive('The playground chain is rusty too')
    const [receiptOne, receiptTwo, question] = textsTo(person)
    expect([await caseOf(first.id), await caseOf(second.id)]).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }])
    expect([receiptOne!.body, receiptTwo!.body, question!.body]).toEqual([expect.stringContaining(first.receipt), expect.stringContaining(second.receipt), expect.stringMatching(new RegExp(`${first.receipt.slice(-4)}.*Reply 1`))])
    const answer = await receive(' 1. ')
    expect(answer).toMatchObject({ outcome: 'auto-reply', case_id: first.case_id })
    await sweep(ground)
    expect(await caseOf(second.id)).toMatchObject({ state: 'joined', joined_into: first.case_id })
    expect(textsTo(person)).toHaveLength(3)
  })

  test('joins by the last four of the earlier receipt too', async () => {
    const first = await receive('The swing is broken')
    const second = await receive('And the slide')
    await receive(first.receipt.slice(-4).toLowerCase())
    await sweep(ground)
    expect(await caseOf(second.id)).toMatchObject({ state: 'joined', joined_into: first.case_id })
  })

  test.each(['1 more thing: the gate', 'yes', 'ok', '12', 'one', 'no'])('%j is no answer: a message of its own, and nothing is joined', async (text) => {
    await receive('The swing is broken')
    const second = await receive('And the slide')
    const third = await receive(text)
    await sweep(ground)
    expect(third).toMatchObject({ outcome: 'case' })
    expect(await caseOf(second.id)).toMatchObject({ state: 'waiting' })
  })

  test('2 keeps them apart, and 1 without a question is a message', async () => {
    const lonely = await receive('1')
    expect(lonely).toMatchObject({ outcome: 'case' })
    const second = await receive('And the slide')
    const answer = await receive('2')
    await sweep(ground)
    expect(answer).toMatchObject({ outcome: 'auto-reply', case_id: second.case_id })
    expect(await caseOf(second.id)).toMatchObject({ state: 'waiting' })
  })

  test('the same number at another of our numbers, or another number, is never asked', async () => {
    await receive('The swing is broken')
    const elsewhere = await receive('And the slide', { To: '+17035550199' })
    expect((await owed(elsewhere.id)).map(({ kind }) => kind)).toEqual(['acknowledgement'])
  })
})

describe('delivery reports', () => {
  async function report(text: { sid: string; statusCallback: string | undefined }, MessageStatus: string, more: Record<string, string> = {}, token?: string) {
    const path = text.statusCallback!.replace(PUBLIC_URL, '')
    const { response } = await door.post(signedWebhook(PUBLIC_URL, path, { MessageSid: text.sid, MessageStatus, SmsStatus: MessageStatus, To: person, From: OUR_NUMBER, ...more }, token))
    expect(response.status).toBe(204)
  }

  test('out of order they never take a text back, and "delivered" is an event once', async () => {
    const contact = await receive('The swing is broken')
    const [text] = textsTo(person)
    for (const status of ['delivered', 'sent', 'queued', 'sending', 'delivered', 'nonsense']) await report(text!, status)
    expect(await owed(contact.id)).toMatchObject([{ state: 'sent', delivery: 'delivered', provider_id: text!.sid }])
    expect((await eventsOf(contact.id)).filter((kind) => kind === 'receipt.delivered')).toHaveLength(1)
  })

  test('undelivered leaves the duty to tell the person, with the carrier\'s reason', async () => {
    const contact = await receive('The swing is broken')
    const [text] = textsTo(person)
    await report(text!, 'undelivered', { ErrorCode: '30005' })
    await report(text!, 'sent')
    expect(await owed(contact.id)).toMatchObject([{ state: 'undeliverable', reason: expect.stringContaining('30005') }])
    expect(await eventsOf(contact.id)).toContain('receipt.not-sent')
  })

  test('a forged one says nothing', async () => {
    const contact = await receive('The swing is broken')
    await report(textsTo(person)[0]!, 'failed', {}, 'd'.repeat(32))
    expect(await owed(contact.id)).toMatchObject([{ state: 'sent', delivery: null }])
  })

  test('one that comes before the send has returned is not overwritten by it', async () => {
    const { id } = await deliver(incomingText({ From: person, Body: 'The swing is broken' }))
    await pipeline.run([id])
    const [{ id: outboundId } = { id: '' }] = await owed(id)
    await report({ sid: newSid('SM'), statusCallback: `${PUBLIC_URL}/hooks/sms/twilio/status?m=${outboundId}` }, 'failed', { ErrorCode: '30007' })
    await settleDebts(id)
    expect(await owed(id)).toMatchObject([{ state: 'undeliverable' }])
  })
})

describe('sending', () => {
  test('a refusal for good is recorded, a failure is tried again', async () => {
    twilio.failSends({ status: 400, code: 21614 })
    const landline = await receive('The swing is broken')
    expect(await owed(landline.id)).toMatchObject([{ state: 'undeliverable', reason: expect.stringMatching(/takes no texts.*21614/) }])
    twilio.failSends({ status: 503, code: 20503 })
    const later = await receive('Other swing', { From: `${person.slice(0, -4)}9999` })
    expect(await owed(later.id)).toMatchObject([{ state: 'waiting', attempts: 1 }])
    await settleDebts(later.id)
    expect(await owed(later.id)).toMatchObject([{ state: 'sent' }])
  })

  test('a text whose sender was killed after sending it is found at the provider and not sent again', async () => {
    const contact = await receive('The swing is broken')
    await ground.db.updateTable('outbound').set({ state: 'waiting', provider_id: null, attempts: 0, tried_at: new Date() }).where('contact_id', '=', contact.id).execute()
    await settleDebts(contact.id)
    expect(textsTo(person)).toHaveLength(1)
    expect(await owed(contact.id)).toMatchObject([{ state: 'sent', provider_id: textsTo(person)[0]!.sid }])
  })

  test('a short code gets no answer', async () => {
    const contact = await receive('Your code is 123456', { From: '55501' })
    expect(await owed(contact.id)).toMatchObject([{ state: 'undeliverable', reason: expect.stringContaining('short code') }])
  })
})
