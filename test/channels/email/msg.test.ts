/** Messages that Outlook saved as files are read as the mails that they were. */
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { email } from '../../../channels/email/index.ts'
import { readLimits } from '../../../channels/email/limits.ts'
import { MSG_TYPE, openMsg } from '../../../channels/email/msg.ts'
import { mailWith } from '../../helpers/mail.ts'
import { savedMessage, type Saved } from './msg-support.ts'
import { agency, stored, translated } from './support.ts'

const meter: Saved = {
  subject: 'Zähler',
  from: { name: 'Ana Ruiz', address: 'ana@oak.example' },
  to: { name: 'Parks', address: 'parks@elm.example' },
  text: 'The meter at 7 Oak Street leaks.\r\n',
  files: [
    { name: 'Plan grün.pdf', type: 'application/pdf', bytes: Buffer.alloc(5_000, 'pdf ') },
    { name: 'short.txt', bytes: Buffer.from('hello') }
  ]
}

async function attached(name: string, bytes: Uint8Array, type = 'application/octet-stream') {
  const mail = await mailWith('See the file.', [{ name, type, bytes }])
  return translated(stored(mail.toString('latin1')))
}

describe('attached to a mail', () => {
  test('its subject and words are passed on, with its writer and its files', async () => {
    const { envelope, contents } = await attached('Zähler.msg', savedMessage(meter))
    expect(envelope.text).toBe(
      'See the file.\n\n[Zähler.msg]\nZähler\n\nThe meter at 7 Oak Street leaks.'
    )
    expect(envelope.parties).toMatchObject([
      { role: 'writer', name: 'Ana Ruiz', emails: ['ana@oak.example'] }
    ])
    expect(
      envelope.documents.map(({ name, mediaType, bytes }) => [name, mediaType, bytes])
    ).toEqual([
      ['Zähler.msg', MSG_TYPE, savedMessage(meter).length],
      ['Plan grün.pdf', 'application/pdf', 5_000],
      ['short.txt', 'text/plain', 5]
    ])
    expect(contents.slice(1).map(String)).toEqual(['pdf '.repeat(1_250), 'hello'])
  })

  test('one inside another is read too, down to the bound', async () => {
    const within = (depth: number): Saved =>
      depth === 0
        ? { subject: 'innermost', text: 'innermost words' }
        : { subject: `at ${depth}`, text: 'x', files: [{ name: 'in', message: within(depth - 1) }] }
    const read = async (depth: number) => attached('a.msg', savedMessage(within(depth)))
    expect((await read(readLimits.enclosed - 1)).envelope.text).toContain('innermost words')
    const { envelope } = await read(readLimits.enclosed)
    expect(envelope.text).not.toContain('innermost words')
    expect(envelope.documents.at(-1)!.withheld).toMatch(/lies deeper than/)
  })

  test.each([
    ['cut off', savedMessage(meter).subarray(0, 700)],
    ['an old document of Word', savedMessage({ text: 'x' }).fill(0, 512)]
  ])('what cannot be read as one is kept, and says so: %s', async (_, bytes) => {
    const { envelope } = await attached('a.msg', bytes)
    expect(envelope.documents).toMatchObject([
      { name: 'a.msg', withheld: expect.stringMatching(/saved by Outlook .* cannot be read/) }
    ])
  })

  test('by its name alone nothing is one', async () => {
    const { envelope } = await attached('a.msg', Buffer.from('just words'))
    expect(envelope.documents[0]).not.toHaveProperty('withheld')
  })
})

test('a mail in HTML alone has its words, and its pictures by their names', async () => {
  const { envelope } = await attached(
    'a.msg',
    savedMessage({ subject: 'Lamp', html: '<p>The lamp is <b>out</b>.</p>' })
  )
  expect(envelope.text).toContain('The lamp is out.')
})

test('handed in as a file it is the mail itself', async () => {
  const bytes = savedMessage(meter)
  const raw = email.fromFile('Zähler.msg', bytes, agency)
  const [{ envelope }] = (await email.translate({ ...raw, sha256: '' })) as [
    Awaited<ReturnType<typeof email.translate>>[number]
  ]
  expect(envelope).toMatchObject({
    subject: 'Zähler',
    sender: { name: 'Ana Ruiz', emails: ['ana@oak.example'] },
    recipients: ['parks@elm.example'],
    text: 'The meter at 7 Oak Street leaks.'
  })
  expect(envelope.documents.map(({ name }) => name)).toEqual(['Plan grün.pdf', 'short.txt'])
})

test('handed in as a file that cannot be read, it is left to a person', async () => {
  const bytes = savedMessage(meter).subarray(0, 700)
  const raw = email.fromFile('a.msg', bytes, agency)
  await expect(email.translate({ ...raw, sha256: '' })).rejects.toMatchObject({
    code: 'READ_UNPARSEABLE'
  })
})

test('as many parts as a mail may have are read, and one more is over the bound', async () => {
  const files = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ name: `${n}.txt`, bytes: Buffer.from('x') }))
  // The mail, its text and the file; the words of the message are one more of its parts.
  const read = (count: number) =>
    attached('a.msg', savedMessage({ text: 'x', files: files(count) }))
  await expect(read(readLimits.parts)).rejects.toMatchObject({ code: 'READ_LIMIT' })
  expect((await read(readLimits.documents - 1)).envelope.documents).toHaveLength(
    readLimits.documents
  )
})

test('a file cut off anywhere, or with any four bytes changed, is read or refused, and ends', () => {
  const whole = savedMessage(meter)
  const isReadOrRefused = (bytes: Buffer) => {
    const root = openMsg(bytes)
    return root === undefined || root.container
  }
  const cut = fc.property(fc.integer({ min: 520, max: whole.length }), (length) =>
    isReadOrRefused(whole.subarray(0, length))
  )
  const changed = fc.property(
    fc.integer({ min: 8, max: whole.length - 4 }),
    fc.integer({ min: -8, max: 100 }),
    (at, value) => {
      const bytes = Buffer.from(whole)
      bytes.writeInt32LE(value, at)
      return isReadOrRefused(bytes)
    }
  )
  expect([fc.check(cut).failed, fc.check(changed).failed]).toEqual([false, false])
})
