import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import { readSources } from '../helpers/sources.ts'

test('every clause in docs/open311.md has its test, and every such test its line', () => {
  const told = [
    ...fs.readFileSync('docs/open311.md', 'utf8').matchAll(/^\| `([A-Z]\d+)` \|/gm)
  ].map(([, id]) => id!)
  const tested = readSources(['test/channels/open311']).flatMap(({ text }) =>
    [...text.matchAll(/^ {2}clause\(\s*'([A-Z]\d+)'/gm)].map(([, id]) => id!)
  )
  expect(told.length).toBeGreaterThan(50)
  expect(told.toSorted()).toEqual(tested.toSorted())
})
