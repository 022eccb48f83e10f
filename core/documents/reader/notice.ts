/**
 * Longest text of a page that says only that another program is needed; with their addresses they
 * have up to 700 letters.
 */
const LONGEST = 900
/** Programs and words of such pages, in the languages that Adobe's programs write them in. */
const program = /adobe|acrobat|pdf[ -]?(viewer|reader|portfolio)|visor|lecteur|reader_download/i
const notice = new RegExp(
  [
    '^\\s*(please wait|espere|por favor,? espere|veuillez patienter|bitte warten|attendere|aguarde|por favor,? aguarde)',
    'if this message is not eventually replaced',
    'open this pdf portfolio',
    'may not be able to display this',
    'later version of the pdf viewer',
    'this (pdf|document) is (protected|encrypted) ',
    'si este mensaje no',
    'si ce message n',
    'wenn diese meldung',
    'se questo messaggio non',
    'se esta mensagem não'
  ].join('|'),
  'i'
)

/**
 * True for the page that programs put before what only they can show: a form, a portfolio, a
 * protected document.
 */
export function isOnlyNotice(text: string): boolean {
  return text.length <= LONGEST && program.test(text) && notice.test(text)
}
