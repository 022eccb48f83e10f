import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { listTranscriptions, transcribe, TRANSCRIPT_LIMIT } from '../../core/transcription.ts'
import { TranslatePool } from '../../core/reading/pool.ts'
import { Reader } from '../../core/reading/reader.ts'
import { casesOf, contactRow, lineOf, settlerOf, stand, town } from '../helpers/contacts.ts'
import { createTestGround, type TestGround } from '../helpers/ground.ts'

let ground: TestGround
let pool: TranslatePool
let reader: Reader
const handedOn: string[] = []
beforeAll(async () => {
  ground = await createTestGround()
  pool = new TranslatePool(new URL('../fixtures/translate-thread.ts', import.meta.url), { threads: 1 })
  reader = new Reader(ground.db, ground.blobs, pool, ground.log, (ids) => handedOn.push(...ids))
})
afterAll(async () => {
  await pool.close()
  await ground.remove()
})

/** A contact whose channel is not sure of its text. */
async function bringUnsure(text: string): Promise<string> {
  const { contactId } = await ground.intake.accept({ channel: 'email', source: 'test', externalId: randomUUID(), bytes: Buffer.from(`unsure ${text}`), mediaType: 'message/rfc822', evidence: {} })
  await reader.read([contactId])
  return contactId
}

describe('a contact whose channel is not sure of its text', () => {
  test('is set aside with its envelope and its place, and a person is told why', async () => {
    const id = await bringUnsure('mumbling')
    expect(await contactRow(ground, id)).toMatchObject({ state: 'quarantined', outcome: 'quarantined', quarantine_code: 'TEXT_UNSURE', envelope: { text: 'mumbling' } })
    expect(handedOn).not.toContain(id)
    const { contacts } = await listTranscriptions(ground.db)
    expect(contacts.find(({ contactId }) => contactId === id)).toMatchObject({ channel: 'email', reason: expect.stringContaining('The call is silent.'), envelope: { text: 'mumbling', version: 1 }, confidence: undefined })
    const events = await ground.db.selectFrom('events').select(['kind', 'data']).where('contact_id', '=', id).orderBy('id').execute()
    expect(events.at(-1)).toEqual({ kind: 'contact.quarantined', data: { code: 'TEXT_UNSURE' } })
  })

  test('once transcribed stands where its arrival put it, before what came later', async () => {
    const id = await bringUnsure('mumbling about parks')
    const later = await stand(ground, { to: town('parks') })
    await transcribe(ground.db, id, 'staff:ann', { text: ' The swing in the park is broken. ', language: 'en', sender: { name: 'Agnes', emails: [], phones: [], addresses: ['14 Harbor St'] } })
    await settlerOf(ground).settle([id])
    const row = await contactRow(ground, id)
    expect(row).toMatchObject({ state: 'settled', outcome: 'case', quarantine_code: null, envelope: { text: 'The swing in the park is broken.', language: 'en', sender: { name: 'Agnes' } } })
    const [first] = await casesOf(ground, id)
    expect((await lineOf(ground)).filter((caseId) => [first!.id, later.caseId].includes(caseId))).toEqual([first!.id, later.caseId])
    expect(row.trail.map(({ step }) => step)).toEqual(expect.arrayContaining(['read', 'transcribe', 'route']))
    expect((await ground.db.selectFrom('events').select(['kind', 'actor']).where('contact_id', '=', id).execute())).toContainEqual({ kind: 'contact.transcribed', actor: 'staff:ann' })
  })

  test('is given its text once, and neither nothing nor more than the bound', async () => {
    const id = await bringUnsure('more mumbling')
    await expect(transcribe(ground.db, id, 'staff:ann', { text: '  ' })).rejects.toMatchObject({ code: 'TEXT_REQUIRED' })
    await expect(transcribe(ground.db, id, 'staff:ann', { text: 'x'.repeat(TRANSCRIPT_LIMIT + 1) })).rejects.toMatchObject({ code: 'TEXT_REQUIRED' })
    await transcribe(ground.db, id, 'staff:ann', { text: 'x'.repeat(TRANSCRIPT_LIMIT) })
    await expect(transcribe(ground.db, id, 'staff:bob', { text: 'something else' })).rejects.toMatchObject({ code: 'CONTACT_NOT_QUARANTINED' })
    await expect(transcribe(ground.db, 'no-id', 'staff:bob', { text: 'something' })).rejects.toMatchObject({ code: 'CONTACT_NOT_QUARANTINED' })
  })
})

test('those who wait are listed by their arrival, and counted beyond the limit', async () => {
  await bringUnsure('one')
  await bringUnsure('two')
  const { total, contacts } = await listTranscriptions(ground.db, 2)
  expect(total).toBeGreaterThan(2)
  expect(contacts.map(({ envelope }) => envelope.ordinal)).toEqual(contacts.map(({ envelope }) => envelope.ordinal).toSorted((a, b) => a - b))
})
