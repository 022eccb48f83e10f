import { expect, test } from '@jest/globals'
import { ocrLanguages, tesseractCode, unreadLanguages } from '../../../core/documents/languages.ts'

test.each([
  ['en', 'eng'],
  ['es-MX', 'spa'],
  ['zh', 'chi_sim'],
  ['zh-Hant', 'chi_tra'],
  ['zh-Hant-TW', 'chi_tra'],
  ['vi', 'vie'],
  ['tlh', undefined]
])('%s is read as %s', (tag, code) => {
  expect(tesseractCode(tag)).toBe(code)
})

test("pages are read in the agency's languages that have data, and in English where none has", () => {
  expect(ocrLanguages(['es', 'en', 'tlh'])).toEqual(['spa', 'eng'])
  expect(ocrLanguages(['en-US', 'en-GB'])).toEqual(['eng'])
  expect(ocrLanguages(['tlh'])).toEqual(['eng'])
  expect(unreadLanguages(['es', 'tlh'])).toEqual(['tlh'])
})
