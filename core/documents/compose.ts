/**
 * What the documents of a contact add to its envelope, and whether that is sure enough to decide
 * by.
 */
import type { TrailStep } from '../contacts/tables.ts'
import type { EnvelopeDocument, EnvelopeDraft } from '../envelope.ts'
import { storableText } from '../../platform/text/storable.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { hasOwnText, hasWords } from '../contacts/own-words.ts'
import { limits } from './limits.ts'
import { SURE } from './reader/sure-words.ts'
import type { DocumentRecord, StoredPage } from './store.ts'

/**
 * Letters without which there is no text: "Fix the lamp" has ten; specks and stamps read as a few.
 */
const LEAST_LETTERS = 8

export type TextPage = Pick<
  StoredPage,
  'number' | 'text' | 'confidence' | 'blank' | 'withheld' | 'source'
>

export interface ReadDocument {
  readonly record: DocumentRecord
  readonly pages: readonly TextPage[]
}

export interface Composed {
  readonly envelope: EnvelopeDraft
  /** The text came from the documents, so that its language is to be told. */
  readonly fromDocuments: boolean
  /** Why a person must give the text. */
  readonly unsure: string | undefined
  readonly trail: TrailStep
}

/**
 * `unsure`: why the channel itself was not sure of the text. Documents that are not in `read` stay
 * as the channel described them.
 */
export function compose(
  envelope: EnvelopeDraft,
  read: ReadonlyMap<string, ReadDocument>,
  unsure?: string
): Composed {
  const papers = [...new Set(envelope.documents.map(({ sha256 }) => sha256))].flatMap(
    (sha256) => read.get(sha256) ?? []
  )
  const pages = papers.flatMap((paper) => paper.pages).filter(hasText)
  const confidence = meanConfidence(pages)
  const found = pages
    .filter((page) => page.confidence >= SURE)
    .map(({ text }) => text.trim())
    .join('\n\n')
  const own = hasOwnText(envelope.text)
  const { textFrom, newText, ...given } = envelope
  const sure = confidence >= SURE && (found.match(/\p{L}/gu)?.length ?? 0) >= LEAST_LETTERS
  const doubt =
    unsure ?? (sure || hasWords(envelope) ? undefined : doubtOf(papers, pages, confidence))
  const fromDocuments = !own && sure && doubt === undefined
  return {
    envelope: {
      ...given,
      ...(own && textFrom ? { textFrom } : {}),
      ...(newText === undefined || fromDocuments ? {} : { newText }),
      ...(fromDocuments
        ? {
            text: cut(
              [found, envelope.text.trim()].filter(Boolean).join('\n\n'),
              limits.textCharacters
            ),
            textFrom: 'documents'
          }
        : {}),
      documents: describe(envelope.documents, read)
    },
    fromDocuments,
    unsure: doubt,
    trail: trailOf(papers, pages, confidence, doubt)
  }
}

function hasText({ text, blank, withheld }: TextPage): boolean {
  return !blank && withheld === undefined && text.trim() !== ''
}

/** By the length of each page's text, 0 to 1; 0 where there is none. */
export function meanConfidence(pages: readonly TextPage[]): number {
  const length = pages.reduce((sum, { text }) => sum + text.length, 0)
  return length === 0
    ? 0
    : Math.round(
        (pages.reduce((sum, { text, confidence }) => sum + text.length * confidence, 0) / length) *
          1000
      ) / 1000
}

function doubtOf(
  papers: readonly ReadDocument[],
  pages: readonly TextPage[],
  confidence: number
): string {
  const withheld = papers.find(({ record }) => record.outcome === 'withheld')
  if (pages.length === 0) return withheld?.record.reason ?? 'no text was found on it'
  return confidence < SURE
    ? `read with a confidence of ${confidence.toFixed(2)}, and ${SURE} is needed`
    : 'only a few letters were found on it'
}

function describe(
  documents: EnvelopeDraft['documents'],
  read: ReadonlyMap<string, ReadDocument>
): EnvelopeDocument[] {
  // All texts of a contact together are bounded, as its row holds them; every page's text is kept
  // with the page.
  let left: number = limits.textCharacters
  return documents.map((document) => {
    const paper = read.get(document.sha256)
    if (!paper) return document
    const pages = paper.pages.filter(hasText)
    const whole = pages.map((page) => page.text.trim()).join('\n\n')
    const text = cut(whole, left)
    left -= text.length
    return {
      ...document,
      mediaType: typeOf(document.mediaType, paper.record.mediaType),
      pages: paper.record.pages ?? 0,
      ...(text
        ? {
            text,
            confidence: meanConfidence(pages),
            source: sourceOf(pages),
            unreadPages: unreadOf(paper.pages, text.length < whole.length)
          }
        : {}),
      ...reasonOf(paper.record, document)
    }
  })
}

function sourceOf(pages: readonly TextPage[]): 'text-layer' | 'ocr' {
  return pages.every(({ source }) => source === 'text-layer') ? 'text-layer' : 'ocr'
}

/** Pages with something on them and no words here; one more where the text was cut. */
function unreadOf(pages: readonly TextPage[], wasCut: boolean): number {
  return pages.filter((page) => !page.blank && !hasText(page)).length + (wasCut ? 1 : 0)
}

function reasonOf(
  { outcome, reason }: DocumentRecord,
  { withheld }: EnvelopeDocument
): Pick<EnvelopeDocument, 'withheld' | 'missing'> {
  if (withheld) return { withheld }
  if (outcome === 'withheld') return { withheld: reason ?? 'The document could not be read.' }
  return reason ? { missing: reason } : {}
}

/** At most so long; half a character at the cut, which jsonb refuses, becomes U+FFFD. */
function cut(text: string, length: number): string {
  return storableText(text.slice(0, length))
}

/**
 * The type by the bytes. Plain text has no mark of its own, so there a text type that was claimed
 * says more.
 */
function typeOf(claimed: string, sniffed: string | undefined): string {
  const told =
    sniffed === undefined ||
    sniffed === 'application/octet-stream' ||
    (sniffed === 'text/plain' && claimed.startsWith('text/'))
  return told ? claimed : sniffed
}

function trailOf(
  papers: readonly ReadDocument[],
  pages: readonly TextPage[],
  confidence: number,
  doubt: string | undefined
): TrailStep {
  const all = papers.flatMap((paper) => paper.pages)
  const evidence = {
    documents: papers.length,
    pages: all.length,
    blank: all.filter(({ blank }) => blank).length,
    wordless: all.filter(
      ({ blank, withheld, text }) => !blank && withheld === undefined && text.trim() === ''
    ).length,
    unread: all.filter(({ withheld }) => withheld !== undefined).length,
    withheld: papers.filter(({ record }) => record.outcome === 'withheld').length,
    ...(pages.length > 0
      ? { confidence, unsurePages: pages.filter((page) => page.confidence < SURE).length }
      : {})
  }
  if (doubt === undefined)
    return { step: 'documents', verdict: 'read', reason: 'its documents were read', evidence }
  const error = new EvenhandError('TEXT_UNSURE', doubt.replace(/\.$/, ''))
  return {
    step: 'documents',
    verdict: 'quarantined',
    reason: error.message,
    evidence: { ...evidence, code: error.code }
  }
}
