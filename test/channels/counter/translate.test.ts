import { beforeAll, describe, expect, test } from '@jest/globals'
import { fromFile } from '../../../channels/counter/from-file.ts'
import { counter } from '../../../channels/counter/index.ts'
import { translate } from '../../../channels/counter/translate.ts'
import { loadAgency, type Agency } from '../../../config/agency.ts'
import { sha256 } from '../../../platform/storage/blob-store.ts'
import {
  counterContact,
  counterLimits,
  MAX_ENTRY_BYTES,
  MAX_TEXT,
  sendingId
} from '../../../core/intake/counter-entry.ts'
import { Router } from '../../../core/routing/rules.ts'
import { routingInput } from '../../../core/routing/input.ts'

let agency: Agency
beforeAll(async () => {
  agency = await loadAgency('config')
})

const file = (entry: object) => fromFile('entry.json', Buffer.from(JSON.stringify(entry)), agency)

async function envelopeOf(entry: object) {
  const raw = file(entry)
  return (await translate({ ...raw, sha256: sha256(raw.bytes) }))[0]!
}

const whole = {
  kind: 'call',
  text: ' No heat since Monday. ',
  answers: { topic: 'housing' },
  language: 'hmn',
  sender: { name: 'Pa Vang', phone: '555 0100' },
  behalf: { name: 'Mai Vang', address: '4 Elm St' },
  files: [
    {
      name: 'notice.pdf',
      mediaType: 'application/pdf',
      content: Buffer.from('PDF').toString('base64')
    }
  ]
}

describe('what was taken down', () => {
  test('becomes an envelope: who stands there, for whom, in which language, with the papers', async () => {
    expect(await envelopeOf(whole)).toEqual({
      kind: 'message',
      tokens: [],
      reason: 'a call, taken down by staff',
      contents: [Buffer.from('PDF')],
      envelope: {
        channel: 'counter',
        sender: { name: 'Pa Vang', emails: [], phones: ['555 0100'], addresses: [] },
        recipients: [],
        text: 'No heat since Monday.',
        language: 'hmn',
        documents: [
          {
            name: 'notice.pdf',
            mediaType: 'application/pdf',
            bytes: 3,
            sha256: sha256(Buffer.from('PDF')),
            pages: 0
          }
        ],
        answers: { topic: 'housing' },
        parties: [
          { name: 'Mai Vang', emails: [], phones: [], addresses: ['4 Elm St'], role: 'subject' }
        ],
        evidence: { kind: 'call' }
      }
    })
  })

  test('may be anonymous, and may be papers alone', async () => {
    expect((await envelopeOf({ text: 'The gate is open' })).envelope).toMatchObject({
      sender: { emails: [], phones: [], addresses: [] },
      language: 'und'
    })
    expect((await envelopeOf({ files: whole.files })).envelope).toMatchObject({
      text: '',
      documents: [{ name: 'notice.pdf' }]
    })
  })

  test('goes where the topic says, else where the words say, as a form would', async () => {
    const decide = async (entry: object) =>
      new Router(agency.routes, 'general').decide(
        routingInput((await envelopeOf(entry)).envelope)
      )[0]
    expect(await decide(whole)).toMatchObject({ department: 'housing', rule: 'topic-housing' })
    expect(await decide({ text: 'A pothole' })).toMatchObject({
      department: 'streets',
      rule: 'words-streets'
    })
    expect(
      await decide({ text: 'Who are you', sender: { name: 'Pothole Playground' } })
    ).toMatchObject({ department: 'general' })
  })
})

describe('an entry is refused that', () => {
  test.each([
    ['is empty', { text: '  ' }],
    ['has a text one character too long', { text: 'x'.repeat(MAX_TEXT + 1) }],
    ['says when it arrived', { text: 'x', arrivedAt: '1990-01-01T00:00:00Z' }],
    ['claims a rank', { text: 'x', ordinal: 1 }],
    ['answers what was not asked', { text: 'x', answers: { name: 'Ann' } }],
    ['answers what cannot be chosen', { text: 'x', answers: { topic: 'mayor' } }],
    [
      'has one file too many',
      { files: Array.from({ length: counterLimits.files + 1 }, () => whole.files[0]) }
    ],
    ['has a file that is not base64', { files: [{ ...whole.files[0], content: '!' }] }],
    ['has a name too long', { text: 'x', sender: { name: 'x'.repeat(501) } }],
    ['is a list', []],
    ['names a language that is none', { text: 'x', language: 'English please' }]
  ])('%s', (_what, entry) => {
    expect(() => file(entry)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })
  test('has files one byte over their bound; at the bound it is taken', () => {
    const sized = (bytes: number) =>
      file({
        text: 'x',
        files: [{ ...whole.files[0], content: Buffer.alloc(bytes).toString('base64') }]
      })
    expect(sized(counterLimits.fileBytes).bytes.length).toBeLessThan(MAX_ENTRY_BYTES)
    expect(() => sized(counterLimits.fileBytes + 1)).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' })
    )
    expect(() => fromFile('x', Buffer.alloc(MAX_ENTRY_BYTES + 1), agency)).toThrow(
      expect.objectContaining({ code: 'INTAKE_TOO_LARGE' })
    )
  })
})

test('at their bounds text and details are taken', () => {
  expect(() =>
    file({ text: 'x'.repeat(MAX_TEXT), sender: { name: 'x'.repeat(500) } })
  ).not.toThrow()
})

test('the same page sent twice is one sending; other words from it, or the same from another page, are another', () => {
  const secret = Buffer.alloc(32)
  const [one, two] = [counterContact({ text: 'one' }), counterContact({ text: 'two' })]
  expect(sendingId(secret, 'page', one)).toBe(
    sendingId(secret, 'page', counterContact({ text: 'one' }))
  )
  expect(
    new Set([
      sendingId(secret, 'page', one),
      sendingId(secret, 'page', two),
      sendingId(secret, 'other', one)
    ]).size
  ).toBe(3)
})

test('the receipt goes by mail where an address was given, else it was handed over', () => {
  const acknowledgement = {
    receipt: 'AAAAAA-AAAAAA-AAAAAA',
    arrivedAt: new Date(),
    departmentName: 'Housing',
    statusUrl: 'http://x/r/A',
    language: 'en',
    replyTo: 'reply+x@town.example',
    messageId: '<x@y>'
  }
  const to = (emails: string[]) =>
    counter.acknowledge!(
      acknowledgement,
      { sender: { emails, phones: [], addresses: [] }, evidence: {} },
      agency
    )
  expect(to(['pa@mail.example'])).toMatchObject({ to: 'pa@mail.example' })
  for (const none of [[], ['pa at home']])
    expect(to(none)).toEqual({ undeliverable: expect.stringContaining('handed over') })
})
