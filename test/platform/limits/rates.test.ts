import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import { codeRates, rates, replyRates } from '../../../platform/limits/rates.ts'
import { addressKey } from '../../../platform/limits/address-key.ts'
import { readSources } from '../../helpers/sources.ts'

const guide = fs.readFileSync('docs/administrator.md', 'utf8')

test.each(Object.entries({ ...rates, ...replyRates, ...codeRates }))(
  "the administrators' table has %s with its number",
  (name, number) => {
    const row =
      guide.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? `no row for ${name}`
    expect(row.split('|')[2]).toMatch(new RegExp(`^ ${number.toLocaleString('en')} `))
  }
)

test('no route and no page has a bound of its own beside the table', () => {
  const sources = readSources(['channels', 'web', 'core', 'workers'])
  const own = sources
    .filter(({ text }) => /[A-Z]_PER_MINUTE\s*=\s*[\d_]+|perMinute:\s*[\d_]+/.test(text))
    .map(({ path }) => path)
  expect(own).toEqual([])
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['::1', '0:0:0:0']
])('%s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key)
})
