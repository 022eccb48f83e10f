/**
 * Reactions to a message ("tapbacks") as telephones write them where the other side cannot show
 * them: `Liked “…”`, `Le gustó “…”`, `👍 to “…”`. They say nothing new. One counts only when the
 * quoted message, or what it was, is all there is: whoever goes on has written a message.
 */
import { asItLooks } from '../../platform/text/visible.ts'

export interface Reaction {
  /** As much of the message reacted to as is quoted; empty for a picture and the like. */
  readonly quoted: string
}

/**
 * What iMessage and Google Messages write, in the languages served; with "A Rosa le gusta" for
 * somebody in a group.
 */
const verbs = [
  'liked',
  'loved',
  'disliked',
  'laughed at',
  'emphasi[sz]ed',
  'questioned',
  'me gusta',
  'me gustó',
  'no me gusta',
  'no me gustó',
  'me encanta',
  'me encantó',
  'me dio risa',
  'me da risa',
  '(?:a .{1,60} )?(?:no )?le gust(?:a|ó)',
  '(?:a .{1,60} )?le encant(?:a|ó)',
  '(?:a .{1,60} )?le d(?:a|io) risa',
  '(?:no )?te gust(?:a|ó)',
  'te encant(?:a|ó)',
  'te d(?:a|io) risa',
  'te (?:reíste|ríes) (?:de|con)',
  'enfatizaste',
  'destacaste',
  'cuestionaste',
  'exclamaste(?: en)?',
  'preguntaste (?:por|en)',
  'se (?:rió|rio|ríe) (?:de|con)',
  'enfatizó',
  'destacó',
  'exclamó(?: en)?',
  'cuestionó',
  'preguntó (?:por|en)'
]
const emoji =
  '[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\p{Regional_Indicator}\\uFE0F\\u20E3]{1,16}'
const kinds =
  '(?:like|heart|love|dislike|laugh|exclamation(?: mark| point)?|emphasis|question(?: mark)?)'
const tipos =
  '(?:no )?(?:me gusta|me encanta|corazón|risa|signo de exclamación|exclamación|signo de interrogación|interrogación)'
const beginnings = new RegExp(
  `^(?:${[
    ...verbs,
    `reacted(?: with)? ${emoji} to`,
    `reaccion(?:ó|aste)(?: con)? ${emoji} a`,
    `${emoji} (?:to|a)`,
    `removed (?:an? )?(?:${kinds}|${emoji}(?: reaction)?) from`,
    `(?:quit(?:ó|aste)|elimin(?:ó|aste)|ha(?:s)? quitado) (?:una? )?(?:${tipos}|${emoji}|reacción(?: ${emoji})?) (?:de|a)`
  ].join('|')}):? `,
  'iu'
)

/** What was reacted to, where it has no words. */
const things =
  /^(?:an? |una? )?(?:image|photo|picture|video|movie|gif|attachment|audio message|voice message|sticker|link|location|contact|file|imagen|foto|vídeo|película|archivo(?: adjunto)?|mensaje de (?:audio|voz)|enlace|ubicación|contacto)$/iu

/** Opening signs, and what closes each. */
const quotes: Readonly<Record<string, string>> = {
  '“': '”',
  '„': '”',
  '"': '"',
  '«': '»',
  '‘': '’',
  "'": "'"
}

/** Signs at the beginning that can make one: a name in a group may be long. */
const LONGEST_BEGINNING = 200

/** The reaction that a text is, and nothing else; undefined where it is a message. */
export function reactionOf(text: string): Reaction | undefined {
  const looks = asItLooks(text)
  const beginning = beginnings.exec(looks.slice(0, LONGEST_BEGINNING))?.[0]
  if (beginning === undefined) return undefined
  const rest = looks.slice(beginning.length)
  if (things.test(rest.slice(0, 60)) && rest.length <= 60) return { quoted: '' }
  return quotation(rest)
}

/** A quotation that is the whole rest: closed at its very end, or cut off by an ellipsis. */
function quotation(rest: string): Reaction | undefined {
  const open = rest[0] ?? ''
  const close = quotes[open]
  if (close === undefined) return undefined
  const inner = rest.slice(1)
  const end = endOfQuotation(inner, open, close)
  // Cut off inside: NFKC makes three full stops of an ellipsis.
  if (end === -1) return inner.endsWith('...') ? { quoted: inner.slice(0, -3).trim() } : undefined
  return /^[.\s]{0,5}$/.test(inner.slice(end + 1))
    ? {
        quoted: inner
          .slice(0, end)
          .replace(/\.\.\.$/, '')
          .trim()
      }
    : undefined
}

/**
 * Where the quotation closes that has begun, quotations inside it left alone; -1 where it does not.
 * Straight ones do not nest: the first counts.
 */
function endOfQuotation(inner: string, open: string, close: string): number {
  let depth = 1
  for (let at = 0; at < inner.length; at++) {
    // An apostrophe stands between letters.
    if (
      inner[at] === close &&
      !(
        /['’]/.test(close) &&
        /\p{L}/u.test(inner[at - 1] ?? '') &&
        /\p{L}/u.test(inner[at + 1] ?? '')
      )
    )
      depth--
    else if (inner[at] === open) depth++
    if (depth === 0) return at
  }
  return -1
}
