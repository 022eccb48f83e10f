import { squeezed, tokensOf, type Token } from './alternative-words.ts'
import { diffWords, type DiffHunk } from '../../core/duplicates/word-diff.ts'

/**
 * Sentences that mail programs write in place of the plain text, in the languages of their makers.
 * They are short, name HTML or a browser, and have no word that such a sentence does not need.
 */
const stub = new RegExp(
  [
    '(does|do|can)(n.t| ?not) (support|display|show|render|read|view)\\b.{0,40}\\bhtml',
    'html.{0,40}\\b(not|isn.t) (supported|displayed|available)',
    'html[- ](compatible|capable|enabled)',
    'view (this|the) (message|e-?mail|mail|newsletter)\\b.{0,40}\\b(browser|online)',
    '(this is an|in) html( e-?mail| format| message)?',
    'no (admite|soporta|puede (mostrar|ver|visualizar))\\b.{0,40}\\bhtml',
    '(ver|vea|abrir|abra) (este|el) (mensaje|correo|boletín)\\b.{0,40}\\b(navegador|web)',
    'formato html'
  ].join('|'),
  'i'
)
const STUB_LENGTH = 500
const stubWords = new Set(
  `html e mail emails mails email message messages newsletter newsletters format formatted content text plain version copy
  your you you're youre our this that it it's the a an in as of for to from by on or and if with
  is isn't are was been be being it will does doesn't do don't did can can't cannot could couldn't not no may
  program client clients reader viewer application app software device browser web webbrowser internet online page link url address
  support supports supported supporting display displays displayed displaying show shows shown render renders rendered read view viewed viewing see seeing
  compatible capable enabled enable use using used turn switch change open click copy paste go visit follow following below above here
  please sorry trouble problem problems having properly correctly only available unable order necessary
  su este esta estos el la los las lo un una de del en con por favor para si no y o que se es está ha sido
  programa cliente lector aplicación correo correos electrónico electrónicos mensaje mensajes boletín formato contenido texto versión
  admite soporta compatible puede pueden mostrar ver visualizar vea abra abrir haga clic pulse aquí enlace siguiente navegador web línea página dirección usar utilice`
    .split(/\s+/)
    .filter(Boolean)
)
const webAddress = /(?:https?:\/\/|www\.)\S+/gi

/**
 * True if the text is only such a sentence. With one word of the sender's own it counts as the
 * sender's text.
 */
function isStub(plain: string): boolean {
  if (plain.length > STUB_LENGTH || !stub.test(plain)) return false
  const words = plain
    .normalize('NFC')
    .replace(webAddress, ' ')
    .replaceAll('\u2019', "'")
    .toLowerCase()
    .match(/[\p{L}\p{M}\p{N}']+/gu)
  return words?.every((word) => stubWords.has(word.replace(/^'+|'+$/g, ''))) ?? false
}
/**
 * Words and signs added and lost above which two alternatives count as different texts; the cost
 * grows with the square.
 */
const MOST = 400
/**
 * Words and signs that the HTML must have beyond the plain text, with none missing, to count as the
 * fuller text and not as another wording.
 */
const MORE = 4

export interface Alternatives {
  /**
   * Both say the same, character by character, apart from what mail programs change when
   * converting.
   */
  readonly same: boolean
  /**
   * Which of the two is used as the text: the HTML if it contains all of the plain text, or if the
   * plain text is only a stub.
   */
  readonly text: 'plain' | 'html'
  /**
   * Lines of the HTML that differ from the plain text, to be shown below it. Empty if the HTML is
   * the text.
   */
  readonly otherLines: readonly string[]
}

/**
 * Compares the HTML of a mail with the plain text beside it. RFC 2046 section 5.1.4 means them to
 * say the same, but the sender saw the HTML, so words, figures, answers, choices or links that only
 * it contains are also the sender's.
 */
export function compareAlternatives(html: string, plain: string): Alternatives {
  if (linesOf(html) === linesOf(plain)) return { same: true, text: 'plain', otherLines: [] }
  const [theirs, ours] = [tokensOf(html), tokensOf(plain)]
  const lines = html.split('\n')
  if (isStub(plain) && theirs.words.some(isWord))
    return { same: false, text: 'html', otherLines: [] }
  const cut = theirs.cut || ours.cut
  const hunks = cut
    ? undefined
    : diffWords(
        theirs.words.map(({ text }) => text),
        ours.words.map(({ text }) => text),
        MOST
      )
  if (hunks?.length === 0) return { same: true, text: 'plain', otherLines: [] }
  if (hunks ? isFuller(theirs.words, hunks) : !cut && isAllInside(ours.words, theirs.words))
    return { same: false, text: 'html', otherLines: [] }
  // Same letters, but the plain text has lost signs: struck words, a power, a tick.
  if (!cut && squeezed(theirs.words) === squeezed(ours.words))
    return { same: false, text: 'html', otherLines: [] }
  return {
    same: false,
    text: 'plain',
    otherLines: hunks ? otherLines(lines, theirs.words, hunks) : lines
  }
}

/** The non-empty lines. In a third of mails they are equal in both, and no comparison is needed. */
function linesOf(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
}

function isWord({ text }: Token): boolean {
  return /[\p{L}\p{N}]/u.test(text)
}

/**
 * Whether nothing of the plain text is missing, and more is added than a word or two or the
 * addresses of links.
 */
function isFuller(html: readonly Token[], hunks: readonly DiffHunk[]): boolean {
  if (hunks.some(({ bCount }) => bCount > 0)) return false
  const added = hunks.flatMap(({ a, aCount }) => html.slice(a, a + aCount))
  return (
    added.filter(isWord).length >= MORE ||
    added.every(({ text }) => !isWord({ text, line: 0 }) || text.startsWith('\u2192')) ||
    added.some(({ text }) => text === '~~' || text === '[x]' || text === '[ ]')
  )
}

/**
 * For texts with more differences than are compared: whether every word of one is in the other, in
 * the same order.
 */
function isAllInside(some: readonly Token[], all: readonly Token[]): boolean {
  let at = 0
  for (const { text } of all) if (text === some[at]?.text) at += 1
  return at === some.length
}

/**
 * The lines with words that the plain text lacks, and those inside which the plain text has more
 * words.
 */
function otherLines(
  lines: readonly string[],
  html: readonly Token[],
  hunks: readonly DiffHunk[]
): string[] {
  const numbers = new Set<number>()
  for (const { a, aCount } of hunks) {
    for (const { line } of html.slice(a, a + aCount)) numbers.add(line)
    if (aCount === 0 && a > 0 && html[a - 1]!.line === html[a]?.line) numbers.add(html[a]!.line)
  }
  return [...numbers].toSorted((one, other) => one - other).map((number) => lines[number] ?? '')
}
