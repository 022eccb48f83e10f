import { expect, test } from '@jest/globals'
import { segmentsOf } from '../../../core/outbox/text-segments.ts'

test.each([
  ['', 'GSM-7', 1],
  ['a'.repeat(160), 'GSM-7', 1],
  ['a'.repeat(161), 'GSM-7', 2],
  ['a'.repeat(306), 'GSM-7', 2],
  ['a'.repeat(307), 'GSM-7', 3],
  // The extension's characters take two places, and are not cut in two at the end of a part.
  ['{'.repeat(80), 'GSM-7', 1],
  ['{'.repeat(81), 'GSM-7', 2],
  [`${'{'.repeat(76)}{${'a'.repeat(152)}`, 'GSM-7', 3],
  [`${'a'.repeat(152)}{${'a'.repeat(151)}`, 'GSM-7', 2],
  [`${'a'.repeat(152)}{${'a'.repeat(152)}`, 'GSM-7', 3],
  ['ñ'.repeat(160), 'GSM-7', 1],
  ['á'.repeat(70), 'UCS-2', 1],
  ['á'.repeat(71), 'UCS-2', 2],
  ['á'.repeat(134), 'UCS-2', 2],
  ['á'.repeat(135), 'UCS-2', 3],
  ['🌳'.repeat(35), 'UCS-2', 1],
  ['🌳'.repeat(36), 'UCS-2', 2],
  ['🌳'.repeat(66), 'UCS-2', 2],
  ['🌳'.repeat(67), 'UCS-2', 3]
] as const)('%.20s… is %s in %d parts', (text, encoding, count) => {
  expect(segmentsOf(text)).toEqual({ encoding, count })
})
