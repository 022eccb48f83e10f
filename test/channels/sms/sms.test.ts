import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../core/blobs.ts'
import { release } from '../../../core/quarantine.ts'
import { sweep } from '../../../core/sweep.ts'
import { segmentsOf } from '../../../core/texts/segments.ts'
import { contactRow, stand } from '../../helpers/contacts.ts'
import { incomingText, newSid, OUR_NUMBER, signedWebhook } from '../../helpers/twilio.ts'
import { openTextBench, type TextBench } from './support.ts'

let bench: TextBench
beforeAll(async () => { bench = await openTextBench() })
beforeEach(() => bench.nextPerson())
afterAll(() => bench.close())

test('a text becomes a case, and its receipt goes back as one text from the number it was sent to, without its words', async () => {
  const contact = await bench.receive('The swing in the playground is broken')
  expect(contact).toMatchObject({ state: 'settled', outcome: 'case', envelope: { sender: { phones: [bench.person] }, recipients: [OUR_NUMBER], text: 'The swing in the playground is broken' } })
  expect(await bench.caseOf(contact.id)).toMatchObject({ department: 'parks' })
  const [receipt, ...more] = bench.texts()
  expect(more).toEqual([])
  expect(receipt).toMatchObject({ from: OUR_NUMBER, body: expect.stringContaining(contact.receipt), statusCallback: expect.stringMatching(/^https:\/\/intake\.town\.example\/hooks\/sms\/twilio\/status\?m=[0-9a-f-]{36}$/) })
  expect(receipt!.body).not.toMatch(/swing|playground/)
  expect(segmentsOf(receipt!.body).count).toBeLessThanOrEqual(2)
})

test('a Spanish text gets its receipt in Spanish, in at most two parts', async () => {
  await bench.receive('Hay un bache muy grande en la calle principal, frente a la escuela de mis hijos, y es peligroso')
  expect(bench.texts()[0]!.body).toMatch(/tiene su mensaje/)
  expect(segmentsOf(bench.texts()[0]!.body).count).toBeLessThanOrEqual(2)
})

test('every file of an MMS is fetched with our token and kept, whatever host its address names', async () => {
  const { twilio } = bench
  const sid = newSid('MM')
  const pictures = Array.from({ length: 10 }, (_, index) => ({ sid: newSid('ME'), mediaType: 'audio/amr', bytes: Buffer.from(`#!AMR memo ${index}`) }))
  for (const picture of pictures) twilio.keep(`Messages/${sid}/Media/${picture.sid}`, picture.bytes, picture.mediaType)
  const contact = await bench.receive('Pothole at 5th and Main', { MessageSid: sid }, pictures)
  expect(contact.envelope!.documents.map((document) => document.sha256)).toEqual(pictures.map(({ bytes }) => sha256(bytes)))
  expect(contact.envelope!.documents[9]).toMatchObject({ name: 'audio-10.amr', mediaType: 'audio/amr' })
  expect(twilio.asked.filter(({ path }) => path.includes(sid)).map(({ authorized }) => authorized)).toEqual(pictures.map(() => true))
})

test('a picture of another message, account or host is not fetched, and the contact says so', async () => {
  const others = ['https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/MM00000000000000000000000000000001/Media/ME00000000000000000000000000000001', 'http://169.254.169.254/latest/meta-data', 'nothing']
  const asked = bench.twilio.asked.length
  const id = await bench.deliver({ ...incomingText({ From: bench.person, Body: 'look' }), NumMedia: '3', ...Object.fromEntries(others.map((url, index) => [`MediaUrl${index}`, url])) })
  await bench.run(id)
  expect(bench.twilio.asked).toHaveLength(asked)
  expect(await contactRow(bench.ground, id)).toMatchObject({ outcome: 'case', envelope: { documents: others.map(() => ({ withheld: expect.stringMatching(/not fetched/) })), evidence: { missingFiles: 3 } } })
})

test('a forged text is kept for a person, gets no answer and fetches nothing; released, it is read with its pictures and answered', async () => {
  const { ground, twilio } = bench
  const picture = { sid: newSid('ME'), mediaType: 'image/png' }
  const parameters = incomingText({ From: bench.person, Body: 'The swing is broken' }, [picture])
  twilio.keep(`Messages/${parameters['MessageSid']}/Media/${picture.sid}`, Buffer.from('png'), 'image/png')
  const before = twilio.asked.length
  const id = await bench.deliver(parameters, 'e'.repeat(32))
  await bench.run(id)
  await bench.settleDebts(id)
  expect(await contactRow(ground, id)).toMatchObject({ state: 'quarantined', quarantine_code: 'HELD_BY_CHANNEL' })
  expect([bench.texts().length, twilio.asked.length]).toEqual([0, before])
  await release(ground.db, id, 'staff:ann', 'the provider confirms it')
  await bench.run(id)
  await bench.settleDebts(id)
  expect(await contactRow(ground, id)).toMatchObject({ outcome: 'case', envelope: { documents: [{ sha256: sha256(Buffer.from('png')) }] } })
  expect(bench.texts()).toHaveLength(1)
})

describe('STOP, START and HELP', () => {
  // Every word and dress of it: test/core/texts/keywords.test.ts.
  test.each(['STOP', ' Stop. ', 'UNSUBSCRIBE', 'end', 'opt out'])('%j alone ends our texts and is never a case', async (word) => {
    const contact = await bench.receive(word)
    expect(contact).toMatchObject({ state: 'settled', outcome: 'auto-reply', case_id: null })
    expect(await bench.eventsOf(contact.id)).toContain('consent.withdrawn')
    const later = await bench.receive('The swing is broken')
    expect(later).toMatchObject({ outcome: 'case' })
    expect(bench.texts()).toEqual([])
    expect(await bench.owed(later.id)).toMatchObject([{ kind: 'acknowledgement', state: 'undeliverable', reason: 'this number asked for no texts' }])
  })

  const reports = ['Stop sign is down at Oak and 3rd', 'end of the road is flooded', 'cancel my appointment', 'help me with my bill', 'STOP?']
  test.each(reports)('%j is a report', async (text) => {
    expect(await bench.receive(text)).toMatchObject({ outcome: 'case', envelope: { text } })
    expect(bench.texts()).toHaveLength(1)
  })

  test('with a picture it is not the whole message', async () => {
    expect(await bench.receive('STOP', {}, [{ sid: newSid('ME'), mediaType: 'image/jpeg' }])).toMatchObject({ state: 'accepted', outcome: null })
    expect(await bench.ground.db.selectFrom('text_consents').selectAll().where('address', '=', bench.person).execute()).toEqual([])
  })

  test('START after STOP lets us text again, whichever is settled first', async () => {
    const stop = await bench.deliver(incomingText({ From: bench.person, Body: 'STOP' }))
    const start = await bench.deliver(incomingText({ From: bench.person, Body: 'start' }))
    await bench.run(start)
    await bench.run(stop)
    await bench.receive('The swing is broken')
    expect(bench.texts()).toHaveLength(1)
  })

  test('STOP counts up to the moment of sending: a receipt already owed is not sent', async () => {
    const id = await bench.deliver(incomingText({ From: bench.person, Body: 'The swing is broken' }))
    await bench.run(id)
    await bench.receive('stop')
    await bench.settleDebts(id)
    expect(bench.texts()).toEqual([])
  })

  test('HELP is answered with what the number is, unless the provider has answered it', async () => {
    expect(await bench.receive('HELP')).toMatchObject({ outcome: 'auto-reply' })
    expect(bench.texts()).toMatchObject([{ body: expect.stringMatching(/911.*STOP/) }])
    await bench.receive('help', { OptOutType: 'HELP' })
    expect(bench.texts()).toHaveLength(1)
  })
})

describe('a text while an earlier one is open', () => {
  test('has its own place, is asked about, and joins the earlier case on an exact answer', async () => {
    const first = await bench.receive('The swing is broken')
    const second = await bench.receive('The playground chain is rusty too')
    // The second receipt and the question are sent side by side.
    const [receiptOne, ...later] = bench.texts().map(({ body }) => body)
    const [question, receiptTwo] = later.toSorted((a) => a.includes('Reply 1') ? -1 : 1)
    expect([await bench.caseOf(first.id), await bench.caseOf(second.id)]).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }])
    expect([receiptOne, receiptTwo]).toEqual([expect.stringContaining(first.receipt), expect.stringContaining(second.receipt)])
    expect(question).toMatch(new RegExp(`${first.receipt.slice(-4)}.*Reply 1`))
    expect(await bench.receive(' 1. ')).toMatchObject({ outcome: 'auto-reply', case_id: first.case_id })
    await sweep(bench.ground)
    expect(await bench.caseOf(second.id)).toMatchObject({ state: 'joined', joined_into: first.case_id })
    expect(bench.texts()).toHaveLength(3)
  })

  test('joins by the last four of the earlier receipt too', async () => {
    const first = await bench.receive('The swing is broken')
    const second = await bench.receive('And the slide')
    await bench.receive(first.receipt.slice(-4).toLowerCase())
    await sweep(bench.ground)
    expect(await bench.caseOf(second.id)).toMatchObject({ state: 'joined', joined_into: first.case_id })
  })

  test.each(['1 more thing: the gate', 'yes', '12'])('%j is no answer: a message of its own, and nothing is joined', async (text) => {
    await bench.receive('The swing is broken')
    const second = await bench.receive('And the slide')
    expect(await bench.receive(text)).toMatchObject({ outcome: 'case' })
    await sweep(bench.ground)
    expect(await bench.caseOf(second.id)).toMatchObject({ state: 'waiting' })
  })

  test('2 keeps them apart, and 1 without a question is a message', async () => {
    expect(await bench.receive('1')).toMatchObject({ outcome: 'case' })
    const second = await bench.receive('And the slide')
    expect(await bench.receive('2')).toMatchObject({ outcome: 'auto-reply', case_id: second.case_id })
    await sweep(bench.ground)
    expect(await bench.caseOf(second.id)).toMatchObject({ state: 'waiting' })
  })

  test('once the earlier case has ended it is reopened at its place, and the later one joins it', async () => {
    const first = await bench.receive('The swing is broken')
    const second = await bench.receive('And the slide')
    await bench.receive('1')
    await bench.ground.db.updateTable('cases').set({ state: 'closed' }).where('id', '=', first.case_id!).execute()
    await sweep(bench.ground)
    expect([await bench.caseOf(first.id), await bench.caseOf(second.id)]).toMatchObject([{ state: 'waiting' }, { state: 'joined', joined_into: first.case_id }])
  })

  test('an answer belongs to the case that the earlier one was itself joined into', async () => {
    const before = await stand(bench.ground)
    const first = await bench.receive('The swing is broken')
    await bench.receive('And the slide')
    await bench.ground.line.join(first.case_id!, before.caseId, 'staff:ann', 'one playground')
    expect(await bench.receive('1')).toMatchObject({ outcome: 'auto-reply', case_id: before.caseId })
  })

  test('the same person at another of our numbers is not asked', async () => {
    await bench.receive('The swing is broken')
    const elsewhere = await bench.receive('And the slide', { To: '+17035550199' })
    expect((await bench.owed(elsewhere.id)).map(({ kind }) => kind)).toEqual(['acknowledgement'])
  })
})

test('the same web hook as JSON, signed over its hash, is a text like any other; unsigned it waits for a person', async () => {
  const body = JSON.stringify(incomingText({ From: bench.person, Body: 'The swing is broken' }))
  const path = `/hooks/sms/twilio?bodySHA256=${sha256(Buffer.from(body))}`
  const signed = { ...signedWebhook(bench.publicUrl, path, {}), body: Buffer.from(body) }
  const asJson = { ...signed, headers: { ...signed.headers, 'content-type': 'application/json' } }
  await bench.door.post(asJson)
  await bench.door.post({ ...asJson, body: Buffer.from(body.replace('broken', 'fine')) })
  const rows = await bench.ground.db.selectFrom('contacts').select('id').orderBy('ordinal', 'desc').limit(2).execute()
  await bench.run(...rows.map(({ id }) => id))
  expect([await contactRow(bench.ground, rows[1]!.id), await contactRow(bench.ground, rows[0]!.id)]).toMatchObject([{ outcome: 'case', envelope: { text: 'The swing is broken' } }, { outcome: 'quarantined' }])
})
