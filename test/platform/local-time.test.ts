import { expect, test } from '@jest/globals'
import { formatLocalTime, parseLocalTime } from '../../platform/local-time.ts'

const iso = (text: string, zone: string) => parseLocalTime(text, zone)?.toISOString()

test.each([
  ['2026-11-25T09:00', 'America/Chicago', '2026-11-25T15:00:00.000Z'],
  ['2026-07-01T09:00', 'America/Chicago', '2026-07-01T14:00:00.000Z'],
  ['2026-11-25T09:00:30', 'Asia/Kathmandu', '2026-11-25T03:15:30.000Z'],
  ['2026-11-25T09:00', 'UTC', '2026-11-25T09:00:00.000Z']
])('%s in %s is %s', (text, zone, expected) => {
  expect(iso(text, zone)).toBe(expected)
})

test('of a time that came twice the earlier one is meant, which is the fairer to whoever wrote', () => {
  expect(iso('2026-11-01T01:30', 'America/Chicago')).toBe('2026-11-01T06:30:00.000Z')
})

test('a time that the clocks left out is the moment they would have shown it, not an error', () => {
  expect(iso('2026-03-08T02:30', 'America/Chicago')).toBe('2026-03-08T08:30:00.000Z')
})

test.each([
  '',
  'yesterday',
  '2026-02-30T10:00',
  '2026-13-01T10:00',
  '2026-11-25T25:00',
  '2026-11-25',
  '0000-00-00T00:00',
  '2026-11-25T09:00Z',
  '٢٠٢٦-11-25T09:00'
])('%j is no time', (text) => {
  expect(parseLocalTime(text, 'America/Chicago')).toBeUndefined()
})

test('what a moment is shown as leads back to it', () => {
  const moment = new Date('2026-11-25T15:00:00Z')
  expect(formatLocalTime(moment, 'America/Chicago')).toBe('2026-11-25T09:00')
  expect(
    parseLocalTime(formatLocalTime(moment, 'Australia/Lord_Howe'), 'Australia/Lord_Howe')
  ).toEqual(moment)
})
