import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import { channelKinds } from '../../../core/envelope.ts'
import { channelsWith, traitsOf } from '../../../core/intake/traits.ts'

test('every channel says what its words are made of', () => {
  expect(channelsWith(({ medium }) => ['typed', 'paper', 'voice'].includes(medium))).toEqual([
    ...channelKinds
  ])
  expect(channelsWith(({ medium }) => medium !== 'typed').toSorted()).toEqual([
    'fax',
    'phone',
    'postal'
  ])
})

test('a channel that nobody knows promises nothing of who sent it', () => {
  expect(traitsOf('telepathy')).toEqual({ medium: 'typed' })
})

test('the index by which conversations are found holds the texts of every channel that has any', () => {
  const schema = fs.readFileSync('platform/db/schema.sql', 'utf8')
  const [, held] = /^CREATE INDEX contacts_texts .* WHERE \((.*)\);$/m.exec(schema)!
  const indexed = [...held!.matchAll(/'([a-z0-9]+)'::text/g)].map(([, kind]) => kind!)
  expect(indexed.toSorted()).toEqual(
    channelsWith(({ conversation }) => conversation === true).toSorted()
  )
})
