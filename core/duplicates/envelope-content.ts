/** Makes a contact's content from its envelope. */
import { createHash } from 'node:crypto'
import type { EnvelopeDocument, EnvelopeDraft } from '../envelope.ts'
import { TEXT_LIMIT } from './comparable.ts'
import { nothingGiven, type Content, type Paper } from './content.ts'
import { isOurs } from './filler.ts'
import { wording, type Wording } from './wording.ts'
import { traitsOf } from '../intake/traits.ts'

/** The parts of an envelope that are used. */
export type Brought = Pick<EnvelopeDraft, 'channel' | 'language' | 'text' | 'documents'> &
  Partial<
    Pick<EnvelopeDraft, 'subject' | 'textFrom' | 'answers' | 'parties' | 'evidence' | 'sender'>
  >

/**
 * Mean confidence below which a page may hold something unread, such as handwriting between print.
 */
const READ_WELL = 0.85

/** @param ours names of our departments and forms, see `ourNames` */
export function toContent(
  {
    channel,
    language,
    text,
    subject,
    textFrom,
    documents,
    answers = {},
    parties,
    evidence = {},
    sender
  }: Brought,
  ours: ReadonlySet<string> = new Set()
): Content {
  const papers = documents.filter(isPaper).map((document) => toPaper(document, language))
  const own = textFrom === 'documents' ? '' : text
  // For a call the subject is our own (the length of the recording), so it is ignored.
  const named =
    traitsOf(channel).medium === 'voice'
      ? ''
      : (subject ?? '').replace(/^(\s*(re|fwd?|aw|wg|rv|tr|res|enc)\s*:)+/i, '')
  const titled = isOurs(named, ours) ? '' : named
  const alone = own.trim() === '' && papers.length === 0
  return {
    words: worded(alone ? named : own, language),
    subject: alone ? undefined : worded(titled, language),
    papers,
    answers,
    routed: new Set(Object.keys(answers).filter((key) => isOurs(answers[key]!, ours))),
    given: sender === undefined ? nothingGiven : givenBy(sender, channel),
    about:
      parties && parties.length > 0
        ? createHash('sha256').update(JSON.stringify(parties)).digest('hex')
        : '',
    look: textIn(evidence['htmlSha256']),
    lookIsText: evidence['htmlIsText'] === true,
    drawn: textsIn(evidence['drawnSha256']),
    unseen: notFetched(evidence),
    channel
  }
}

/**
 * Last digits of a telephone number that are compared. Those before depend on how it is dialled.
 */
const PHONE_DIGITS = 10

/** What the sender gave. A mail's own From address is left out: the mail program added it. */
function givenBy(
  { addresses, phones, emails }: NonNullable<Brought['sender']>,
  channel: Content['channel']
): Content['given'] {
  return {
    addresses: hashed(addresses.map((one) => wording(one).tokens.join(' '))),
    phones: hashed(phones.map((one) => one.replace(/\P{Nd}/gu, '').slice(-PHONE_DIGITS))),
    emails:
      traitsOf(channel).carries === 'email'
        ? ''
        : hashed(emails.map((one) => one.trim().toLowerCase()))
  }
}

function hashed(values: readonly string[]): string {
  const all = [...new Set(values.filter((value) => value !== ''))].toSorted()
  return all.length === 0 ? '' : createHash('sha256').update(all.join('\n')).digest('hex')
}

function worded(text: string, language: string): Wording | undefined {
  return text.trim() === '' ? undefined : wording(text, 'typed', language)
}

/**
 * The picture that a report refers to, if it was not fetched; otherwise it is among the documents.
 */
function notFetched({ mediaUrl, mediaHost, mediaMissing }: Record<string, unknown>): string {
  return mediaHost === undefined || mediaMissing !== undefined ? textIn(mediaUrl) : ''
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string').toSorted() : []
}

/**
 * Which documents are not papers but belong to the text: its HTML and the small pictures in it,
 * which are compared as `look`, and a signature, which is different in each copy.
 */
function isPaper({ inline, pages, withheld }: EnvelopeDocument): boolean {
  return !(inline && pages === 0 && withheld === undefined)
}

function toPaper(document: EnvelopeDocument, language: string): Paper {
  const text = document.text ?? ''
  return {
    name: document.name,
    sha256: document.sha256,
    text: text.slice(0, TEXT_LIMIT),
    wording: isReadWhole(document)
      ? wording(text, document.source === 'ocr' ? 'read' : 'typed', language)
      : undefined
  }
}

/**
 * If a picture has fewer letters, they are a street sign or a label, and what matters is the
 * picture.
 */
const PICTURED_LETTER = 200
/**
 * Whether a page has places for ticks or handwriting, which machines do not read: boxes, lines to
 * write on, a choice of yes and no, or rows of labels.
 */
const toFillIn =
  /[\u2610-\u2612\u25A0\u25A1\u25CB\u25EF]|\[ ?[xX]? ?\]|_{4,}|\.{6,}|\b(yes|s[ií])\b[^\p{L}\n]{0,8}\bno\b/iu
const label = /^[^\n:]{2,40}:[ \t]*$/gmu
const LABELS = 3

/**
 * Whether every page gave its words, as far as anybody can tell. For an older envelope without this
 * information the answer is no.
 */
function isReadWhole(document: EnvelopeDocument): boolean {
  if (
    document.source === undefined ||
    document.text === undefined ||
    document.withheld !== undefined ||
    document.missing !== undefined ||
    document.unreadPages !== 0
  )
    return false
  return (
    document.source === 'text-layer' ||
    ((document.confidence ?? 0) >= READ_WELL && !isPicture(document) && !isForm(document.text))
  )
}

function isPicture({ mediaType, text }: EnvelopeDocument): boolean {
  return (
    mediaType.startsWith('image/') &&
    mediaType !== 'image/tiff' &&
    (text?.match(/\p{L}/gu)?.length ?? 0) < PICTURED_LETTER
  )
}

function isForm(text: string): boolean {
  return toFillIn.test(text) || (text.match(label)?.length ?? 0) >= LABELS
}
