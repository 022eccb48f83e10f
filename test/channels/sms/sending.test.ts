import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import fs from 'node:fs'
import path from 'node:path'
import { sms } from '../../../channels/sms/index.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { createTestRuntime } from '../../helpers/runtime.ts'
import { openPipeline } from '../../helpers/pipeline.ts'
import { incomingText, newSid, OUR_NUMBER, signedWebhook, TOKEN } from '../../helpers/twilio.ts'
import { rawContact } from '../../../channels/sms/receive.ts'
import { openTextRig, type TextRig } from './support.ts'

let rig: TextRig
beforeAll(async () => {
  rig = await openTextRig()
})
beforeEach(() => rig.nextPerson())
afterAll(() => rig.close())

async function report(
  text: { sid: string; statusCallback: string | undefined },
  MessageStatus: string,
  more: Record<string, string> = {},
  token?: string
) {
  const route = text.statusCallback!.replace(rig.publicUrl, '')
  const { response } = await rig.door.post(
    signedWebhook(
      rig.publicUrl,
      route,
      {
        MessageSid: text.sid,
        MessageStatus,
        SmsStatus: MessageStatus,
        To: rig.person,
        From: OUR_NUMBER,
        ...more
      },
      token
    )
  )
  expect(response.status).toBe(204)
}

describe('delivery reports', () => {
  test('out of order they never take a text back, and "delivered" is an event once', async () => {
    const contact = await rig.receive('The swing is broken')
    const [text] = rig.texts()
    for (const status of ['delivered', 'sent', 'queued', 'sending', 'delivered', 'nonsense'])
      await report(text!, status)
    expect(await rig.outbox(contact.id)).toMatchObject([
      { state: 'sent', delivery: 'delivered', provider_id: text!.sid }
    ])
    expect(
      (await rig.eventsOf(contact.id)).filter((kind) => kind === 'receipt.delivered')
    ).toHaveLength(1)
  })

  test("undelivered leaves the duty to tell the person, with the carrier's reason", async () => {
    const contact = await rig.receive('The swing is broken')
    const [text] = rig.texts()
    await report(text!, 'undelivered', { ErrorCode: '30005' })
    await report(text!, 'sent')
    expect(await rig.outbox(contact.id)).toMatchObject([
      { state: 'undeliverable', reason: expect.stringContaining('30005') }
    ])
    expect(await rig.eventsOf(contact.id)).toContain('receipt.not-sent')
  })

  test('a forged one says nothing', async () => {
    const contact = await rig.receive('The swing is broken')
    await report(rig.texts()[0]!, 'failed', {}, 'd'.repeat(32))
    expect(await rig.outbox(contact.id)).toMatchObject([{ state: 'sent', delivery: null }])
  })

  test('one that comes before the send is recorded is not overwritten by it', async () => {
    const id = await rig.deliver(incomingText({ From: rig.person, Body: 'The swing is broken' }))
    await rig.run(id)
    const [entry] = await rig.outbox(id)
    await rig.runtime.db
      .updateTable('outbound')
      .set({ tried_at: new Date() })
      .where('id', '=', entry!.id)
      .execute()
    await report(
      {
        sid: newSid('SM'),
        statusCallback: `${rig.publicUrl}/hooks/sms/twilio/status?m=${entry!.id}`
      },
      'failed',
      { ErrorCode: '30007' }
    )
    await rig.settleDebts(id)
    expect(await rig.outbox(id)).toMatchObject([{ state: 'undeliverable' }])
  })
})

describe('sending', () => {
  test('a refusal for good is recorded, a failure is tried again', async () => {
    rig.twilio.failSends({ status: 400, code: 21614 })
    const landline = await rig.receive('The swing is broken')
    expect(await rig.outbox(landline.id)).toMatchObject([
      { state: 'undeliverable', reason: expect.stringMatching(/takes no texts.*21614/) }
    ])
    rig.nextPerson()
    rig.twilio.failSends({ status: 503, code: 20503 })
    const later = await rig.receive('Another swing is broken')
    expect(await rig.outbox(later.id)).toMatchObject([{ state: 'waiting', attempts: 1 }])
    await rig.settleDebts(later.id)
    expect(await rig.outbox(later.id)).toMatchObject([{ state: 'sent' }])
  })

  test('a text whose sender was killed after sending it is found at the provider and not sent again', async () => {
    const contact = await rig.receive('The swing is broken')
    await rig.runtime.db
      .updateTable('outbound')
      .set({ state: 'waiting', provider_id: null, attempts: 0, tried_at: new Date() })
      .where('contact_id', '=', contact.id)
      .execute()
    await rig.settleDebts(contact.id)
    expect(rig.texts()).toHaveLength(1)
    expect(await rig.outbox(contact.id)).toMatchObject([
      { state: 'sent', provider_id: rig.texts()[0]!.sid }
    ])
  })

  test('a short code gets no answer', async () => {
    const contact = await rig.receive('Your code is 123456', { From: '55501' })
    expect(await rig.outbox(contact.id)).toMatchObject([
      { state: 'undeliverable', reason: expect.stringContaining('short code') }
    ])
  })

  test('a number has its receipts for the day and no more; what it sends is taken in all the same', async () => {
    const ids: string[] = []
    for (let count = 0; count < 21; count += 1)
      ids.push(
        await rig.deliver(
          incomingText({
            From: rig.person,
            Body: `Swing ${count} is broken`,
            To: `+1703555${String(count).padStart(4, '0')}`
          })
        )
      )
    await rig.run(...ids)
    for (const id of ids) await rig.settleDebts(id)
    expect(
      await rig.runtime.db
        .selectFrom('contacts')
        .select('id')
        .where('id', 'in', ids)
        .where('outcome', '=', 'case')
        .execute()
    ).toHaveLength(21)
    expect(rig.texts()).toHaveLength(20)
  })
})

test('without an account texts are files in the outbox, one for each', async () => {
  const runtime = await createTestRuntime('postgres', { TWILIO_AUTH_TOKEN: TOKEN })
  const pipeline = openPipeline(runtime)
  const { contactId, receipt } = await runtime.acceptor.accept(
    rawContact(
      Buffer.from(new URLSearchParams(incomingText({ Body: 'The swing is broken' })).toString()),
      'application/x-www-form-urlencoded',
      true
    )
  )
  await pipeline.run([contactId])
  await openDispatcher(runtime, [sms]).acknowledge([contactId])
  const files = fs.readdirSync(path.join(runtime.settings.DATA_DIR, 'outbox'))
  expect(files).toHaveLength(1)
  expect(
    fs.readFileSync(path.join(runtime.settings.DATA_DIR, 'outbox', files[0]!), 'utf8')
  ).toMatch(new RegExp(`^To: \\+12025550143\nFrom: \\${OUR_NUMBER}\n\n.*${receipt}`))
  await pipeline.close()
  await runtime.remove()
})
