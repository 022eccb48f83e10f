import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { keywordOf } from '../../../core/texts/keywords.ts'

const stops = ['STOP', 'StopAll', 'unsubscribe', 'CANCEL', 'end', 'quit', 'Revoke', 'OPTOUT', 'opt-out']

test('a word alone counts in any dress', () => {
  fc.assert(fc.property(fc.constantFrom(...stops), fc.constantFrom('', ' ', '\n', '  '), fc.constantFrom('', '.', '!', '!!', ' .'), fc.constantFrom('', '"', '\u201c'), (word, space, end, quote) => {
    expect(keywordOf(`${space}${quote}${word}${end}${quote}${space}`)).toBe('stop')
  }))
})

test('with any other word it is what a person writes about: never a keyword', () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/).filter((one) => !['all', 'out'].includes(one))
  fc.assert(fc.property(fc.constantFrom(...stops, 'HELP', 'START', 'INFO'), word, fc.constantFrom(' ', '\n', ', ', '. '), fc.boolean(), (keyword, other, between, first) => {
    expect(keywordOf(first ? `${keyword}${between}${other}` : `${other}${between}${keyword}`)).toBeUndefined()
  }))
})

test.each([['Stop sign is down', undefined], ['', undefined], ['stop'.padEnd(41), undefined], ['ＳＴＯＰ', 'stop'], ['help', 'help'], ['Unstop', 'start'], ['YES', undefined], ['ALTO', undefined]])('%j is %s', (text, keyword) => {
  expect(keywordOf(text)).toBe(keyword)
})
