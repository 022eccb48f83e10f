import { expect, test } from '@jest/globals'
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
  expect(traitsOf('pigeon')).toEqual({ medium: 'typed' })
})
