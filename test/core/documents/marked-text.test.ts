import { expect, test } from '@jest/globals'
import { markUnsure, UNSURE_BELOW } from '../../../core/documents/marked-text.ts'

const word = (text: string, confidence: number) => ({
  text,
  confidence,
  box: [0, 0, 1, 1] as const
})
const shown = (runs: ReturnType<typeof markUnsure>) =>
  runs.map(({ text, unsure }) => (unsure ? `[${text}]` : text)).join('')

test('words the machine was not sure of are marked where they stand; lines and spaces stay as they were', () => {
  const text = 'Dear town,\n\nthe larnp  is out\nthe lamp'
  const words = [
    word('Dear', 0.9),
    word('town,', UNSURE_BELOW),
    word('the', 0.9),
    word('larnp', UNSURE_BELOW - 0.01),
    word('is', 0.9),
    word('out', 0.1),
    word('the', 0.2),
    word('lamp', 0.9)
  ]
  const runs = markUnsure(text, words)
  expect(shown(runs)).toBe('Dear town,\n\nthe [larnp]  is [out]\n[the] lamp')
  expect(runs.map((run) => run.text).join('')).toBe(text)
})

test.each([
  ['a word that is not in the text', [word('zebra', 0.1)]],
  ['an empty word', [word('', 0.1)]],
  ['no words', []]
])('%s leaves the text alone', (_what, words) => {
  expect(markUnsure('Dear town', words)).toEqual([{ text: 'Dear town', unsure: false }])
})

test('no text is no runs', () => {
  expect(markUnsure('', [word('x', 0.1)])).toEqual([])
})

test('a page of as many words as are kept is marked without searching the whole text for each', () => {
  const words = Array.from({ length: 20_000 }, (_, index) => word(`missing${index}`, 0.1))
  expect(markUnsure('x '.repeat(100_000), words)).toHaveLength(1)
})
