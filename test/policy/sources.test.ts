import { expect, test } from '@jest/globals'
import { namesOnly, readSources } from '../helpers/sources.ts'

const rooms = ['core', 'channels', 'workers', 'desk', 'config', 'scripts']
const MAX_LINES = 300

test('the program logs by its logger, which leaves personal data out; nothing writes to the console', () => {
  expect(readSources(rooms, ['.ts', '.mjs']).filter(({ text }) => /\bconsole\./.test(namesOnly(text))).map(({ path }) => path)).toEqual([])
})

test(`no file is longer than ${MAX_LINES} lines, unless its first comment says why ("Long because …")`, () => {
  const long = readSources([...rooms, 'test', 'bench']).filter(({ text }) => text.trimEnd().split('\n').length > MAX_LINES)
  expect(long.filter(({ text }) => !/^(?:\/\*|\/\/)[\s\S]{0,400}Long because /.test(text)).map(({ path }) => path)).toEqual([])
})

test('nothing is left to do later', () => {
  const mark = new RegExp(['TO', 'FIX'].map((start, index) => `\\b${start}${['DO', 'ME'][index]}\\b`).join('|'))
  expect(readSources([...rooms, 'test', 'bench', 'docs'], ['.ts', '.mjs', '.md', '.yaml']).filter(({ text }) => mark.test(text)).map(({ path }) => path)).toEqual([])
})

test('no test is skipped or run alone', () => {
  const alone = /\b(?:test|describe|it)\.(?:skip|only|todo)\b|\bx(?:test|describe|it)\(/
  expect(readSources(['test']).filter(({ text }) => alone.test(namesOnly(text))).map(({ path }) => path)).toEqual([])
})
