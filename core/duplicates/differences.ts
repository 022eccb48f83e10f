/**
 * Finds what two contacts say or bring differently. If it finds nothing, a machine may treat them
 * as one.
 */
import { otherPapers, type Content, type IdentifierKind, type Paper } from './content.ts'
import { isMisreading } from './misread.ts'
import { diffWords, type DiffHunk } from './word-diff.ts'
import { isFiller } from './filler.ts'
import { isSameWording, lettersOf, wording, type Wording } from './wording.ts'

export interface Difference {
  /** Completes the sentence "the same text, but …". Contains nothing that the resident wrote. */
  readonly reason: string
  /** For staff: the words or papers that differ. */
  readonly detail: string
}

/** Papers compared per side. Further ones count as different. */
const PAPERS_COMPARED = 20
/** Share of misread words above which a page is too badly read for a machine to join it. */
const BADLY_READ = 0.35
/** A paper with fewer letters says too little to be told from another. */
const TELLING = 40
/**
 * Words added and lost in all at which comparing two texts stops, for typed and for machine-read
 * ones. A page of 600 words with one letter in twenty misread has 300.
 */
const [MOST_TYPED, MOST_READ] = [60, 400]
/** Differences, and characters of each, shown to staff. */
const [SHOWN, LONGEST] = [3, 60]

/**
 * Everything that differs, the weightiest first. @param a the earlier of the two @param b the later
 */
export function differencesOf(a: Content, b: Content): Difference[] {
  return [
    ...byWordsAndPapers(a, b),
    ...bySubject(a, b),
    ...byAnswers(a, b),
    ...byGiven(a, b),
    ...ofTheWhole(a, b)
  ]
}

/**
 * Differences in what is only known as equal or unequal. HTML can mean something by its look:
 * struck words, a marked choice, the position of a picture.
 */
function ofTheWhole(a: Content, b: Content): Difference[] {
  return [
    ...(a.about === b.about
      ? []
      : [{ reason: 'about or for somebody else', detail: 'about or for other people' }]),
    ...(isAlikeInLook(a, b)
      ? []
      : !a.look || !b.look
        ? [
            {
              reason: 'with HTML in one of them that says or shows something else',
              detail: `only the ${a.look ? 'earlier' : 'later'} has HTML, which says or shows more than its text`
            }
          ]
        : [
            {
              reason: 'laid out differently',
              detail: 'other HTML: words may be struck or marked, choices or pictures others'
            }
          ]),
    ...(a.drawn.join() === b.drawn.join()
      ? []
      : [
          {
            reason: 'with other pictures in the text',
            detail: `pictures in the text: ${a.drawn.length} / ${b.drawn.length}, not the same`
          }
        ]),
    ...(a.unseen === b.unseen
      ? []
      : [
          {
            reason: 'with another picture that was not fetched',
            detail: `addresses of pictures: ${shown([a.unseen])} / ${shown([b.unseen])}`
          }
        ])
  ]
}

/**
 * HTML on one side only is no difference if it shows nothing but its text. Between two HTML texts
 * the look counts too.
 */
function isAlikeInLook(a: Content, b: Content): boolean {
  return a.look === b.look || (!b.look && a.lookIsText) || (!a.look && b.lookIsText)
}

/** Whether both have papers, and these are the same byte for byte. */
export function samePapers(a: Content, b: Content): boolean {
  return a.papers.length > 0 && otherPapers(a, b).every(({ length }) => length === 0)
}

function byWordsAndPapers(a: Content, b: Content): Difference[] {
  const [restA, restB] = otherPapers(a, b)
  if (!a.words === !b.words)
    return [...(a.words && b.words ? byWords(a.words, b.words) : []), ...byPapers(restA, restB)]
  // One contact wrote what the other's papers say, or added a note to the same papers.
  const [writer, other] = a.words ? [a, b] : [b, a]
  const read = writer.papers.length === 0 ? allOf(other.papers) : undefined
  if (read) return writer === a ? byWords(writer.words!, read) : byWords(read, writer.words!)
  return [
    ...byPapers(restA, restB),
    {
      reason: 'with words of its own beside the papers',
      detail: `only the ${writer === a ? 'earlier' : 'later'} has: ${shown(writer.words!.forms)}`
    }
  ]
}

/** All papers as one text, if all of it is known. */
function allOf(papers: readonly Paper[]): Wording | undefined {
  const read = papers.flatMap((paper) => paper.wording ?? [])
  if (read.length === 0 || read.length !== papers.length) return undefined
  const [first] = read
  if (read.length === 1) return first
  return wording(
    read.map(({ text }) => text).join('\n\n'),
    read.some(({ origin }) => origin === 'read') ? 'read' : 'typed',
    first!.language
  )
}

/**
 * Between two typed texts every word counts. If a machine read one of them, differences that can
 * only be misreadings do not count. Two machine-read texts are never surely one: handwriting
 * between the same print is not read, however good the reader is at print.
 */
export function byWords(a: Wording, b: Wording): Difference[] {
  const found = byWordsRead(a, b)
  return found.length === 0 && a.origin === 'read' && b.origin === 'read' ? [byHand] : found
}

const byHand: Difference = {
  reason: 'read from two pictures, which may differ in what is written by hand',
  detail: 'two pictures of pages: handwriting and marks are not read'
}

function byWordsRead(a: Wording, b: Wording): Difference[] {
  if (isSameWording(a, b))
    return a.cut || b.cut
      ? [{ reason: 'too long to compare to its end', detail: 'too long to compare to its end' }]
      : []
  const read = a.origin === 'read' || b.origin === 'read'
  const hunks = diffWords(a.tokens, b.tokens, read ? MOST_READ : MOST_TYPED)
  if (!hunks) return [{ reason: 'with other words', detail: 'many words differ' }]
  if (hunks.length === 0)
    return [a.visible === b.visible ? inColumns : bySigns(a.visible, b.visible)]
  const told = toldApart(a, b, hunks)
  if (told.length > 0)
    return [
      {
        reason: reasonOf(a, b, told),
        detail:
          told
            .slice(0, SHOWN)
            .map((hunk) => describe(a, b, hunk))
            .join('; ') + (told.length > SHOWN ? '; and more' : '')
      }
    ]
  const misread = hunks.reduce((sum, { aCount, bCount }) => sum + Math.max(aCount, bCount), 0)
  if (misread > Math.min(a.tokens.length, b.tokens.length) * BADLY_READ)
    return [{ reason: 'read with many errors', detail: `${misread} words read differently` }]
  return a.cut || b.cut
    ? [{ reason: 'too long to compare to its end', detail: 'too long to compare to its end' }]
    : []
}

const inColumns: Difference = {
  reason: 'set in other columns',
  detail: 'the same words at other places in their lines'
}

/** Characters shown before and after the first one that differs. */
const AROUND = 20

/** The words are the same, but punctuation, symbols or capitals differ. */
function bySigns(a: string, b: string): Difference {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  const [left, right] = [a, b].map((text) =>
    shown([text.slice(Math.max(0, at - AROUND), at + AROUND).toWellFormed()])
  )
  return { reason: 'written with other signs', detail: `${left} / ${right}` }
}

/**
 * The first differences that are not misreadings, one more than are shown. It stops there because
 * each is looked up in word lists.
 */
function toldApart(a: Wording, b: Wording, hunks: readonly DiffHunk[]): DiffHunk[] {
  const told: DiffHunk[] = []
  for (const hunk of hunks) {
    if (told.length > SHOWN) break
    if ((a.origin === 'typed' && b.origin === 'typed') || !isMisreading(a, b, hunk)) told.push(hunk)
  }
  return told
}

function reasonOf(a: Wording, b: Wording, hunks: readonly DiffHunk[]): string {
  const numbers = hunks.some((hunk) =>
    [...sideOf(a, hunk, 'a'), ...sideOf(b, hunk, 'b')].some((form) => /\p{N}/u.test(form))
  )
  if (numbers) return 'with other numbers'
  if (hunks.every(({ aCount, bCount }) => aCount === 0 || bCount === 0)) return 'with words added'
  return 'with words exchanged'
}

function sideOf({ forms }: Wording, hunk: DiffHunk, side: 'a' | 'b'): readonly string[] {
  return side === 'a'
    ? forms.slice(hunk.a, hunk.a + hunk.aCount)
    : forms.slice(hunk.b, hunk.b + hunk.bCount)
}

function describe(a: Wording, b: Wording, hunk: DiffHunk): string {
  const [left, right] = [sideOf(a, hunk, 'a'), sideOf(b, hunk, 'b')]
  if (left.length > 0 && right.length > 0) return `${shown(left)} / ${shown(right)}`
  return left.length > 0
    ? `only the earlier has: ${shown(left)}`
    : `only the later has: ${shown(right)}`
}

function shown(forms: readonly string[]): string {
  const text = forms.slice(0, LONGEST).join(' ')
  return `“${text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}…` : text}”`
}

function byPapers(a: readonly Paper[], b: readonly Paper[]): Difference[] {
  const others =
    a.length <= PAPERS_COMPARED && b.length <= PAPERS_COMPARED ? unmatched(a, b) : ([a, b] as const)
  const [left, right] = others
  if (left.length === 0 && right.length === 0) return []
  if (left.length === 0 || right.length === 0)
    return [
      {
        reason: 'with a paper that only one of them has',
        detail: `only the ${left.length > 0 ? 'earlier' : 'later'} has: ${names([...left, ...right])}`
      }
    ]
  return [{ reason: 'with other papers', detail: `other papers: ${names(left)} / ${names(right)}` }]
}

function unmatched(a: readonly Paper[], b: readonly Paper[]): readonly [Paper[], Paper[]] {
  const free = new Set(b)
  const left = a.filter((paper) => {
    const same = [...free].find((other) => isSamePaper(paper, other))
    return !(same && free.delete(same))
  })
  return [left, [...free]]
}

// Files with different bytes may differ in what is not text: digital ones in a picture, pictures of
// pages in handwriting. A picture of a page never has the bytes of the file that was printed, so
// between those two the words decide.
function isSamePaper({ wording: a }: Paper, { wording: b }: Paper): boolean {
  if (!a || !b || a.origin === b.origin) return false
  return Math.min(lettersOf(a), lettersOf(b)) >= TELLING && byWords(a, b).length === 0
}

function names(papers: readonly Paper[]): string {
  const all = papers
    .slice(0, SHOWN)
    .map(({ name }) => name.slice(0, LONGEST).toWellFormed())
    .join(', ')
  return papers.length > SHOWN ? `${all} and ${papers.length - SHOWN} more` : all
}

/**
 * A fax or a text message has no subject, and a form may not ask for one. The other side's subject
 * then counts only if it has words found in neither contact, such as "I withdraw this".
 */
function bySubject(a: Content, b: Content): Difference[] {
  const [one, other] = [a.subject, b.subject]
  if (one === other || (one && other && isSameWording(one, other))) return []
  if (one && other)
    return [
      {
        reason: 'with another subject',
        detail: `other subjects: ${shown(one.forms)} / ${shown(other.forms)}`
      }
    ]
  const subject = (one ?? other)!
  return saysMore(
    subject,
    a,
    b,
    Object.values((one ? b : a).answers).flatMap(
      (answer) => wording(answer.replaceAll('_', ' ')).tokens
    )
  )
    ? [
        {
          reason: 'with a subject that only one of them has',
          detail: `only the ${one ? 'earlier' : 'later'} has the subject ${shown(subject.forms)}`
        }
      ]
    : []
}

/** Whether it has a word that neither of the two contacts uses elsewhere. */
function saysMore({ tokens }: Wording, a: Content, b: Content, also: readonly string[]): boolean {
  const known = new Set([...sayingsOf(a), ...sayingsOf(b), ...also])
  return tokens.some((token) => !known.has(token) && !isFiller(token))
}

/** Every word of a contact except those of its subject and answers. */
function sayingsOf({ words, papers }: Content): readonly string[] {
  return [words, ...papers.map((paper) => paper.wording)].flatMap((given) => given?.tokens ?? [])
}

/**
 * By one channel both contacts could have given the same answers, so every difference counts.
 * Between two channels, an answer counts if both gave it, or if it has words found nowhere in the
 * other: a form asks for what a mail does not mention.
 */
function byAnswers(a: Content, b: Content): Difference[] {
  const other = [...new Set([...Object.keys(a.answers), ...Object.keys(b.answers)])].filter(
    (key) => a.answers[key] !== b.answers[key] && counts(key, a, b)
  )
  if (other.length === 0) return []
  const detail = other
    .slice(0, SHOWN)
    .map(
      (key) =>
        `${key.slice(0, LONGEST)}: ${shown([a.answers[key] ?? ''])} / ${shown([b.answers[key] ?? ''])}`
    )
    .join('; ')
  return [{ reason: 'with other answers', detail: `other answers: ${detail}` }]
}

function counts(key: string, a: Content, b: Content): boolean {
  if (a.channel === b.channel) return true
  if (Object.hasOwn(a.answers, key) && Object.hasOwn(b.answers, key)) return true
  const [whose, other] = Object.hasOwn(a.answers, key) ? [a, b] : [b, a]
  if (whose.routed.has(key)) return false
  const subject = other.subject?.tokens ?? []
  return saysMore(wording(whose.answers[key]!.replaceAll('_', ' ')), a, b, subject)
}

const givenNames: Readonly<Record<IdentifierKind, string>> = {
  addresses: 'address',
  phones: 'telephone number',
  emails: 'mail address'
}

/** "At my address" means another place if another address was given. */
function byGiven(a: Content, b: Content): Difference[] {
  return (Object.keys(givenNames) as IdentifierKind[])
    .filter(
      (kind) => a.given[kind] !== '' && b.given[kind] !== '' && a.given[kind] !== b.given[kind]
    )
    .map((kind) => ({
      reason: `with another ${givenNames[kind]} given`,
      detail: `another ${givenNames[kind]} given by the sender`
    }))
}
