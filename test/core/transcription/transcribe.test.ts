import { describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import {
  listTranscriptions,
  transcribe,
  TRANSCRIPT_LIMIT
} from '../../../core/transcription/transcribe.ts'
import { discard } from '../../../core/contacts/quarantine-list.ts'
import { casesOf, contactRow, lineOf, settlerOf, stand, town } from '../../helpers/contacts.ts'
import { madeUpChannel, readingForFile } from '../../helpers/reading.ts'

const { runtime, reader, ready: handedOn } = await readingForFile(madeUpChannel)

/** A contact whose channel is not sure of its text. */
async function bringUnsure(text: string): Promise<string> {
  const { contactId } = await runtime.acceptor.accept({
    channel: 'email',
    source: 'test',
    externalId: randomUUID(),
    bytes: Buffer.from(`unsure ${text}`),
    mediaType: 'message/rfc822',
    evidence: {}
  })
  await reader.read([contactId])
  return contactId
}

describe('a contact whose channel is not sure of its text', () => {
  test('is set aside with its envelope and its place, and a person is told why', async () => {
    const id = await bringUnsure('mumbling')
    expect(await contactRow(runtime, id)).toMatchObject({
      state: 'quarantined',
      outcome: 'quarantined',
      quarantine_code: 'TEXT_UNSURE',
      envelope: { text: 'mumbling' }
    })
    expect(handedOn).not.toContain(id)
    const { contacts } = await listTranscriptions(runtime.db)
    expect(contacts.find(({ contactId }) => contactId === id)).toMatchObject({
      channel: 'email',
      reason: expect.stringContaining('The call is silent.'),
      envelope: { text: 'mumbling', version: 1 },
      confidence: undefined
    })
    const events = await runtime.db
      .selectFrom('events')
      .select(['kind', 'data'])
      .where('contact_id', '=', id)
      .orderBy('id')
      .execute()
    expect(events.at(-1)).toEqual({
      kind: 'contact.quarantined',
      data: { code: 'TEXT_UNSURE', doubt: expect.stringMatching(/^[0-9a-f]{32}$/) }
    })
  })

  test('once transcribed stands where its arrival put it, before what came later', async () => {
    const id = await bringUnsure('mumbling about parks')
    const later = await stand(runtime, { to: town('parks') })
    await transcribe(runtime.db, id, 'staff:ann', {
      text: ' The swing in the park is broken. ',
      language: 'en',
      sender: { name: 'Agnes', emails: [], phones: [], addresses: ['14 Harbor St'] }
    })
    await settlerOf(runtime).settle([id])
    const row = await contactRow(runtime, id)
    expect(row).toMatchObject({
      state: 'settled',
      outcome: 'case',
      quarantine_code: null,
      envelope: {
        text: 'The swing in the park is broken.',
        language: 'en',
        sender: { name: 'Agnes' }
      }
    })
    const [first] = await casesOf(runtime, id)
    expect(
      (await lineOf(runtime)).filter((caseId) => [first!.id, later.caseId].includes(caseId))
    ).toEqual([first!.id, later.caseId])
    expect(row.trail.map(({ step }) => step)).toEqual(
      expect.arrayContaining(['read', 'transcribe', 'route'])
    )
    expect(
      await runtime.db
        .selectFrom('events')
        .select(['kind', 'actor'])
        .where('contact_id', '=', id)
        .execute()
    ).toContainEqual({ kind: 'contact.transcribed', actor: 'staff:ann' })
  })

  test('is given its text once, and neither nothing nor more than the bound', async () => {
    const id = await bringUnsure('more mumbling')
    await expect(
      transcribe(runtime.db, id, 'staff:ann', { text: ' \u200B\u2060' })
    ).rejects.toMatchObject({ code: 'TEXT_REQUIRED' })
    await expect(
      transcribe(runtime.db, id, 'staff:ann', { text: 'x'.repeat(TRANSCRIPT_LIMIT + 1) })
    ).rejects.toMatchObject({ code: 'TEXT_REQUIRED' })
    await transcribe(runtime.db, id, 'staff:ann', { text: 'x'.repeat(TRANSCRIPT_LIMIT) })
    await expect(
      transcribe(runtime.db, id, 'staff:bob', { text: 'something else' })
    ).rejects.toMatchObject({ code: 'CONTACT_NOT_QUARANTINED' })
    await expect(
      transcribe(runtime.db, 'no-id', 'staff:bob', { text: 'something' })
    ).rejects.toMatchObject({ code: 'CONTACT_NOT_QUARANTINED' })
  })
})

test('one that a colleague put aside meanwhile is given no text: they said that it needs no case', async () => {
  const id = await bringUnsure('mumbling')
  await discard(runtime.db, [id], 'staff:bo', 'a wrong number')
  await expect(
    transcribe(runtime.db, id, 'staff:ann', { text: 'The swing is broken.' })
  ).rejects.toMatchObject({ code: 'CONTACT_NOT_QUARANTINED' })
  expect(await contactRow(runtime, id)).toMatchObject({
    state: 'quarantined',
    discarded_at: expect.any(Date)
  })
})

test('those who wait are listed by their arrival, and counted beyond the limit', async () => {
  await bringUnsure('one')
  await bringUnsure('two')
  const { total, contacts } = await listTranscriptions(runtime.db, 2)
  expect(total).toBeGreaterThan(2)
  expect(contacts.map(({ envelope }) => envelope.ordinal)).toEqual(
    contacts.map(({ envelope }) => envelope.ordinal).toSorted((a, b) => a - b)
  )
})
