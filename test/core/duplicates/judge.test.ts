import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { ocrNoise } from '../../../bench/ocr-noise.ts'
import { comparable, TEXT_LIMIT } from '../../../core/duplicates/comparable.ts'
import { contentOf } from '../../../core/duplicates/content.ts'
import {
  DEFAULT_WINDOW_HOURS,
  judge,
  type Comparand,
  type SameParty
} from '../../../core/duplicates/judge.ts'

const letter =
  'The street light at the corner of Elm Street and Third Avenue has been out since last Tuesday evening. ' +
  'Children cross there on their way home from practice and drivers cannot see them. Please send somebody to repair it before the weekend.'
const hour = 3_600_000

function comparand(text: string, more: Partial<Comparand> = {}): Comparand {
  return { text: comparable(text), content: contentOf(text), at: 0, ...more }
}

function retyped(text: string, every: number): string {
  const words = text
    .toLowerCase()
    .split(' ')
    .map((word, i) =>
      i % every === 0 && /^[a-z]{6,}$/.test(word) ? `${word.slice(0, 3)}-\n${word.slice(3)}` : word
    )
  return words.join(every % 2 ? ' \n ' : '  ')
}

function verdict(a: string, b: string, party: SameParty = 'same'): string {
  return judge(comparand(a), comparand(b), party).kind
}

describe('verdicts on two contacts', () => {
  test('the same text of the same party is surely a duplicate, and the reason and figures say so', () => {
    const found = judge(comparand(letter), comparand(letter, { at: 5 * hour }), 'same')
    expect(found).toMatchObject({
      kind: 'sure',
      reason: 'the same text from the same party',
      evidence: { similarity: 1, resemblance: 1, containment: 1, hoursApart: 5 }
    })
    expect(found.evidence?.sharedWords).toContain('practice')
  })

  test.each(['possible', 'unknown'] as const)(
    'the same text of a party that is %s is only suggested',
    (party) => {
      expect(verdict(letter, letter, party)).toBe('likely')
    }
  )

  test('the same text of different people is never a duplicate', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(verdict(text, text, 'different')).toBe('none')
      })
    )
  })

  test('just inside the window it is a duplicate, just outside a new matter', () => {
    const after = [DEFAULT_WINDOW_HOURS * hour, DEFAULT_WINDOW_HOURS * hour + 1].map(
      (at) => judge(comparand(letter), comparand(letter, { at }), 'same').kind
    )
    expect(after).toEqual(['likely', 'none'])
  })

  test.each([
    ['hours later', 'The green bin at 12 Elm Court was not emptied this morning.', 5, 'sure'],
    ['a day later', 'The green bin at 12 Elm Court was not emptied this morning.', 24, 'likely'],
    ['a day later', 'El cubo de basura de la calle Olmo 12 no fue vaciado hoy.', 24, 'likely'],
    [
      'a day later',
      'El cubo de basura de la calle Olmo 12 no fue vaciado el miércoles.',
      24,
      'likely'
    ],
    ['a day later', 'The green bin at 12 Elm Court was not emptied by your crew.', 24, 'sure'],
    ['a week later', 'The green bin at 12 Elm Court was not emptied by your crew.', 168, 'likely']
  ])('what was sent again %s may have happened again: %s', (_when, text, hours, kind) => {
    const found = judge(comparand(text), comparand(text, { at: hours * hour }), 'same')
    expect(found.kind).toBe(kind)
  })

  test('the same papers are the same ones however much later they come', () => {
    const papers = [{ name: 'a.pdf', sha256: 'a'.repeat(64), wording: undefined, text: '' }]
    const note = () => comparand(letter, { content: { ...contentOf(letter), papers } })
    const found = judge(note(), { ...note(), at: 7 * 24 * hour }, 'same')
    expect(found.kind).toBe('sure')
  })

  test('a petition sent again next month is a new one', () => {
    expect(judge(comparand(letter), comparand(letter, { at: 28 * 24 * hour }), 'same').kind).toBe(
      'none'
    )
  })

  test('an agency may set a shorter window', () => {
    expect(judge(comparand(letter), comparand(letter, { at: 3 * hour }), 'same', 2).kind).toBe(
      'none'
    )
  })

  test.each([0.01, 0.03, 0.05])('a scanned copy with a character error of %d is found', (rate) => {
    for (let seed = 1; seed <= 20; seed++)
      expect(['sure', 'likely']).toContain(verdict(letter, ocrNoise(letter, rate, seed)))
  })

  test('another street in otherwise the same words is not joined by itself', () => {
    expect(verdict(letter, letter.replace('Elm Street', 'Oak Street'))).not.toBe('sure')
  })

  test.each([
    ['a word struck out', 'I do ~~not~~ want it moved.', 'I do not want it moved.'],
    ['a power', 'At most 10^3 bees.', 'At most 103 bees.'],
    ['a raised figure', 'At most 10³ bees.', 'At most 103 bees.'],
    ['a tick', '[x] repair it', '[ ] repair it']
  ])('%s in otherwise the same words is not joined by itself', (_name, one, other) => {
    expect(verdict(`${letter} ${one}`, `${letter} ${one}`)).toBe('sure')
    expect(verdict(`${letter} ${one}`, `${letter} ${other}`)).toBe('likely')
  })

  test('another house number in otherwise the same words is not joined by itself', () => {
    expect(
      verdict(
        `${letter} I live at number 214 and can show the place.`,
        `${letter} I live at number 216 and can show the place.`
      )
    ).toBe('likely')
  })

  test('"see attached" says too little to be joined, or to be suggested where the party is not known', () => {
    expect([
      verdict('See attached file(s)', 'See attached file(s)'),
      verdict('See attached file(s)', 'See attached file(s)', 'unknown')
    ]).toEqual(['likely', 'none'])
  })

  test('a letter within a longer one is suggested', () => {
    const cover =
      'Fax from the public library, nine pages, with the compliments of the reading room. '.repeat(
        2
      )
    const long = `${letter} ${letter.split(' ').toReversed().join(' ')}`
    expect(
      verdict(
        long,
        `${cover}${long} ${cover} Further to our call this morning I also enclose photographs and the names of neighbours.`
      )
    ).toBe('likely')
  })

  test('texts too long to be compared to their end are not joined by themselves', () => {
    const long = `${letter} `.repeat(Math.ceil(TEXT_LIMIT / letter.length))
    expect([
      verdict(long.slice(0, TEXT_LIMIT), long.slice(0, TEXT_LIMIT)),
      verdict(long, long)
    ]).toEqual(['sure', 'likely'])
  })

  test('two reports of one kind at one place may be one matter whatever their words, farther away not even in the same words', () => {
    const location = { lat: 42.3585, long: -71.06 }
    const report = (text: string, north: number): Comparand =>
      comparand(text, {
        location: { lat: location.lat + north / 111_195, long: location.long },
        category: 'Lighting'
      })
    const judged = (text: string, north: number): string =>
      judge(report(letter, 0), report(text, north), 'unknown').kind
    expect([
      judged('Lamp dark again', 39),
      judged('Lamp dark again', 41),
      judged(letter, 149),
      judged(letter, 151)
    ]).toEqual(['likely', 'none', 'likely', 'none'])
  })

  test.each([
    ['empty', ''],
    ['NUL', '\u0000'],
    ['emoji', '👍🏽'.repeat(50)],
    ['one letter', 'a'.repeat(1_000_000)]
  ])('two texts of %s are judged without failing, never as sure', (_, text) => {
    expect(verdict(text, text)).not.toBe('sure')
  })
})

describe('what never changes a verdict', () => {
  const words = fc.constantFrom(...letter.split(' '), 'Oak', '17', 'not')
  const texts = fc.array(words, { minLength: 0, maxLength: 60 }).map((list) => list.join(' '))
  const party = fc.constantFrom<SameParty>('same', 'possible', 'unknown', 'different')

  test('the order of the two', () => {
    fc.assert(
      fc.property(texts, texts, party, (a, b, p) => {
        expect(judge(comparand(a), comparand(b), p)).toEqual(judge(comparand(b), comparand(a), p))
      })
    )
  })

  test('case, spacing, and line ends with or without a hyphen', () => {
    fc.assert(
      fc.property(texts, texts, party, fc.integer({ min: 1, max: 5 }), (a, b, p, every) => {
        expect(judge(comparand(a), comparand(retyped(b, every)), p).kind).toBe(
          judge(comparand(a), comparand(b), p).kind
        )
      })
    )
  })
})
