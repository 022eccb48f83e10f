/**
 * What the text says of an image: a sign typed by the writer, what it shows, or nothing where it is
 * a decoration.
 */
import { imageMark } from '../text/marks.ts'
import type { Declarations } from './declarations.ts'

/** Mail programs send emoji as images. */
const emoji = /^[\p{Extended_Pictographic}\p{Emoji_Component}]{1,20}$/u
/** Words of programs that say nothing of what is to be seen. */
const idle =
  /^(tracking )?(pixel|spacer|blank|line|divider|separator|beacon|bullet|arrow|icon|logo|banner|image|picture|photo|img|imagen|foto|inline image \d*|attachment)[\s\d.]*$/i
const fileName = /\.\w{2,5}$|^(cid:|https?:)/i
/** CSS pixels of a side: what is smaller counts readers or keeps cells apart. */
const SMALLEST = 8

/** The text of an image by its attributes and what styles say of it; empty for decorations. */
export function imageText(
  attributes: Readonly<Record<string, string>>,
  said: Declarations
): string {
  const words = (attributes['alt'] ?? '').trim()
  if (words === '' || isDecoration(attributes, said) || idle.test(words) || fileName.test(words))
    return ''
  if (isEmoji(words)) return words
  return /[\p{L}\p{N}]/u.test(words) ? imageMark(words) : ''
}

/**
 * Whether it draws what no word can stand for. A part of the same mail is compared by its bytes
 * (channels/email/look.ts).
 */
export function isPicture(
  attributes: Readonly<Record<string, string>>,
  said: Declarations
): boolean {
  if (!('src' in attributes || 'srcset' in attributes) || /^\s*cid:/i.test(attributes['src'] ?? ''))
    return false
  return !isSmall(attributes, said) && !isEmoji((attributes['alt'] ?? '').trim())
}

function isEmoji(words: string): boolean {
  return emoji.test(words) && /\P{ASCII}/u.test(words)
}

function isDecoration(attributes: Readonly<Record<string, string>>, said: Declarations): boolean {
  return (
    /^(presentation|none)$/.test(attributes['role'] ?? '') ||
    attributes['aria-hidden'] === 'true' ||
    isSmall(attributes, said)
  )
}

function isSmall(attributes: Readonly<Record<string, string>>, said: Declarations): boolean {
  return ['width', 'height'].some(
    (side) => /^\d+(\.\d+)?(px)?$/.test(sizeOf(side)) && Number.parseFloat(sizeOf(side)) < SMALLEST
  )

  function sizeOf(side: string): string {
    return said.get(side)?.value ?? attributes[side]?.trim() ?? ''
  }
}
