import { expect, test } from '@jest/globals'
import { benchAccept } from '../../bench/accept.ts'

test('forms and mails are accepted, more forms than one browser may send in a minute', async () => {
  const { results } = await benchAccept({ contacts: 40, sessions: [2] }, () => undefined)
  expect(results.map(({ name, n }) => [name, n])).toEqual([
    ['smtp, 2 sessions', 40],
    ['form, 2 sessions', 40]
  ])
})
