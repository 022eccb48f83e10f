import { expect, test } from '@jest/globals'
import { waitForNextSession } from '../../../channels/email/session-waits.ts'
import { AskedToWait } from '../../../channels/email/mailbox.ts'

const asked = (seconds?: number) => new AskedToWait('HTTP 429', seconds)

test('a server that is down is asked ever less often, at least every five minutes', () => {
  expect([1, 2, 3, 8, 9, 50].map((failures) => waitForNextSession(undefined, failures))).toEqual([
    2, 4, 8, 256, 300, 300
  ])
})

test('one that says how long is believed, up to a quarter of an hour', () => {
  expect(
    [0, 7.5, 900, 901, 86_400].map((seconds) => waitForNextSession(asked(seconds), 1))
  ).toEqual([0, 7.5, 900, 900, 900])
})

test('one that goes on saying so is asked less often', () => {
  expect([1, 2, 3].map((failures) => waitForNextSession(asked(0), failures))).toEqual([0, 2, 4])
})

test('one that does not say how long is asked as one that is down', () => {
  expect(waitForNextSession(asked(), 2)).toBe(4)
})
