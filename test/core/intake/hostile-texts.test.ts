/**
 * Texts made to be slow: whatever looks at a stranger's words looks at them once. A pattern that
 * tries every place against every other would need minutes for one of these, and the test's own
 * time limit ends it.
 */
import { expect, test } from '@jest/globals'
import { readLimits } from '../../../channels/email/limits.ts'
import { maskPersonal } from '../../../channels/open311/public-text.ts'
import { comparable } from '../../../core/duplicates/comparable.ts'
import { readHtml } from '../../../platform/html/text.ts'
import { languageOf } from '../../../platform/detect-language.ts'
import { receiptsIn } from '../../../core/contacts/receipts.ts'
import { keywordOf } from '../../../core/conversation/keywords.ts'
import { reactionOf } from '../../../core/conversation/reactions.ts'
import { asItLooks, isBlank } from '../../../platform/text/visible.ts'

/**
 * So many signs, three quarters of what is compared of a text: ten thousand million steps where
 * each is tried with each.
 */
const LENGTH = 150_000

const atoms = [
  ' ',
  '\n',
  '\t',
  '\r\n',
  ' \n',
  'a',
  'A',
  '1',
  '0',
  '.',
  '-',
  '@',
  ':',
  '/',
  '<',
  '"',
  '“',
  '+',
  '(',
  'a-',
  'a.',
  'a@',
  '1 ',
  '://',
  '\u200b',
  '\u200b ',
  'á',
  '👍',
  'data:',
  'STOP ',
  '<b ',
  '&lt;'
]
const beginnings = ['', 'a-', 'Liked “']

const looks: Record<string, (text: string) => unknown> = {
  comparable: (text) => comparable(text).words,
  languageOf,
  receiptsIn,
  keywordOf,
  reactionOf,
  asItLooks,
  isBlank,
  maskPersonal: (text) =>
    maskPersonal(text, { name: 'Ana Roe', emails: [], phones: [], addresses: [] }),
  'a mail in HTML': (text) =>
    readHtml(
      `<p style="opacity:${text.replaceAll('"', '')}">${text.replaceAll('<', '')}</p>`,
      readLimits
    )
}

test.each(Object.keys(looks))('%s looks at each once', async (name) => {
  let looked = 0
  for (const beginning of beginnings) {
    for (const atom of atoms) {
      await looks[name]!(`${beginning}${atom.repeat(LENGTH / atom.length)}\u0001Q`)
      looked++
    }
  }
  expect(looked).toBe(beginnings.length * atoms.length)
})

test("a word wrapped at a line's end is one, however the break is made", () => {
  const words = [
    'a pothole here',
    'a pot-\nhole here',
    'a pot- \r\n  hole here',
    'a pot\u2010 \n\r\n hole here'
  ].map((text) => comparable(text).words.join(' '))
  expect(new Set(words).size).toBe(1)
})
