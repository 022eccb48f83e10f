/** Everything of a contact that is compared: words, papers, answers, whom it is about. */
import { NO_BYTES, type ChannelKind } from '../envelope.ts'
import { assumedChannel } from '../intake/traits.ts'
import { comparable, type Comparable } from './comparable.ts'
import { wording, type Wording } from './wording.ts'

export interface Content {
  /**
   * What the sender wrote, or a person typed for them. Undefined if the contact consists of its
   * papers.
   */
  readonly words: Wording | undefined
  /** Without "Re:" and the like; empty if there is none. */
  readonly subject: Wording | undefined
  readonly papers: readonly Paper[]
  readonly answers: Readonly<Record<string, string>>
  /** Answers that name one of our departments. A text need not repeat these. */
  readonly routed: ReadonlySet<string>
  /**
   * Per kind, one hash of all addresses, telephone numbers or mail addresses that the sender gave:
   * the words may refer to them. Empty if none were given.
   */
  readonly given: Readonly<Record<IdentifierKind, string>>
  /**
   * Hash of the people it is about or for. Only equality matters. Empty if it is about the sender
   * alone.
   */
  readonly about: string
  /** Hash of its HTML, including pictures shown in it. Empty if it came without HTML. */
  readonly look: string
  /** True if the HTML shows only the words, so that a text without HTML can say the same. */
  readonly lookIsText: boolean
  /**
   * Hashes of pictures shown in its text that are larger than a logo. Different ones count as a
   * difference; equal ones prove nothing.
   */
  readonly drawn: readonly string[]
  /** Address of a picture that it refers to and nobody fetched; empty if none. */
  readonly unseen: string
  /**
   * Contacts by the same channel can bring the same things. What only one of two such contacts
   * brings was left out by the other.
   */
  readonly channel: ChannelKind
}

/** What senders state about themselves and words may refer to, as in "at my address". */
export type IdentifierKind = 'addresses' | 'phones' | 'emails'

export const nothingGiven: Content['given'] = { addresses: '', phones: '', emails: '' }

/** A file that came along: a letter, a form, a picture, a recording. */
export interface Paper {
  readonly name: string
  readonly sha256: string
  /** What is known of its text. Undefined if no machine could read it, or not all of it. */
  readonly wording: Wording | undefined
  /** The same text, used to find similar papers, also if it was read only in part. */
  readonly text: string
}

/** Content of a contact that consists of words alone. */
export function contentOf(text: string, channel: ChannelKind = assumedChannel): Content {
  return {
    words: text.trim() === '' ? undefined : wording(text),
    subject: undefined,
    papers: [],
    answers: {},
    routed: new Set(),
    given: nothingGiven,
    about: '',
    look: '',
    lookIsText: false,
    drawn: [],
    unseen: '',
    channel
  }
}

/** The text of all papers, used to find similar contacts. Undefined if there is none. */
export function paperText(content: Content): Comparable | undefined {
  const text = folded.has(content)
    ? ''
    : content.papers
        .map((paper) => paper.text)
        .filter((one) => one !== '')
        .join('\n\n')
  if (!folded.has(content)) folded.set(content, text === '' ? undefined : comparable(text))
  return folded.get(content)
}

const folded = new WeakMap<Content, Comparable | undefined>()

/** Papers of each side that the other does not have, byte for byte. */
export function otherPapers(a: Content, b: Content): [Paper[], Paper[]] {
  return [withoutThose(a.papers, b.papers), withoutThose(b.papers, a.papers)]
}

/** True for the same words and the same files, with no tolerance. */
export function isExact(a: Content, b: Content): boolean {
  return (
    a.words?.fingerprint === b.words?.fingerprint &&
    otherPapers(a, b).every(({ length }) => length === 0)
  )
}

function withoutThose(papers: readonly Paper[], others: readonly Paper[]): Paper[] {
  const left = Map.groupBy(others, ({ sha256 }) => sha256)
  return papers.filter(({ sha256 }) => sha256 === NO_BYTES || left.get(sha256)?.pop() === undefined)
}
