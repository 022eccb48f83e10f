import { expect, test } from '@jest/globals'
import { asShown, forTerminal, oneLine } from '../../../platform/text/one-line.ts'

const turning = [
  '\u202A',
  '\u202B',
  '\u202C',
  '\u202D',
  '\u202E',
  '\u2066',
  '\u2067',
  '\u2068',
  '\u2069'
]

test.each([...turning, '\u200B', '\u2060', '\uFEFF'])('%j is in no line that is shown', (sign) => {
  for (const show of [oneLine, asShown, forTerminal])
    expect(show(`my${sign}cod.exe`)).toBe('mycod.exe')
})

test('what languages and pictures need stays', () => {
  for (const words of ['می‌خواهم', '👨‍👩‍👧', 'שלום\u200F!', 'Ž\u00ADivot', 'Łódź'])
    for (const show of [oneLine, asShown, forTerminal]) expect(show(words)).toBe(words)
})

test('a list has it on one line, a terminal without what moves its cursor', () => {
  expect(oneLine(' a\r\n\tb\u0007c ')).toBe('a b c')
  expect(forTerminal('a\u001b[2Jb\n\tc')).toBe('a[2Jb\n\tc')
})

test('a long text keeps directions within its lines, and none that is against its letters', () => {
  expect(asShown('one \u202Btwo\u202C\nthree \u202Efour')).toBe('one \u202Btwo\u202C\nthree four')
})
