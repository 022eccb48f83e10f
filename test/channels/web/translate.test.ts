import { beforeAll, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { fromFile } from '../../../channels/web/from-file.ts'
import {
  MAX_FIELDS,
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_TEXT_BYTES
} from '../../../channels/web/limits.ts'
import { snapshotForm } from '../../../channels/web/snapshot.ts'
import { translate } from '../../../channels/web/translate.ts'
import { loadAgency, type Agency } from '../../../config/agency.ts'
import type { StoredRaw, Translation } from '../../../core/intake/channel.ts'
import { draftSchema } from '../../../core/envelope.ts'
import { EvenhandError } from '../../../platform/errors.ts'

let agency: Agency
beforeAll(async () => {
  agency = await loadAgency('config')
})

const boundary = 'evenhand-test-boundary'
const multipart = `multipart/form-data; boundary=${boundary}`

function stored(bytes: Uint8Array | string, mediaType: string, form = 'contact'): StoredRaw {
  const definition = agency.forms.find(({ id }) => id === form)!
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  const snapshot = snapshotForm(definition, (text) => text['en'] ?? '')
  return {
    channel: 'web',
    source: form,
    bytes: content,
    mediaType,
    evidence: { form: snapshot, language: 'en' },
    sha256: createHash('sha256').update(content).digest('hex')
  }
}

/** A body as browsers write it. */
function body(
  parts: { name: string; value: string | Uint8Array; file?: string; type?: string }[]
): Buffer {
  const chunks = parts.flatMap(({ name, value, file, type }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"\r\nContent-Type: ${type ?? 'application/octet-stream'}`}\r\n\r\n`,
    value,
    '\r\n'
  ])
  return Buffer.concat([...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk)))
}

async function envelopeOf(raw: StoredRaw) {
  const [translation] = await translate(raw)
  expect(() => draftSchema.parse(translation!.envelope)).not.toThrow()
  return translation!.envelope
}

function refusal(raw: StoredRaw): Promise<unknown> {
  return translate(raw).then(
    () => 'was read',
    (error: unknown) => (error instanceof EvenhandError ? error.code : error)
  )
}

describe('a form that was sent', () => {
  test('becomes an envelope with each answer in its place', async () => {
    const raw = stored(
      body([
        { name: '_token', value: 'x' },
        { name: 'topic', value: 'streets' },
        { name: 'subject', value: 'Lamp' },
        { name: 'message', value: 'It is dark.\r\nSince Monday.' },
        { name: 'attachments', value: 'photo', file: 'lamp.jpg', type: 'image/jpeg' },
        { name: 'name', value: 'Ana Ruiz' },
        { name: 'email', value: 'ana@example.com' },
        { name: 'phone', value: '(555) 010-0000' },
        { name: 'language', value: 'es' }
      ]),
      multipart
    )
    const [translation] = await translate(raw)
    expect(translation).toMatchObject({
      kind: 'message',
      tokens: [],
      reason: 'sent with the form "contact"',
      envelope: {
        channel: 'web',
        subject: 'Lamp',
        text: 'It is dark.\nSince Monday.',
        language: 'es',
        recipients: ['contact'],
        sender: {
          name: 'Ana Ruiz',
          emails: ['ana@example.com'],
          phones: ['(555) 010-0000'],
          addresses: []
        },
        answers: { topic: 'streets', subject: 'Lamp' },
        documents: [{ name: 'lamp.jpg', mediaType: 'image/jpeg', bytes: 5 }],
        evidence: { form: 'contact', language: 'en' }
      }
    })
    expect(Buffer.from(translation!.contents[0]!).toString()).toBe('photo')
  })

  test('is anonymous where nobody says who they are', async () => {
    expect(
      (await envelopeOf(stored('message=hello', 'application/x-www-form-urlencoded'))).sender
    ).toEqual({ emails: [], phones: [], addresses: [] })
  })

  test('shows routing no answer but those the form marks, and keeps the others in the text', async () => {
    const envelope = await envelopeOf(
      stored(
        'problem=light&place=Main+Street+5&details=Dark&email=a%40b.example',
        'application/x-www-form-urlencoded',
        'streets'
      )
    )
    expect(envelope.answers).toEqual({ problem: 'light' })
    expect(envelope.text).toBe('Dark\n\nWhere is it? Main Street 5')
  })

  test('keeps every value of a field given more than once', async () => {
    expect(
      (await envelopeOf(stored('message=one&message=two', 'application/x-www-form-urlencoded')))
        .text
    ).toBe('one\n\ntwo')
  })

  test('is read the same as multipart and as urlencoded', async () => {
    const fields = { topic: 'water', message: 'Fuga de agua, ¿quién viene?', name: 'Ñandú 🐦' }
    const one = await envelopeOf(
      stored(new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded')
    )
    const other = await envelopeOf(
      stored(body(Object.entries(fields).map(([name, value]) => ({ name, value }))), multipart)
    )
    expect(one).toEqual(other)
  })

  test('without a file has no document, though browsers send an empty part', async () => {
    expect(
      (
        await envelopeOf(
          stored(
            body([
              { name: 'message', value: 'hi' },
              { name: 'attachments', value: '', file: '' }
            ]),
            multipart
          )
        )
      ).documents
    ).toEqual([])
  })
})

describe('hostile bodies', () => {
  const cases: [what: string, bytes: string | Buffer, mediaType: string, expected: string][] = [
    [
      "a boundary that is not the body's",
      body([{ name: 'message', value: 'hi' }]),
      'multipart/form-data; boundary=other',
      'READ_UNPARSEABLE'
    ],
    [
      'no boundary at all',
      body([{ name: 'message', value: 'hi' }]),
      'multipart/form-data',
      'READ_UNPARSEABLE'
    ],
    [
      'a body cut off in a file',
      body([{ name: 'attachments', value: 'x'.repeat(1000), file: 'a' }]).subarray(0, 500),
      multipart,
      'READ_UNPARSEABLE'
    ],
    ['a body cut off in a header', `--${boundary}\r\nContent-Dispo`, multipart, 'READ_UNPARSEABLE'],
    [
      'a part without a name',
      `--${boundary}\r\nContent-Type: text/plain\r\n\r\nlost?\r\n--${boundary}--\r\n`,
      multipart,
      'READ_UNPARSEABLE'
    ],
    [
      'a part of another kind among good ones',
      Buffer.concat([
        Buffer.from(
          `--${boundary}\r\nContent-Disposition: attachment; name="message"\r\n\r\nlost?\r\n`
        ),
        body([{ name: 'message', value: 'hi' }])
      ]),
      multipart,
      'READ_UNPARSEABLE'
    ],
    ['a media type that is no form', '{}', 'application/json', 'READ_UNPARSEABLE'],
    ['nothing', '', multipart, 'READ_UNPARSEABLE'],
    [
      'more pairs than a form has',
      'a=b&'.repeat(MAX_FIELDS),
      'application/x-www-form-urlencoded',
      'READ_LIMIT'
    ],
    [
      'millions of empty pairs',
      '&'.repeat(3_000_000),
      'application/x-www-form-urlencoded',
      'READ_LIMIT'
    ],
    [
      'more parts than a form has',
      body(Array.from({ length: MAX_FIELDS + 1 }, () => ({ name: 'message', value: 'x' }))),
      multipart,
      'READ_LIMIT'
    ]
  ]
  test.each(cases)('%s', async (_what, bytes, mediaType, expected) =>
    expect(await refusal(stored(bytes, mediaType))).toBe(expected)
  )

  test('a contact that does not say which fields its form had is left to a person', async () => {
    const raw = stored('message=hi', 'application/x-www-form-urlencoded')
    expect(await refusal({ ...raw, evidence: {} })).toBe('READ_UNPARSEABLE')
    expect(
      await refusal({
        ...raw,
        evidence: { form: { id: 'contact', fields: [{ id: 'message', role: 'admin' }] } }
      })
    ).toBe('READ_UNPARSEABLE')
  })

  test('NUL, lone surrogates, broken UTF-8 and strange field names are kept as what can be stored', async () => {
    const envelope = await envelopeOf(
      stored(
        Buffer.concat([
          Buffer.from('message=a%00b%FF'),
          Buffer.from([0xc3, 0x28]),
          Buffer.from('&__proto__=x&constructor=y&subject=%ED%A0%80')
        ]),
        'application/x-www-form-urlencoded'
      )
    )
    expect(envelope.text).toBe('a\uFFFDb\uFFFD\uFFFD(')
    expect(JSON.stringify(envelope)).not.toContain('\\u0000')
    expect(envelope.evidence).toMatchObject({ unknownFields: 2 })
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  test.each([
    ['a path', '../../etc/passwd', 'passwd'],
    ['a Windows path', 'C:\\Users\\ana\\plan.pdf', 'plan.pdf'],
    ['a name in another script', '計画 1.pdf', '計画 1.pdf'],
    ['no name', '', 'file-1']
  ])('a file named by %s', async (_what, file, expected) => {
    expect(
      (
        await envelopeOf(
          stored(
            body([
              { name: 'message', value: 'hi' },
              { name: 'attachments', value: 'x', file }
            ]),
            multipart
          )
        )
      ).documents[0]!.name
    ).toBe(expected)
  })

  test("a file's type that is no media type is not passed on", async () => {
    const envelope = await envelopeOf(
      stored(
        body([
          { name: 'attachments', value: 'x', file: 'a', type: 'text/html"><script>' },
          { name: 'message', value: 'hi' }
        ]),
        multipart
      )
    )
    expect(envelope.documents[0]!.mediaType).toBe('application/octet-stream')
  })

  test('no bytes at all make it do anything but read or refuse', async () => {
    const pieces = fc.oneof(
      fc.constantFrom(
        `--${boundary}`,
        `--${boundary}--`,
        '\r\n',
        '\r\n\r\n',
        'Content-Disposition: form-data; name="message"',
        '; filename="a"',
        'Content-Type: text/plain; charset=utf-7',
        '"'
      ),
      fc.string({ unit: 'binary', maxLength: 40 })
    )
    const types = fc.constantFrom(
      multipart,
      'application/x-www-form-urlencoded',
      `multipart/form-data; boundary="${boundary}"; charset=x`
    )
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 25 }), types, async (parts, type) => {
        const raw = stored(Buffer.from(parts.join(''), 'utf8'), type)
        const outcome = await translate(raw).catch((error: unknown) => error)
        if (outcome instanceof EvenhandError)
          return expect(['READ_UNPARSEABLE', 'READ_LIMIT']).toContain(outcome.code)
        const { envelope } = (outcome as Translation[])[0]!
        expect(draftSchema.safeParse(envelope).success).toBe(true)
        expect(JSON.stringify(envelope)).not.toContain('\\u0000')
      }),
      { numRuns: 300 }
    )
  })
})

function files(sizes: number[]): { name: string; value: Buffer; file: string }[] {
  return sizes.map((size, index) => ({
    name: 'attachments',
    value: Buffer.alloc(size, 'x'),
    file: `f${index}`
  }))
}

describe('bounds are met exactly', () => {
  test.each([
    [
      'files',
      files(Array.from({ length: MAX_FILES }, () => 1)),
      files(Array.from({ length: MAX_FILES + 1 }, () => 1))
    ],
    ['bytes of files', files([MAX_FILE_BYTES - 10, 10]), files([MAX_FILE_BYTES - 10, 11])],
    ['bytes of one file', files([MAX_FILE_BYTES]), files([MAX_FILE_BYTES + 1])],
    [
      'bytes of text',
      [{ name: 'message', value: 'x'.repeat(MAX_TEXT_BYTES - 'message'.length) }],
      [{ name: 'message', value: 'x'.repeat(MAX_TEXT_BYTES - 'message'.length + 1) }]
    ],
    [
      'fields',
      Array.from({ length: MAX_FIELDS }, () => ({ name: 'message', value: 'x' })),
      Array.from({ length: MAX_FIELDS + 1 }, () => ({ name: 'message', value: 'x' }))
    ]
  ])('%s: at the cap, and one more', async (_what, at, over) => {
    expect(await refusal(stored(body(at), multipart))).toBe('was read')
    expect(await refusal(stored(body(over), multipart))).toBe('READ_LIMIT')
  })
})

describe('a form saved as a file', () => {
  test('is read as if it had been sent', async () => {
    const raw = fromFile(
      'pothole.json',
      Buffer.from(
        JSON.stringify({
          form: 'contact',
          language: 'es',
          fields: { topic: 'streets', message: 'Un bache', name: 'Ana' }
        })
      ),
      agency
    )
    const envelope = await envelopeOf({ ...raw, sha256: 'x' })
    expect(envelope).toMatchObject({
      text: 'Un bache',
      answers: { topic: 'streets' },
      sender: { name: 'Ana' },
      language: 'es'
    })
  })

  test.each([
    ['is no JSON', 'hello', 'BAD_REQUEST'],
    ['is no form', '[]', 'BAD_REQUEST'],
    ['has fields that are no text', '{"form":"contact","fields":{"message":{}}}', 'BAD_REQUEST'],
    ['names a form there is not', '{"form":"dogs","fields":{}}', 'FORM_UNKNOWN']
  ])('is refused where it %s', (_what, text, code) => {
    expect(() => fromFile('x.json', Buffer.from(text), agency)).toThrow(
      expect.objectContaining({ code })
    )
  })
})
