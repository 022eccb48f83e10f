import { expect, test } from '@jest/globals'
import { catalogue } from '../../platform/errors.ts'
import { program, readSources } from '../helpers/sources.ts'

const entries = Object.entries(catalogue)

test('every sentence of the catalogue is one: a capital first, a full stop last', () => {
  expect(entries.filter(([, { text }]) => !/^[A-Z`].*\.$/.test(text))).toEqual([])
})

test('every code is a word in capitals', () => {
  expect(entries.filter(([code]) => !/^[A-Z]+(_[A-Z]+)*$/.test(code))).toEqual([])
})

test("what may be tried again is never answered as the sender's own mistake", () => {
  const asks = new Set([403, 408, 422, 429])
  expect(
    entries.filter(([, { retry, status }]) => retry && status < 500 && !asks.has(status))
  ).toEqual([])
})

test('every code is used somewhere', () => {
  const text = readSources(program)
    .filter(({ path }) => path !== 'platform/errors.ts')
    .map((source) => source.text)
    .join('\n')
  expect(entries.map(([code]) => code).filter((code) => !text.includes(`'${code}'`))).toEqual([])
})
