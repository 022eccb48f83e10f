/**
 * The part of a public report's text that anybody may read: without ways to reach somebody, without
 * the sender's name, and without strangers' links under the agency's name.
 */
import type { Sender } from '../../core/envelope.ts'

const MASK = '[…]'
/** Anything with an @ between two words; deliberately broad. */
const mailAddress = /[^\s@<>()[\],;]{1,64}@[^\s@<>()[\],;]{1,255}/gu
const link = /\b(?:https?:\/\/|www\.)\S+/giu
/**
 * Seven digits or more, as in telephone and account numbers. House numbers, dates of four digits
 * and prices are kept.
 */
const longNumber = /\+?\(?\d(?:[ ()./-]{0,2}\d){6,}/g

/**
 * Masks links, mail addresses, long numbers and the sender's own name. It cannot detect other
 * personal details in the text.
 */
export function maskPersonal(text: string, sender: Sender | undefined): string {
  const names = (sender?.name ?? '').split(/\s+/).filter((part) => part.length >= 3)
  const masked = text.replace(link, MASK).replace(mailAddress, MASK).replace(longNumber, MASK)
  if (names.length === 0) return masked
  return masked.replace(
    new RegExp(
      String.raw`(?<![\p{L}\p{N}])(?:${names.map((name) => RegExp.escape(name)).join('|')})(?![\p{L}\p{N}])`,
      'giu'
    ),
    MASK
  )
}
