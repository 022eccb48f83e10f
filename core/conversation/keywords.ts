/**
 * Words by which a person says whether we may text them. They count only when they are the whole
 * message: "Stop sign is down" is a report. CTIA Messaging Principles and 47 CFR 64.1200(a)(10)
 * name them; Twilio and the carriers act on the same ones in English, and in Canada on the French.
 */
import { asItLooks } from '../../platform/text/visible.ts'

export type Keyword = 'stop' | 'start' | 'help'

const words: Readonly<Record<Keyword, readonly string[]>> = {
  stop: [
    'stop',
    'stopall',
    'stop all',
    'unsubscribe',
    'unsubscribe me',
    'cancel',
    'end',
    'quit',
    'revoke',
    'optout',
    'opt out',
    'opt-out',
    'opt me out',
    'stop texting',
    'stop texting me',
    'stop texts',
    'stop messages',
    'alto',
    'parar',
    'pare',
    'detener',
    'cancelar',
    'baja',
    'darse de baja',
    'salir',
    'fin',
    'no más mensajes',
    'no mas mensajes',
    'arret',
    'arrêt'
  ],
  start: ['start', 'unstop', 'iniciar', 'comenzar', 'reanudar'],
  help: ['help', 'info', 'ayuda', 'información', 'informacion']
}

/**
 * Words for ending that mean nothing else: a courtesy beside them changes nothing. "Please cancel"
 * may be about an appointment.
 */
const plain = [
  'stop',
  'stopall',
  'stop all',
  'unsubscribe',
  'unsubscribe me',
  'optout',
  'opt out',
  'opt-out',
  'opt me out',
  'alto',
  'parar',
  'pare',
  'detener',
  'darse de baja'
]
const courtesies = [
  'please',
  'pls',
  'plz',
  'thanks',
  'thank you',
  'now',
  'por favor',
  'gracias',
  'ya'
]

const byWord = new Map(
  Object.entries(words).flatMap(([keyword, list]) =>
    list.map((word) => [word, keyword as Keyword] as const)
  )
)
const courteous = new Set(
  plain.flatMap((word) =>
    courtesies.flatMap((courtesy) => [`${word} ${courtesy}`, `${courtesy} ${word}`])
  )
)

/** Whole sentences that ask for no more texts, and can ask for nothing else. */
const asked = new RegExp(
  `^(?:(?:please|pls) )?(?:${[
    'stop (?:sending|texting|messaging) (?:me |us )?(?:these |those |your |any more |more )?(?:text messages|messages|texts|sms)',
    "(?:do not|don['’]t) (?:send|text|message) me(?: any more| any| more)? ?(?:text messages|messages|texts|sms)?(?: any ?more)?",
    'no more (?:text messages|messages|texts|sms)',
    '(?:dejen?|deja) de (?:enviar|mandar)(?:me)? (?:estos |más |mas )?mensajes',
    'no me (?:envíen?|envien?|manden?) (?:más|mas) mensajes',
    'no quiero (?:recibir )?(?:más|mas|estos) mensajes'
  ].join('|')})(?: please| now| thanks| por favor| gracias)?$`,
  'u'
)

/** Of the longest, with what people and their telephones put around it. */
const LONGEST = 120

/** The line that telephones and mail programs put under what is written. */
const devices =
  '(?:iphone|ipad|apple watch|android|samsung|galaxy|pixel|motorola|moto|huawei|xiaomi|redmi|nokia|blackberry|t-mobile|verizon|at&t|smartphone|outlook|yahoo|gmail|aol|proton ?mail|mail for windows)'
const signed = new RegExp(
  `[\\s.,;!-](?:sent (?:from|via|with|using)|enviado (?:desde|con)|envoyé (?:de|depuis)) [^.!?]{0,30}${devices}[^.!?]{0,40}[.!]?$`,
  'iu'
)
const advertised =
  /\s(?:get|obtener|obtén|télécharger) outlook (?:for|para|pour) (?:ios|android)\s?(?:<?https?:\/\/\S{1,60})?$/iu

/**
 * Capital or small letters, blanks, signs nobody sees, quotes around it, punctuation and pictures
 * do not matter, nor does a telephone's own line below it; any other word does. To end, it may also
 * be said again and again, or spelt. Beside a cry for help a picture does: "Help 🔥" is no question
 * what this number is.
 */
export function keywordOf(text: string): Keyword | undefined {
  if (text.length > LONGEST) return undefined
  const word = bareWord(unsigned(text))
  const keyword = byWord.get(word)
  if (keyword !== undefined) return keyword
  const spoken = withoutPictures(word)
  if (courteous.has(spoken) || byWord.get(said(spoken)) === 'stop' || asked.test(spoken))
    return 'stop'
  if (spoken.replace(/\s/gu, '') === 'stop') return 'stop'
  const meant = byWord.get(spoken)
  return meant === 'help' ? undefined : meant
}

function unsigned(text: string): string {
  return asItLooks(text).replace(advertised, '').replace(signed, '')
}

/** What is said more than once, once; and what is spelt ("S.T.O.P", "s t o p") in one word. */
function said(spoken: string): string {
  const words = spoken.split(/[\s-]+/u)
  if (words.length > 1 && words.every((word) => [...word].length === 1)) return words.join('')
  return new Set(words).size === 1 ? words[0]! : spoken
}

/** A short answer as it is meant: without what people and telephones put around it. */
export function bareWord(text: string): string {
  return trimmed(asItLooks(text)).toLowerCase()
}

/** Emoji with what makes their skin and look, and punctuation between words. */
function withoutPictures(word: string): string {
  return trimmed(
    word
      .replace(
        /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u20E3,.;!]+/gu,
        ' '
      )
      .replace(/ {2,}/g, ' ')
  )
}

/** Quotes before and after, and punctuation after. The texts are short: at most 80 signs. */
function trimmed(text: string): string {
  return text
    .trim()
    .replace(/^["'“”‘’«»¡]+/u, '')
    .replace(/["'“”‘’«».,;:!\s]+$/u, '')
    .trim()
}
