/**
 * Splits an alternative into words and signs, without what mail programs change when they make
 * plain text from HTML.
 */

export interface Token {
  readonly text: string
  /** Counted from 0. */
  readonly line: number
}

/** Words and signs compared per alternative: a long letter has 3,000. */
const WORDS = 50_000

const address =
  '(?:https?:\\/\\/|mailto:|tel:|sms:|ftp:\\/\\/|www\\.)[^\\s<>\\[\\]()"]+|[\\p{L}\\p{N}][\\p{L}\\p{N}._%+-]{0,63}@[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)+'
/** Text without one of these holds no address, so it is not searched for one. */
const mayBeAddress = /[@:]|www\./
const word =
  '~~|\\[[x ]\\]|\\[[^\\]\\s\\p{Cc}]{1,500}\\]|[\\p{L}\\p{M}\\p{N}]+|[^\\s\\p{L}\\p{M}\\p{N}]'
const WORD = new RegExp(word, 'gu')
const TOKEN = new RegExp(`[<\\[(]?(?:${address})[>\\])]?|${word}`, 'gu')
/** Bold and italic words as programs write them in plain text. */
const emphasis =
  /(?<![\p{L}\p{N}*_~])([*_])(?=[^\s*_])([^*_]{1,500}?)(?<=[^\s*_])\1(?![\p{L}\p{N}*_])/gu
/** Picture marks whose description says nothing. */
const idlePicture =
  /\[(?:cid:[^\]\s]{1,500}|(?:inline )?image: [^\]\n]{0,200}\.\w{2,5}|(?:image|logo|photo|picture) ?\d{0,3})\]/gi

/** @returns `cut` if there are more words than are compared */
export function tokensOf(text: string): { readonly words: Token[]; readonly cut: boolean } {
  const words: Token[] = []
  for (const [line, given] of folded(text).split('\n').entries()) {
    for (const { 0: found, index } of given.matchAll(mayBeAddress.test(given) ? TOKEN : WORD)) {
      if (words.length >= WORDS) return { words, cut: true }
      const token = tokenOf(found, given, index)
      if (token !== '' && !(token.startsWith(LINK) && words.at(-1)?.text === token))
        words.push({ text: token, line })
    }
  }
  return { words, cut: false }
}

/** Only the letters and digits, in order. */
export function squeezed(words: readonly Token[]): string {
  return words
    .flatMap(({ text }) =>
      text.startsWith(LINK)
        ? [text]
        : text === '[x]'
          ? []
          : (text.match(/[\p{L}\p{M}\p{N}]+|[^~^_{}[\] ]/gu) ?? [])
    )
    .join('')
}

const LINK = '\u2192'
const isAddress = new RegExp(`^[<\\[(]?(?:${address})[>\\])]?$`, 'u')

/**
 * A link counts as its address, whatever surrounds it. The tel: link of a telephone number repeats
 * the number before it and is ignored.
 */
function tokenOf(found: string, line: string, index: number): string {
  if (/^\[x-apple-data-detectors:/i.test(found)) return ''
  if (!mayBeAddress.test(found) || !isAddress.test(found))
    return /^\[[^\]]{2,}\]$/.test(found) ? `${LINK}${found.slice(1, -1)}` : found
  const bare = found.replace(/^[<[(]|[>\])]$/g, '')
  const number = /^tel:(.*)$/i.exec(bare)?.[1]?.replace(/\D/g, '').slice(-7)
  if (
    number !== undefined &&
    number !== '' &&
    line
      .slice(Math.max(0, index - 40), index)
      .replace(/\D/g, '')
      .endsWith(number)
  )
    return ''
  return (
    LINK +
    bare
      .replace(/[.,;:!?'*]+$/, '')
      .replace(/^mailto:|^https?:\/\//i, '')
      .replace(/\/$/, '')
  )
}

function folded(text: string): string {
  return (/[^\0-\x7f]/.test(text) ? asTyped(text) : text)
    .replace(/^[ \t]*(?:>[ \t]?)+/gm, '')
    .replace(/^[ \t\u00a0]*[*\-\u2022\u00b7\u25e6\u25aa][ \t\u00a0]+/gm, '\u2022 ')
    .replace(/(?:[-_=*\u2014][ \t]?){5,}/g, ' ')
    .replace(idlePicture, ' ')
    .replace(/\[image: /g, '[ ')
    .replace(emphasis, '$2')
}

/** Letters and signs that programs write in two ways, in one. */
function asTyped(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]|\u034f/g, '')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/\u2026/g, '...')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
}
