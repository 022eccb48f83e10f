/** What a list calls a contact: a subject or its first words, never a code. */

import { oneLine } from '../../../platform/text/one-line.ts'

/** Characters of a heading that is taken from a text. */
const LONGEST = 100

/** The subject, else the beginning of what it says; a few words where neither is known. */
export function heading(subject: string | undefined, text = ''): string {
  const words = oneLine(subject ?? '') || oneLine(text.trim().split('\n', 1)[0]!)
  if (!words) return 'Without words'
  return words.length > LONGEST ? `${words.slice(0, LONGEST - 1)}…` : words
}
