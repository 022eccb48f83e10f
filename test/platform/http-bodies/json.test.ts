/** JSON is looked over before it is parsed: how deep, how much. */
import { expect, test } from '@jest/globals'
import { checkJson, jsonBounds, parseJson } from '../../../platform/http-bodies/json.ts'

const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))
const list = (entries: number) =>
  Buffer.from(`[${Array.from({ length: entries }, () => '1').join(',')}]`)

test('as deep and as much as allowed is parsed, one more is not', () => {
  expect(parseJson(nested(jsonBounds.depth))).toBeDefined()
  expect(() => parseJson(nested(jsonBounds.depth + 1))).toThrow(/levels/)
  expect(parseJson(list(jsonBounds.values))).toHaveLength(jsonBounds.values)
  expect(() => parseJson(list(jsonBounds.values + 1))).toThrow(/values/)
})

test('what stands in strings counts for nothing', () => {
  const text = '[[{{,,\\'.repeat(20_000)
  expect(parseJson(Buffer.from(JSON.stringify({ text, quoted: '"],"\\' })))).toEqual({
    text,
    quoted: '"],"\\'
  })
})

test('a flood ends at the bound: of millions of brackets, keys or commas only the first are looked at', () => {
  for (const [flood, most] of [
    ['[', 33],
    ['{"a":', 5 * 33],
    ['{"a":1},', 100_000],
    ['[],', 31_000],
    [',', 10_001]
  ] as const) {
    let looks = 0
    const bytes = Buffer.from(flood.repeat(Math.ceil(2_000_000 / flood.length)))
    const counting = new Proxy(bytes, {
      get(target, key) {
        if (key === 'length') return target.length
        looks++
        return target[Number(key)]
      }
    })
    expect(() => checkJson(counting, jsonBounds)).toThrow(/JSON of more than/)
    expect(looks).toBeLessThan(3 * most)
  }
})

test('what is no JSON in UTF-8 is said to be none', () => {
  for (const bytes of ['{"a', '"\\', '{]', '', Buffer.from([0x22, 0xff, 0x22])])
    expect(() => parseJson(Buffer.from(bytes as string))).toThrow(/not JSON in UTF-8/)
})
