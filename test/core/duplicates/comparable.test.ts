import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { comparable, TEXT_LIMIT } from '../../../core/duplicates/comparable.ts'
import { KEYS, sketch } from '../../../core/duplicates/sketch.ts'

describe('text for comparison', () => {
  test('case, spacing, punctuation, accents and look-alike shapes fold away', () => {
    expect(comparable('The corner of Élm\n Street, No. 10').letters).toBe(
      comparable('the comer of ELM street no lO').letters
    )
  })

  test('a word hyphenated at a line end is one word again', () => {
    expect(comparable('the street-\n  light is out').words).toEqual([
      'the',
      'streetlight',
      'is',
      'out'
    ])
  })

  test('every letter knows where it stood, also behind letters of two units', () => {
    const text = '😀 ﬁx 𝒜 this'
    const { letters, offsets } = comparable(text)
    expect(offsets).toHaveLength(letters.length)
    expect(text.slice(offsets[letters.indexOf('t')])).toBe('this')
  })

  test('a text at the limit is whole and one character more is cut', () => {
    expect(comparable('a'.repeat(TEXT_LIMIT)).cut).toBe(false)
    expect(comparable('a'.repeat(TEXT_LIMIT + 1)).cut).toBe(true)
    expect(comparable('é'.repeat(TEXT_LIMIT)).cut).toBe(false)
  })

  test('characters that fold to many letters are cut by their letters', () => {
    expect(comparable('\uFDFA'.repeat(TEXT_LIMIT / 20)).cut).toBe(false)
    expect(comparable('\uFDFA'.repeat(TEXT_LIMIT / 2)).cut).toBe(true)
  })

  test.each([
    ['nothing', ''],
    ['only a NUL', '\u0000'],
    ['a lone surrogate', '\uD800'],
    ['emoji alone', '😀👍🏽'],
    ['right to left', 'שלום עולם, זה מכתב'],
    ['combining marks alone', '\u0301'.repeat(1000)],
    ['one letter a million times', 'a'.repeat(1_000_000)],
    ['a megabyte of words', 'pot hole '.repeat(120_000)]
  ])('%s is folded without failing', (_, text) => {
    const folded = comparable(text)
    expect(folded.offsets).toHaveLength(folded.letters.length)
    expect(sketch(folded.letters).length).toBeLessThanOrEqual(KEYS)
  })

  test('any string is folded, and letters keep in step with their places', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const { letters, offsets } = comparable(text)
        expect(offsets).toHaveLength(letters.length)
        expect([...offsets]).toEqual([...offsets].sort((a, b) => a - b))
      })
    )
  })

  test('a text held within a longer one shares keys with it', () => {
    const letter = comparable(
      Array.from({ length: 60 }, (_, i) => `sentence${i * 7919}`).join(' ')
    ).letters
    const longer = `${letter}${comparable(Array.from({ length: 120 }, (_, i) => `own${i * 104_729}`).join(' ')).letters}`
    const keys = new Set(sketch(letter))
    expect([...sketch(longer)].filter((key) => keys.has(key)).length).toBeGreaterThanOrEqual(8)
  })
})

test('plain letters fold as they do beside a letter of another alphabet', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 200 }), (text) => {
      const [plain, mixed] = [comparable(text), comparable(`${text}é`)]
      expect(mixed.letters).toBe(`${plain.letters}e`)
      expect([...mixed.offsets]).toEqual([...plain.offsets, text.length])
    })
  )
})
