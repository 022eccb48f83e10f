import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import { namesOnly, program, readSources } from '../helpers/sources.ts'

/** Words that would let one person's case go before another's earlier one. */
const forbidden = new Set([
  'priority',
  'priorities',
  'prioritise',
  'prioritize',
  'prio',
  'vip',
  'tier',
  'tiers',
  'urgent',
  'urgency',
  'importance',
  'important',
  'prominence'
])

/** `casePriority`, `case_priority` and `CASE_PRIORITY` all hold the word priority. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split('_')
}

function forbiddenNames(text: string): string[] {
  return [...new Set(text.match(/[A-Za-z][A-Za-z0-9_]*/g))].filter((name) =>
    wordsOf(name).some((word) => forbidden.has(word))
  )
}

test.each([
  ['casePriority', true],
  ['case_priority', true],
  ['isVip', true],
  ['frontier', false],
  ['property', false]
])('the name %s holds a forbidden word: %s', (name, found) => {
  expect(forbiddenNames(name).length > 0).toBe(found)
})

test('no name in the program says that somebody goes first', () => {
  const sources = readSources(program)
  expect(sources.length).toBeGreaterThan(50)
  const found = sources.flatMap(({ path, text }) =>
    forbiddenNames(namesOnly(text)).map((name) => `${path}: ${name}`)
  )
  expect(found).toEqual([])
})

test('no column of the database does', () => {
  expect(forbiddenNames(fs.readFileSync('platform/db/schema.sql', 'utf8'))).toEqual([])
})

test('no key of the configuration does', () => {
  const keys = readSources(['config'], ['.yaml', '.yml']).flatMap(({ path, text }) =>
    [...text.matchAll(/^[\s-]*([A-Za-z_]+):/gm)].map(([, key]) => ({ path, key: key! }))
  )
  expect(keys.length).toBeGreaterThan(50)
  expect(keys.filter(({ key }) => forbiddenNames(key).length > 0)).toEqual([])
})
