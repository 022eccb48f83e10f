import { expect, test } from '@jest/globals'
import { namesOnly, program, readSources } from '../helpers/sources.ts'

/** Of 100 columns. Tests are lists of cases, and may be longer. */
const MAX_LINES = 450
const MAX_TEST_LINES = 650

test('the program logs by its logger, which leaves personal data out; nothing writes to the console', () => {
  expect(
    readSources(program, ['.ts', '.mjs'])
      .filter(({ text }) => /\bconsole\./.test(namesOnly(text)))
      .map(({ path }) => path)
  ).toEqual([])
})

test.each([
  ['the program', [...program, 'bench'], MAX_LINES],
  ['tests', ['test'], MAX_TEST_LINES]
])(
  'no file of %s is longer than its bound, unless its first comment says why ("Long because …")',
  (_, rooms, most) => {
    const long = readSources(rooms).filter(({ text }) => text.trimEnd().split('\n').length > most)
    const excused = /^(?:\/\*|\/\/)[\s\S]{0,400}Long because /
    expect(long.filter(({ text }) => !excused.test(text)).map(({ path }) => path)).toEqual([])
  }
)

test('nothing is left to do later', () => {
  const mark = new RegExp(
    ['TO', 'FIX'].map((start, index) => `\\b${start}${['DO', 'ME'][index]}\\b`).join('|')
  )
  expect(
    readSources([...program, 'test', 'bench', 'docs'], ['.ts', '.mjs', '.md', '.yaml'])
      .filter(({ text }) => mark.test(text))
      .map(({ path }) => path)
  ).toEqual([])
})

const corporaHelper = 'test/helpers/corpora.ts'

test('no test is skipped or run alone; only one that lacks its corpora is, and says so', () => {
  const alone = /\b(?:test|describe|it)\.(?:skip|only|todo)\b|\bx(?:test|describe|it)\(/
  const found = readSources(['test'])
    .filter(({ text }) => alone.test(namesOnly(text)))
    .map(({ path }) => path)
  expect(found).toEqual([corporaHelper])
})

test('a test finds the corpora by one helper only, so that it is skipped where they are absent and counts its cases', () => {
  const own = /CORPORA_DIR|shared\/corpora/
  const found = readSources(['test']).filter(
    ({ path, text }) => path !== 'test/policy/sources.test.ts' && own.test(text)
  )
  expect(found.map(({ path }) => path)).toEqual([corporaHelper])
})
