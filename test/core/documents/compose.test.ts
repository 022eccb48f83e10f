import { describe, expect, test } from '@jest/globals'
import { compose, type ReadDocument, type TextPage } from '../../../core/documents/compose.ts'
import { SURE } from '../../../core/documents/reader/sure-words.ts'
import { limits } from '../../../core/documents/limits.ts'
import type { EnvelopeDocument, EnvelopeDraft } from '../../../core/envelope.ts'
import { routingInput } from '../../../core/routing/input.ts'

const file = (sha256: string): EnvelopeDocument => ({
  name: `${sha256}.tif`,
  mediaType: 'application/octet-stream',
  bytes: 10,
  sha256,
  pages: 0
})
const page = (
  number: number,
  text: string,
  confidence = 0.95,
  more: Partial<TextPage> = {}
): TextPage => ({ number, text, confidence, blank: false, source: 'ocr', ...more })

function draft(text: string, documents: EnvelopeDocument[], subject?: string): EnvelopeDraft {
  return {
    channel: 'email',
    sender: { emails: [], phones: [], addresses: [] },
    recipients: [],
    text,
    language: 'und',
    documents,
    evidence: {},
    ...(subject === undefined ? {} : { subject })
  }
}

function read(
  sha256: string,
  pages: TextPage[],
  more: Partial<ReadDocument['record']> = {}
): [string, ReadDocument] {
  return [
    sha256,
    {
      pages,
      record: {
        sha256,
        bytes: 10,
        mediaType: 'image/tiff',
        kind: 'image',
        pages: pages.length,
        pagesRead: pages.length,
        barcodes: false,
        pagesOnly: false,
        outcome: 'read',
        reason: undefined,
        searchablePdf: undefined,
        attempts: 0,
        readBefore: false,
        ...more
      }
    }
  ]
}

describe('a contact without words of its own', () => {
  test('says what its pages say, without blank, unread and unsure ones', () => {
    const pages = [
      page(1, 'The lamp is dark.'),
      page(2, '', 0, { blank: true }),
      page(3, '', 0, { withheld: 'The page took too long.' }),
      page(4, 'xq# ~~', 0.2),
      page(5, 'It has been so for weeks.')
    ]
    const { envelope, unsure, fromDocuments, trail } = compose(
      draft(' \n', [file('a')]),
      new Map([read('a', pages)])
    )
    expect(envelope.text).toBe('The lamp is dark.\n\nIt has been so for weeks.')
    expect(envelope.documents[0]).toMatchObject({
      mediaType: 'image/tiff',
      pages: 5,
      text: 'The lamp is dark.\n\nxq# ~~\n\nIt has been so for weeks.'
    })
    expect([unsure, fromDocuments, trail.verdict]).toEqual([undefined, true, 'read'])
    expect(trail.evidence).toMatchObject({ pages: 5, blank: 1, unread: 1, unsurePages: 1 })
  })

  test.each([
    ['just under', SURE - 0.001, true],
    ['at', SURE, false]
  ])('%s the threshold', (_, confidence, aside) => {
    const { unsure, envelope, trail } = compose(
      draft('', [file('a')]),
      new Map([read('a', [page(1, 'The lamp is dark.', confidence)])])
    )
    expect([unsure !== undefined, envelope.text === '', trail.verdict]).toEqual([
      aside,
      aside,
      aside ? 'quarantined' : 'read'
    ])
  })

  test('is set aside where a printed cover stands before pages by an unreadable hand', () => {
    const pages = [
      page(1, 'Redeliveries sheet, two pages follow'),
      page(2, 'mnu wvw lil '.repeat(5), 0.4)
    ]
    expect(compose(draft('', [file('a')]), new Map([read('a', pages)])).unsure).toContain(
      'confidence'
    )
  })

  test('is set aside with the reason where nothing could be read', () => {
    const locked = read('a', [], {
      outcome: 'withheld',
      reason: 'The document is locked with a password.'
    })
    const { unsure, envelope, trail } = compose(draft('', [file('a')]), new Map([locked]))
    expect(unsure).toBe('The document is locked with a password.')
    expect(envelope.documents[0]).toMatchObject({
      withheld: 'The document is locked with a password.'
    })
    expect(trail).toMatchObject({
      verdict: 'quarantined',
      evidence: { code: 'TEXT_UNSURE' },
      reason: expect.stringContaining('(The document is locked with a password)')
    })
    expect(
      compose(draft('', [file('b')]), new Map([read('b', [page(1, 'x 1', 0.9)])])).unsure
    ).toContain('few letters')
  })
})

describe('a contact with words of its own', () => {
  test.each([
    ['a text', 'My own words.', undefined],
    ['a subject alone', '', 'The lamp is dark']
  ])('%s: unsure text never reaches routing', (_, text, subject) => {
    const { envelope, unsure } = compose(
      draft(text, [file('a')], subject),
      new Map([read('a', [page(1, 'wafer and sewer 12 bills', 0.5)])])
    )
    expect(unsure).toBeUndefined()
    expect(routingInput(envelope)).toMatchObject({ text, subject: subject ?? '' })
  })

  test('stays as the channel said where the channel itself is not sure', () => {
    expect(
      compose(
        draft('mumble', [file('a')]),
        new Map([read('a', [page(1, 'The lamp is dark.')])]),
        'The call is silent.'
      )
    ).toMatchObject({ unsure: 'The call is silent.', envelope: { text: 'mumble' } })
  })
})

test('a text is never cut inside a character, which could not be stored', () => {
  const long = `${'a'.repeat(limits.textCharacters - 1)}\u{1F4A1}`
  const { envelope } = compose(draft('', [file('a')]), new Map([read('a', [page(1, long)])]))
  for (const text of [envelope.text, envelope.documents[0]!.text!])
    expect([text.length, text.isWellFormed()]).toEqual([limits.textCharacters, true])
})

test('documents nobody reads stay as they were, and the texts of all together are bounded', () => {
  const logo = { ...file('logo'), mediaType: 'image/png', inline: true }
  const long = 'word '.repeat(300_000)
  const { envelope } = compose(
    draft('see', [logo, file('a'), file('b')]),
    new Map([read('a', [page(1, long)]), read('b', [page(1, long)])])
  )
  expect(envelope.documents[0]).toEqual(logo)
  expect(envelope.documents.reduce((sum, { text }) => sum + (text?.length ?? 0), 0)).toBe(2_000_000)
})
