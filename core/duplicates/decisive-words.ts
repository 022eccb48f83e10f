/** Words that decide what a text means, by language. */
import { comparable } from './comparable.ts'

/**
 * Words for which no misreading is forgiven, by language, because one of them added, lost or
 * misread reverses or changes a statement. In a language that is not listed nothing is forgiven. A
 * test compares the list with the languages that the agency serves, so that a new one is not
 * forgotten.
 */
export interface DecisiveWords {
  /** Negations, including the parts of a split contraction ("don't": don, t). */
  readonly negations: readonly string[]
  /** Other words that limit or reverse a statement, or say under which condition it holds. */
  readonly words: readonly string[]
  /** Numbers in words, days, months, directions, and other dates and places without a digit. */
  readonly figures: readonly string[]
  /** Words that mean another day when they are written on another day. */
  readonly days: readonly string[]
  /** Misreadings that the reader's word list contains but nobody writes. */
  readonly misreadings: readonly string[]
  /** Prefixes that reverse a word: paid, unpaid. */
  readonly prefixes: readonly string[]
}

export const decisiveWords: Readonly<Record<string, DecisiveWords>> = {
  en: {
    negations: list(
      'no not non nor none never neither nobody nothing nowhere without cannot t nt dont doesnt didnt wont wouldnt cant couldnt shouldnt isnt arent wasnt werent hasnt havent hadnt aint mustnt'
    ),
    words:
      list(`unless until except only hardly barely scarcely seldom rarely instead against despite stop stopped refuse refused deny denied decline declined reject rejected cancel withdraw
      less more fewer before after since ago always yes if or all any some every`),
    figures:
      list(`zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
      hundred thousand million half quarter third first second fourth fifth sixth seventh eighth ninth tenth once twice
      january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
      monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun today tomorrow yesterday noon midnight am pm
      north south east west northern southern eastern western left right`),
    days: list(
      'today tonight tomorrow yesterday morning afternoon evening night noon midnight now week weekend monday tuesday wednesday thursday friday saturday sunday'
    ),
    misreadings: list('tbe tlie tiie tne'),
    prefixes: list('un in im il ir dis non mis de anti counter over under re pre post ex')
  },
  es: {
    negations: list(
      'no nunca jamás jamas sin ni tampoco nada nadie ningún ningun ninguno ninguna ningunos ningunas'
    ),
    words:
      list(`apenas salvo excepto menos más mas sino solo sólo aunque contra antes después despues desde hasta siempre sí si o u todo toda todos todas algún algun alguno alguna cada
      cancelar cancelo cancele retirar rechazar rechazo rechacé negar niego`),
    figures:
      list(`cero uno una un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte treinta cuarenta cincuenta sesenta setenta
      ochenta noventa cien ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos mil millón millones medio media cuarto primero primera segundo segunda tercero tercera
      enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre
      lunes martes miércoles miercoles jueves viernes sábado sabado domingo hoy mañana ayer mediodía medianoche
      norte sur este oeste izquierda derecha`),
    days: list(
      'hoy ayer anoche anteayer mañana madrugada tarde noche mediodía medianoche ahora semana lunes martes miércoles jueves viernes sábado domingo'
    ),
    misreadings: [],
    prefixes: list('in im i ir des dis anti contra sobre sub re pre ex')
  }
}

const all = Object.values(decisiveWords)
const held = new Set(
  all.flatMap(({ negations, words, figures }) => [...negations, ...words, ...figures])
)
const negations = [...new Set(all.flatMap((one) => one.negations))]
const days = new Set(all.flatMap((one) => one.days).flatMap((day) => comparable(day).words))
const misreadings = new Set(all.flatMap((one) => one.misreadings))
/**
 * Shorter negations are left out, because half of all misread words are one letter away from one.
 */
const longNegations = negations.filter((word) => word.length > 2)
const decisivePrefixes = [...new Set(all.flatMap(({ prefixes }) => prefixes))].filter(
  (prefix) => prefix.length > 1
)

/**
 * True for a lower-case word that changes a meaning in any language we know, because letters mix
 * languages.
 */
export function isDecisive(token: string): boolean {
  return held.has(token)
}

/** True for a folded word that means another day on another day, in any language we know. */
export function isDayWord(word: string): boolean {
  return days.has(word)
}

export function isKnownMisreading(token: string): boolean {
  return misreadings.has(token)
}

/** True for a word that may be a negation with one letter misread, lost or added. */
export function isNearNegation(token: string): boolean {
  return longNegations.some((word) => isOneLetterAway(token, word))
}

function isOneLetterAway(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  const [skipA, skipB] = a.length === b.length ? [1, 1] : a.length > b.length ? [1, 0] : [0, 1]
  return a.slice(start + skipA) === b.slice(start + skipB)
}

/** The prefix that reverses the rest of the word, if it has one. */
export function turningPrefix(token: string): string | undefined {
  return decisivePrefixes.find(
    (prefix) => token.startsWith(prefix) && token.length > prefix.length + 1
  )
}

/** True for a prefix that stands alone as a word: "in active" for "inactive". */
export function isPrefix(token: string): boolean {
  return decisivePrefixes.includes(token) || token === 'a' || token === 'i'
}

/** The primary subtag is known. @param language BCP 47 */
export function knowsLanguage(language: string): boolean {
  return Object.hasOwn(decisiveWords, language.toLowerCase().split('-')[0]!)
}

function list(words: string): string[] {
  return words.split(/\s+/)
}
