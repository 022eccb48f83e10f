import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { ownWords, sharedWording } from '../../../core/campaigns/highlight.ts'
import { comparable } from '../../../core/duplicates/comparable.ts'

const form =
  'Please keep the library open on Saturdays, because working families cannot come on any other day of the week.'
const own = 'I learned to read there, in the red chair by the window.'

function letter(text: string): { text: string; folded: ReturnType<typeof comparable> } {
  return { text, folded: comparable(text) }
}

describe('reading a campaign', () => {
  const letters = [letter(form), letter(`${form}\n\n${own}`), letter(`Dear all! ${form}`)]
  const shared = sharedWording(letters)

  test('the shared text is what most letters have', () => {
    expect(shared.text).toContain('keep the library open on Saturdays, because working families')
  })

  test("each person's own words are marked in the original text", () => {
    const parts = letters.map(({ text, folded }) =>
      ownWords(text, folded, shared).map(({ start, end }) => text.slice(start, end))
    )
    expect(parts).toEqual([[], [own], ['Dear all!']])
  })

  test("a letter of one's own is own from end to end", () => {
    expect(ownWords(own, comparable(own), shared)).toEqual([{ start: 0, end: own.length }])
  })

  test('no letters share nothing', () => {
    expect(sharedWording([])).toMatchObject({ text: '' })
  })

  test('ranges lie within the text, in order, without overlap, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean(), (text, joined) => {
        const full = joined ? `${text}${form}${text}` : text
        const ranges = ownWords(full, comparable(full), shared)
        const ends = ranges.flatMap(({ start, end }) => [start, end])
        expect(ends).toEqual([...ends].sort((a, b) => a - b))
        expect(ends.every((end) => end >= 0 && end <= full.length)).toBe(true)
      })
    )
  })
})
