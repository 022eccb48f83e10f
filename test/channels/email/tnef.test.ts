/** What Outlook packs into winmail.dat comes out as words and files. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { readTnef } from '../../../channels/email/tnef.ts'
import { corpusFile, corpusTest, listCorpus, readCorpus } from '../../helpers/corpora.ts'
import { stored, translated } from './support.ts'
import { packMail, type PackedMail } from './tnef-support.ts'

const part = (bytes: Buffer, head = 'Content-Type: application/ms-tnef; name=winmail.dat') =>
  `--b\n${head}\nContent-Transfer-Encoding: base64\n\n${bytes.toString('base64')}\n`
const beside = (words: string, ...parts: string[]) =>
  `From: a@people.example\nSubject: Lamp\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n${words}\n${parts.join('')}--b--\n`
const read = (source: string) => translated(stored(source))
const file = { name: 'Fläche 1.pdf', bytes: Buffer.from('%PDF-') }

describe('its files', () => {
  test('are documents with their names and bytes, and the envelope is none', async () => {
    const { envelope, contents } = await read(
      beside(
        'See the plan.',
        part(packMail({ files: [file, { title: 'b.txt', bytes: Buffer.from('hello') }] }))
      )
    )
    expect(envelope.documents.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['Fläche 1.pdf', 5],
      ['b.txt', 5]
    ])
    expect(contents.map(String)).toEqual(['%PDF-', 'hello'])
    expect(envelope.text).toBe('See the plan.')
  })

  test.each([
    ['a type that says nothing', 'Content-Type: application/octet-stream; name=winmail.dat'],
    ['another type', 'Content-Type: application/vnd.ms-tnef; name=x.dat']
  ])('are found under %s', async (_, head) => {
    const { envelope } = await read(beside('x', part(packMail({ files: [file] }), head)))
    expect(envelope.documents.map(({ name }) => name)).toEqual([file.name])
  })

  test('of a mail inside it are passed on with its words, as those of an attached mail are', async () => {
    const inner = packMail({ subject: 'Meter', text: 'The water meter leaks.', files: [file] })
    const { envelope } = await read(
      beside(
        'See below.',
        part(packMail({ files: [{ name: 'Meter', bytes: inner, isMail: true }] }))
      )
    )
    expect(envelope.text).toBe('See below.\n\n[Meter]\nMeter\n\nThe water meter leaks.')
    expect(envelope.documents.map(({ name }) => name)).toEqual(['Meter', file.name])
  })
})

describe('its words', () => {
  const whole = (mail: PackedMail) =>
    read(
      `From: a@people.example\nSubject: Lamp\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n${packMail(mail).toString('base64')}`
    )
  const rtf = String.raw`{\rtf1\ansi\ansicpg1252 The lamp at 7 Oak Street is \'fcberall out.\par}`

  test.each([
    ['plain', { text: 'The lamp is out.' }, 'The lamp is out.'],
    ['HTML', { html: '<p>The lamp is <b>out</b>.</p>' }, 'The lamp is out.'],
    ['rich text', { rtf }, 'The lamp at 7 Oak Street is überall out.'],
    [
      'HTML inside rich text',
      {
        rtf: String.raw`{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}The lamp is out.{\*\htmltag72 </p>}\htmlrtf\par\htmlrtf0}`
      },
      'The lamp is out.'
    ]
  ])('as %s are the text where the mail has no other', async (_, mail, text) => {
    expect((await whole(mail)).envelope.text).toBe(text)
  })

  test('are not said twice where the mail has them too, and shown where they differ', async () => {
    const same = await read(
      beside('The lamp at 7 Oak Street is überall out.', part(packMail({ rtf })))
    )
    expect(same.envelope.text).toBe('The lamp at 7 Oak Street is überall out.')
    const other = await read(beside('This is a message from Outlook.', part(packMail({ rtf }))))
    expect(other.envelope.text).toContain('The lamp at 7 Oak Street is überall out.')
  })
})

test('one that breaks off gives what it has and says so; one that is none says so', async () => {
  const bytes = packMail({ files: [file, { name: 'b.bin', bytes: Buffer.alloc(5_000) }] })
  const cut = await read(beside('x', part(bytes.subarray(0, -2_000))))
  expect(cut.envelope.documents).toMatchObject([
    { name: file.name },
    { name: 'winmail.dat', withheld: expect.stringContaining('breaks off') }
  ])
  const none = await read(beside('x', part(Buffer.from('no such thing'))))
  expect(none.envelope.documents).toMatchObject([
    { name: 'winmail.dat', withheld: expect.stringContaining('cannot be opened') }
  ])
})

test('damaged anywhere, it is read or refused, and no file is larger than the whole', () => {
  const bytes = packMail({ subject: 's', text: 'x', rtf: '{\\rtf1 x}', files: [file, file] })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 20 }),
      fc.nat(bytes.length),
      (changes, length) => {
        const damaged = Buffer.from(bytes.subarray(0, length))
        for (const [at, value] of changes) if (at < length) damaged[at] = value
        const files = readTnef(damaged)?.files ?? []
        expect(files.every((one) => one.bytes.length <= length)).toBe(true)
      }
    ),
    { numRuns: 2_000 }
  )
})

corpusTest(
  ['email/tnef'],
  'the files that Outlook packed come out with their names and bytes',
  () => {
    const lists = listCorpus('email/tnef', /[.]list$/)
    for (const list of lists) {
      const tnef = readTnef(readFileSync(corpusFile(list.replace(/list$/, 'tnef'))))!
      // The lists are of a program that writes other signs in names as underscores, and the body too.
      const names = tnef.files.map(({ name }) => name.replace(/[^\w.-]/g, '_'))
      const wanted = readCorpus(list)
        .split(/\s+/)
        .filter((name) => name !== '' && !name.endsWith('-body.rtf'))
      expect(names).toEqual(wanted)
      expect(tnef.rtf !== undefined).toBe(/-body[.]rtf/.test(readCorpus(list)))
      for (const { bytes } of tnef.files) expect(bytes.length).toBeGreaterThan(0)
    }
    return lists.length
  }
)
