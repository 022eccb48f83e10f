import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../platform/storage/blob-store.ts'
import { releaseContact } from '../../../core/contacts/quarantine.ts'
import { sweep } from '../../../workers/recovery-sweep.ts'
import { segmentsOf } from '../../../core/outbox/text-segments.ts'
import { contactRow, endCase, stand } from '../../helpers/contacts.ts'
import { incomingText, newSid, OUR_NUMBER, signedWebhook } from '../../helpers/twilio.ts'
import { openTextRig, type TextRig } from './support.ts'

let rig: TextRig
beforeAll(async () => {
  rig = await openTextRig()
})
beforeEach(() => rig.nextPerson())
afterAll(() => rig.close())

test('a text becomes a case, and its receipt goes back as one text from the number it was sent to, without its words', async () => {
  const contact = await rig.receive('The swing in the playground is broken')
  expect(contact).toMatchObject({
    state: 'settled',
    outcome: 'case',
    envelope: {
      sender: { phones: [rig.person] },
      recipients: [OUR_NUMBER],
      text: 'The swing in the playground is broken'
    }
  })
  expect(await rig.caseOf(contact.id)).toMatchObject({ department: 'parks' })
  const [receipt, ...more] = rig.texts()
  expect(more).toEqual([])
  expect(receipt).toMatchObject({
    from: OUR_NUMBER,
    body: expect.stringContaining(contact.receipt),
    statusCallback: expect.stringMatching(
      /^https:\/\/intake\.town\.example\/hooks\/sms\/twilio\/status\?m=[0-9a-f-]{36}$/
    )
  })
  expect(receipt!.body).not.toMatch(/swing|playground/)
  expect(segmentsOf(receipt!.body).count).toBeLessThanOrEqual(2)
})

test('a Spanish text gets its receipt in Spanish, in at most two parts', async () => {
  await rig.receive(
    'Hay un bache muy grande en la calle principal, frente a la escuela de mis hijos, y es peligroso'
  )
  expect(rig.texts()[0]!.body).toMatch(/tiene su mensaje/)
  expect(segmentsOf(rig.texts()[0]!.body).count).toBeLessThanOrEqual(2)
})

test('every file of an MMS is fetched with our token and kept, whatever host its address names', async () => {
  const { twilio } = rig
  const sid = newSid('MM')
  const pictures = Array.from({ length: 10 }, (_, index) => ({
    sid: newSid('ME'),
    mediaType: 'audio/amr',
    bytes: Buffer.from(`#!AMR memo ${index}`)
  }))
  for (const picture of pictures)
    twilio.keep(`Messages/${sid}/Media/${picture.sid}`, picture.bytes, picture.mediaType)
  const contact = await rig.receive('Pothole at 5th and Main', { MessageSid: sid }, pictures)
  expect(contact.envelope!.documents.map((document) => document.sha256)).toEqual(
    pictures.map(({ bytes }) => sha256(bytes))
  )
  expect(contact.envelope!.documents[9]).toMatchObject({
    name: 'audio-10.amr',
    mediaType: 'audio/amr'
  })
  expect(
    twilio.asked.filter(({ path }) => path.includes(sid)).map(({ authorized }) => authorized)
  ).toEqual(pictures.map(() => true))
})

test('a picture of another message, account or host is not fetched, and the contact says so', async () => {
  const others = [
    'https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/MM00000000000000000000000000000001/Media/ME00000000000000000000000000000001',
    'http://169.254.169.254/latest/meta-data',
    'nothing'
  ]
  const asked = rig.twilio.asked.length
  const id = await rig.deliver({
    ...incomingText({ From: rig.person, Body: 'look' }),
    NumMedia: '3',
    ...Object.fromEntries(others.map((url, index) => [`MediaUrl${index}`, url]))
  })
  await rig.run(id)
  expect(rig.twilio.asked).toHaveLength(asked)
  expect(await contactRow(rig.runtime, id)).toMatchObject({
    outcome: 'case',
    envelope: {
      documents: others.map(() => ({ withheld: expect.stringMatching(/not fetched/) })),
      evidence: { missingFiles: 3 }
    }
  })
})

test('a forged text is kept for a person, gets no answer and fetches nothing; released, it is read with its pictures and answered', async () => {
  const { runtime, twilio } = rig
  const picture = { sid: newSid('ME'), mediaType: 'image/png' }
  const parameters = incomingText({ From: rig.person, Body: 'The swing is broken' }, [picture])
  twilio.keep(
    `Messages/${parameters['MessageSid']}/Media/${picture.sid}`,
    Buffer.from('png'),
    'image/png'
  )
  const before = twilio.asked.length
  const id = await rig.deliver(parameters, 'e'.repeat(32))
  await rig.run(id)
  await rig.settleDebts(id)
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'quarantined',
    quarantine_code: 'HELD_BY_CHANNEL'
  })
  expect([rig.texts().length, twilio.asked.length]).toEqual([0, before])
  await releaseContact(runtime.db, id, 'staff:ann', 'the provider confirms it')
  await rig.run(id)
  await rig.settleDebts(id)
  expect(await contactRow(runtime, id)).toMatchObject({
    outcome: 'case',
    envelope: { documents: [{ sha256: sha256(Buffer.from('png')) }] }
  })
  expect(rig.texts()).toHaveLength(1)
})

describe('STOP, START and HELP', () => {
  // Every word and dress of it: test/core/conversation/keywords.test.ts.
  test.each(['STOP', ' Stop. ', 'UNSUBSCRIBE', 'end', 'opt out'])(
    '%j alone ends our texts and is never a case',
    async (word) => {
      const contact = await rig.receive(word)
      expect(contact).toMatchObject({ state: 'settled', outcome: 'auto-reply', case_id: null })
      expect(await rig.eventsOf(contact.id)).toContain('consent.withdrawn')
      const later = await rig.receive('The swing is broken')
      expect(later).toMatchObject({ outcome: 'case' })
      expect(rig.texts()).toEqual([])
      expect(await rig.outbox(later.id)).toMatchObject([
        {
          kind: 'acknowledgement',
          state: 'undeliverable',
          reason: 'this number asked for no texts'
        }
      ])
    }
  )

  const reports = [
    'Stop sign is down at Oak and 3rd',
    'end of the road is flooded',
    'cancel my appointment',
    'help me with my bill',
    'STOP?'
  ]
  test.each(reports)('%j is a report', async (text) => {
    expect(await rig.receive(text)).toMatchObject({ outcome: 'case', envelope: { text } })
    expect(rig.texts()).toHaveLength(1)
  })

  test('with a picture it is not the whole message', async () => {
    expect(
      await rig.receive('STOP', {}, [{ sid: newSid('ME'), mediaType: 'image/jpeg' }])
    ).toMatchObject({ state: 'accepted', outcome: null })
    expect(
      await rig.runtime.db
        .selectFrom('text_consents')
        .selectAll()
        .where('address', '=', rig.person)
        .execute()
    ).toEqual([])
  })

  test('START after STOP lets us text again, whichever is settled first', async () => {
    const stop = await rig.deliver(incomingText({ From: rig.person, Body: 'STOP' }))
    const start = await rig.deliver(incomingText({ From: rig.person, Body: 'start' }))
    await rig.run(start)
    await rig.run(stop)
    await rig.receive('The swing is broken')
    expect(rig.texts()).toHaveLength(1)
  })

  test('STOP counts up to the moment of sending: a receipt already owed is not sent', async () => {
    const id = await rig.deliver(incomingText({ From: rig.person, Body: 'The swing is broken' }))
    await rig.run(id)
    await rig.receive('stop')
    await rig.settleDebts(id)
    expect(rig.texts()).toEqual([])
  })

  test('HELP is answered with what the number is, unless the provider has answered it', async () => {
    expect(await rig.receive('HELP')).toMatchObject({ outcome: 'auto-reply' })
    expect(rig.texts()).toMatchObject([{ body: expect.stringMatching(/911.*STOP/) }])
    await rig.receive('help', { OptOutType: 'HELP' })
    expect(rig.texts()).toHaveLength(1)
  })
})

describe('a reaction', () => {
  const quiet = async (text: string) => {
    const before = rig.texts().length
    const contact = await rig.receive(text)
    expect([rig.texts().length, await rig.outbox(contact.id)]).toEqual([before, []])
    return contact
  }

  test('to a receipt is a quiet follow-up of its case, whichever was the latest', async () => {
    const first = await rig.receive('The swing is broken')
    const second = await rig.receive('A tree fell on the fence')
    const [receipt] = rig.texts()
    expect(receipt!.body).toContain(first.receipt)
    expect(await quiet(`Liked “${receipt!.body}”`)).toMatchObject({
      state: 'settled',
      outcome: 'follow-up',
      case_id: first.case_id
    })
    expect(await quiet(`Loved “… ${first.receipt.slice(0, 6)}…”`)).toMatchObject({
      outcome: 'follow-up',
      case_id: first.case_id
    })
    expect(await quiet('👍 to “The swing is br…”')).toMatchObject({
      outcome: 'follow-up',
      case_id: first.case_id
    })
    expect(await quiet('Le gustó “cualquier cosa”')).toMatchObject({
      outcome: 'follow-up',
      case_id: second.case_id
    })
    expect(await quiet('Liked an image')).toMatchObject({
      outcome: 'follow-up',
      case_id: second.case_id
    })
  })

  test('leaves an ended case ended', async () => {
    const { runtime } = rig
    const first = await rig.receive('The swing is broken')
    await endCase(runtime, first.case_id!)
    expect(await quiet(`Liked “${rig.texts()[0]!.body}”`)).toMatchObject({
      outcome: 'follow-up',
      case_id: first.case_id
    })
    expect(await rig.caseOf(first.id)).toMatchObject({ state: 'closed' })
  })

  test("of a number that never had a case, or quoting somebody else's receipt, is kept and joins nothing of others", async () => {
    const other = await rig.receive('The swing is broken')
    rig.nextPerson()
    expect(await quiet(`Liked “Receipt ${other.receipt}”`)).toMatchObject({
      state: 'settled',
      outcome: 'auto-reply',
      case_id: null
    })
  })

  test('that says more is a message', async () => {
    expect(await rig.receive('Liked “the new swing” but the slide is broken')).toMatchObject({
      outcome: 'case'
    })
  })
})

test('the others of a group stay on the envelope, and hear nothing from us', async () => {
  const id = await rig.deliver({
    ...incomingText({ From: rig.person, Body: 'The slide is broken, all three of us saw it' }),
    OtherRecipients0: '+12025559901',
    OtherRecipients1: '+12025559902'
  })
  await rig.run(id)
  await rig.settleDebts(id)
  expect((await contactRow(rig.runtime, id)).envelope).toMatchObject({
    sender: { phones: [rig.person] },
    recipients: [OUR_NUMBER, '+12025559901', '+12025559902'],
    evidence: { otherRecipients: ['+12025559901', '+12025559902'] }
  })
  expect(rig.twilio.sent.filter(({ to }) => to.startsWith('+120255599'))).toEqual([])
})

test('a text with nothing to see in it waits for a person', async () => {
  for (const text of ['\u200b\u200d', ' \u00a0 '])
    expect(await rig.receive(text)).toMatchObject({
      state: 'quarantined',
      quarantine_code: 'TEXT_UNSURE',
      case_id: null
    })
})

describe('a text while an earlier one is open', () => {
  test('has its own place, is asked about, and joins the earlier case on an exact answer', async () => {
    const first = await rig.receive('The swing is broken')
    const second = await rig.receive('The playground chain is rusty too')
    // The second receipt and the question are sent side by side.
    const [receiptOne, ...later] = rig.texts().map(({ body }) => body)
    const [question, receiptTwo] = later.toSorted((a) => (a.includes('Reply 1') ? -1 : 1))
    expect([await rig.caseOf(first.id), await rig.caseOf(second.id)]).toMatchObject([
      { state: 'waiting' },
      { state: 'waiting' }
    ])
    expect([receiptOne, receiptTwo]).toEqual([
      expect.stringContaining(first.receipt),
      expect.stringContaining(second.receipt)
    ])
    expect(question).toMatch(new RegExp(`${first.receipt.slice(-4)}.*Reply 1`))
    expect(await rig.receive(' 1. ')).toMatchObject({
      outcome: 'auto-reply',
      case_id: first.case_id
    })
    await sweep(rig.runtime)
    expect(await rig.caseOf(second.id)).toMatchObject({
      state: 'joined',
      joined_into: first.case_id
    })
    expect(rig.texts()).toHaveLength(3)
  })

  test('joins by the last four of the earlier receipt too', async () => {
    const first = await rig.receive('The swing is broken')
    const second = await rig.receive('And the slide')
    await rig.receive(first.receipt.slice(-4).toLowerCase())
    await sweep(rig.runtime)
    expect(await rig.caseOf(second.id)).toMatchObject({
      state: 'joined',
      joined_into: first.case_id
    })
  })

  test.each(['1 more thing: the gate', 'yes', '12'])(
    '%j is no answer: a message of its own, and nothing is joined',
    async (text) => {
      await rig.receive('The swing is broken')
      const second = await rig.receive('And the slide')
      expect(await rig.receive(text)).toMatchObject({ outcome: 'case' })
      await sweep(rig.runtime)
      expect(await rig.caseOf(second.id)).toMatchObject({ state: 'waiting' })
    }
  )

  test('2 keeps them apart, and 1 without a question is a message', async () => {
    expect(await rig.receive('1')).toMatchObject({ outcome: 'case' })
    const second = await rig.receive('And the slide')
    expect(await rig.receive('2')).toMatchObject({
      outcome: 'auto-reply',
      case_id: second.case_id
    })
    await sweep(rig.runtime)
    expect(await rig.caseOf(second.id)).toMatchObject({ state: 'waiting' })
  })

  test('once the earlier case has ended it is reopened at its place, and the later one joins it', async () => {
    const first = await rig.receive('The swing is broken')
    const second = await rig.receive('And the slide')
    await rig.receive('1')
    await endCase(rig.runtime, first.case_id!)
    await sweep(rig.runtime)
    expect([await rig.caseOf(first.id), await rig.caseOf(second.id)]).toMatchObject([
      { state: 'waiting' },
      { state: 'joined', joined_into: first.case_id }
    ])
  })

  test('an answer belongs to the case that the earlier one was itself joined into', async () => {
    const before = await stand(rig.runtime)
    const first = await rig.receive('The swing is broken')
    await rig.receive('And the slide')
    await rig.runtime.line.join({
      laterCaseId: first.case_id!,
      earlierCaseId: before.caseId,
      actor: 'staff:ann',
      reason: 'one playground'
    })
    expect(await rig.receive('1')).toMatchObject({
      outcome: 'auto-reply',
      case_id: before.caseId
    })
  })

  test('the same person at another of our numbers is not asked', async () => {
    await rig.receive('The swing is broken')
    const elsewhere = await rig.receive('And the slide', { To: '+17035550199' })
    expect((await rig.outbox(elsewhere.id)).map(({ kind }) => kind)).toEqual(['acknowledgement'])
  })
})

test('the same web hook as JSON, signed over its hash, is a text like any other; unsigned it waits for a person', async () => {
  const body = JSON.stringify(incomingText({ From: rig.person, Body: 'The swing is broken' }))
  const path = `/hooks/sms/twilio?bodySHA256=${sha256(Buffer.from(body))}`
  const signed = { ...signedWebhook(rig.publicUrl, path, {}), body: Buffer.from(body) }
  const asJson = { ...signed, headers: { ...signed.headers, 'content-type': 'application/json' } }
  await rig.door.post(asJson)
  await rig.door.post({ ...asJson, body: Buffer.from(body.replace('broken', 'fine')) })
  const rows = await rig.runtime.db
    .selectFrom('contacts')
    .select('id')
    .orderBy('ordinal', 'desc')
    .limit(2)
    .execute()
  await rig.run(...rows.map(({ id }) => id))
  expect([
    await contactRow(rig.runtime, rows[1]!.id),
    await contactRow(rig.runtime, rows[0]!.id)
  ]).toMatchObject([
    { outcome: 'case', envelope: { text: 'The swing is broken' } },
    { outcome: 'quarantined' }
  ])
})
