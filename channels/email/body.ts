import { EvenhandError } from '../../platform/errors.ts'
import { compareAlternatives, type Alternatives } from './alternatives.ts'
import { invitation } from './calendar.ts'
import { cardText } from './card.ts'
import { closed } from './enclosed.ts'
import { documentName } from './documents.ts'
import { headerFields } from './headers.ts'
import { readLimits } from './limits.ts'
import type { Part } from './parts.ts'
import { takeOutSealed, withoutSignature } from './pgp.ts'
import { isBlank, isRichText, isWhole, plainText, textPart, type TextPart } from './text-part.ts'

/** A mail sorted into its text and its documents. */
export interface Body {
  readonly text: string
  readonly documents: readonly Part[]
  /** Those documents that the text was made from. */
  readonly shown: ReadonlySet<Part>
  /** True if the text says all that any alternative shows, so that the HTML adds nothing. */
  readonly faithful: boolean
  /** Attached mails that were opened. */
  readonly forwarded: readonly { readonly part: Part; readonly root: Part; readonly body: Body }[]
  /** Why words of the mail itself are missing from the text: they are encrypted. */
  readonly sealed: string | undefined
}

interface Sorted {
  readonly texts: readonly TextPart[]
  readonly documents: readonly Part[]
  readonly opened: readonly Part[]
  /**
   * Alternatives that are not the text and say or show something else. They are kept as documents.
   */
  readonly other: readonly Part[]
  /** Texts that Outlook packed: the same words as the mail's own, or all there are. */
  readonly packed: readonly Texts[]
}

type Texts = readonly TextPart[]

/**
 * Sorts a mail's parts into text and documents, following RFC 8621 section 4.1.4: an unnamed text
 * part that is no attachment is text, everything else a document. Of alternatives the plain text is
 * used, unless it is blank or the HTML contains all of it and more. What the HTML says differently
 * is shown below the text, marked as such. HTML that was used, or that shows something else, is
 * also kept as a document, because its text is only an extract. The content of a signed envelope
 * counts as the mail's own; attached mails stay separate. A mail that is only an invitation or a
 * card is put into words.
 * @throws EvenhandError READ_LIMIT if the text or its HTML is too long.
 */
export function readBody(root: Part): Body {
  const { texts, documents, opened, other } = unpacked(sort(root, undefined, 0))
  const whole = texts
    .map(plainText)
    .filter((entry) => !isBlank(entry))
    .join('\n')
    .trim()
  checkLength(whole)
  const { text, sealed } = takeOutSealed(withoutSignature(whole))
  const shown = [...texts.filter(isExtract).map((entry) => entry.part), ...other]
  const all = [...shown, ...documents, ...sealed.map(sealedPart)]
  const own = text.trim() || inWords(all)
  return {
    text: own,
    documents: all,
    shown: new Set([...shown, ...opened]),
    sealed: all.find((part) => part.sealed !== undefined)?.sealed,
    faithful:
      other.length === 0 && texts.every((entry) => entry.beneath === undefined && isWhole(entry)),
    forwarded: documents.flatMap((part) =>
      part.enclosed?.kind === 'mail'
        ? [{ part, root: part.enclosed.root, body: readBody(part.enclosed.root) }]
        : []
    )
  }
}

/** HTML and rich text show more than their words. */
function isExtract({ html, part }: TextPart): boolean {
  return html || isRichText(part)
}

/** What Outlook packed counts as another form of the mail's text. */
function unpacked({ packed, ...sorted }: Sorted): Omit<Sorted, 'packed'> {
  if (packed.length === 0) return sorted
  const best = bestOf([sorted.texts, ...packed].filter((texts) => texts.length > 0))
  return { ...sorted, texts: best.texts, other: [...sorted.other, ...best.other] }
}

/** @throws EvenhandError READ_LIMIT */
export function checkLength(text: string): void {
  if (text.length > readLimits.textLength)
    throw new EvenhandError('READ_LIMIT', `more than ${readLimits.textLength} characters of text`)
}

/**
 * Invitations of a mail without words, once each: programs send one to be shown and one as a file.
 * Else its cards, where it has nothing besides: beside other files, these say what it is about.
 */
function inWords(parts: readonly Part[]): string {
  const said = (wordsOf: (part: Part) => string) => [...new Set(parts.map(wordsOf))].filter(Boolean)
  const invitations = said(invitation)
  if (invitations.length > 0) return invitations.join('\n\n')
  const isOnlyCards = parts.every((part) => cardText(part) !== '')
  return isOnlyCards ? said(cardText).join('\n\n') : ''
}

function sealedPart(armour: string): Part {
  return {
    mediaType: 'application/pgp-encrypted',
    charset: '',
    disposition: 'attachment',
    fileName: 'message.asc',
    flowed: false,
    delSp: false,
    fields: headerFields([]),
    container: false,
    children: [],
    bytes: Buffer.from(armour),
    sealed: closed.pgp
  }
}

function sort(part: Part, parent: Part | undefined, index: number): Sorted {
  if (part.enclosed?.kind === 'content') {
    const inner = sort(part.enclosed.root, undefined, 0)
    return { ...inner, documents: [...inner.documents, part], opened: [...inner.opened, part] }
  }
  if (part.enclosed?.kind === 'outlook') {
    const inner = sort(part.enclosed.root, undefined, 0)
    const documents = part.sealed === undefined ? inner.documents : [...inner.documents, part]
    return { ...inner, texts: [], packed: [...inner.packed, inner.texts], documents }
  }
  if (part.children.length === 0) {
    if (isText(part, parent, index)) return { ...nothing, texts: [textPart(part)] }
    return { ...nothing, documents: part.bytes.length > 0 || part.fileName !== '' ? [part] : [] }
  }
  return together(
    part.children.map((child, at) => sort(child, part, at)),
    part.mediaType === 'multipart/alternative'
  )
}

const nothing: Sorted = { texts: [], documents: [], opened: [], other: [], packed: [] }

function together(children: readonly Sorted[], alternatives: boolean): Sorted {
  const [documents, opened, other, packed] = [
    children.flatMap((child) => child.documents),
    children.flatMap((child) => child.opened),
    children.flatMap((child) => child.other),
    children.flatMap((child) => child.packed)
  ]
  if (!alternatives)
    return { texts: children.flatMap((child) => child.texts), documents, opened, other, packed }
  const best = bestOf(children.map(({ texts }) => texts).filter((texts) => texts.length > 0))
  return { texts: best.texts, documents, opened, other: [...other, ...best.other], packed }
}

/** Alternatives compared with the text; mails have one, newsletters two. */
const COMPARED = 4

/** Each alternative may consist of several texts with pictures between them. */
function bestOf(alternatives: readonly Texts[]): { texts: Texts; other: readonly Part[] } {
  const plain = alternatives.find(
    (texts) => texts.every(({ html }) => !html) && texts.some(({ source }) => !isBlank(source))
  )
  const html = alternatives.findLast((texts) => texts.some((one) => one.html))
  const compared = plain && html && isReadable(html) ? compare(html, plain) : undefined
  const fuller = compared?.text === 'html'
  const texts = (fuller ? html : (plain ?? html)) ?? []
  return withOthers(
    texts,
    alternatives
      .filter((one) => one !== texts && !(fuller && one === plain))
      .map((one) => ({ one, compared: one === html && texts === plain ? compared : undefined })),
    fuller
  )
}

/** An alternative, and the result if it was already compared with the text. */
interface Other {
  readonly one: Texts
  readonly compared: Alternatives | undefined
}

/**
 * Adds below the text what the other alternatives say differently. If the HTML was chosen as the
 * fuller text, the plain text adds nothing.
 */
function withOthers(
  texts: Texts,
  others: readonly Other[],
  fuller: boolean
): { texts: Texts; other: readonly Part[] } {
  const found = others
    .filter(({ one }) => one.some(({ source }) => !isBlank(source)))
    .map(({ one, compared }, index) => ({
      one,
      ...(index < COMPARED && isReadable(one)
        ? against(one, compared ?? compare(one, texts))
        : { same: false, otherLines: [] })
    }))
  const differing = found.filter(({ one, same }) => !same || !one.every(isWhole))
  const beneath = differing
    .filter(({ otherLines }) => otherLines.some((line) => line.trim() !== ''))
    .map(
      ({ one, otherLines }) => `[${documentName(one[0]!.part, 1)}]\n${otherLines.join('\n').trim()}`
    )
    .join('\n\n')
  const last = texts.at(-1)
  const fits = beneath.length + joined(texts).length < readLimits.textLength
  return {
    texts:
      last && (beneath !== '' || fuller)
        ? [...texts.slice(0, -1), { ...last, beneath: fits ? beneath : '' }]
        : texts,
    other: differing.flatMap(({ one }) => one.map(({ part }) => part))
  }
}

/** What one alternative says differently: all of it if it is the fuller one. */
function against(
  one: Texts,
  { same, text, otherLines }: Alternatives
): { same: boolean; otherLines: readonly string[] } {
  return { same, otherLines: text === 'html' ? joined(one).split('\n') : otherLines }
}

function compare(one: Texts, texts: Texts): Alternatives {
  return compareAlternatives(joined(one), joined(texts))
}

function joined(texts: Texts): string {
  return texts.map(plainText).join('\n')
}

/** If the HTML is over a bound, the plain text beside it can still be used. */
function isReadable(texts: Texts): boolean {
  try {
    return joined(texts).length <= readLimits.textLength
  } catch {
    return false
  }
}

function isText(part: Part, parent: Part | undefined, index: number): boolean {
  if (part.sealed !== undefined) return false
  // A container with a wrong boundary: its raw content is shown rather than nothing.
  if (part.container) return !isBlank(part.bytes.toString('latin1'))
  if (part.mediaType !== 'text/plain' && part.mediaType !== 'text/html' && !isRichText(part))
    return false
  if (part.disposition !== '' && part.disposition !== 'inline') return false
  return (
    parent === undefined ||
    index === 0 ||
    (part.fileName === '' && parent.mediaType !== 'multipart/related')
  )
}
