import { expect, test } from '@jest/globals'
import { sayOver } from '../../../../web/desk/mailroom/scan-limits.ts'

test('what was not kept is said, with what to do about it', () => {
  expect(sayOver({ bound: 'files' })).toBe(
    'Only the first 100 files were kept. Send the rest in another go.'
  )
  expect(sayOver({ bound: 'file-bytes', name: 'over.pdf' })).toBe(
    'over.pdf: larger than 256 MB, so it was not kept. Scan it in parts.'
  )
})
