import { newWords, type EnvelopeDraft } from '../envelope.ts'
import { traitsOf } from '../intake/traits.ts'
import { withoutImages, withoutStruck } from '../../platform/text/marks.ts'

/**
 * All that routing may see. There is no sender here, no name, address or number, no register and no
 * earlier case: who the person is cannot decide where their contact goes (promise 3;
 * test/promises/routing-is-blind.test.ts).
 */
export interface RoutingInput {
  /** Our own addresses, numbers or form it was sent to. */
  readonly recipients: readonly string[]
  readonly form?: string | undefined
  readonly answers: Readonly<Record<string, string>>
  /** The kind of report, where a 311 service or a form names one. */
  readonly service?: string | undefined
  readonly subject: string
  /** What the writer says now. */
  readonly text: string
  /** The whole of it where that is more: looked at only if `text` decides nothing. */
  readonly whole?: string | undefined
}

/**
 * Words beyond this are not looked at by rules, so that a huge text costs no more than a long
 * letter.
 */
const TEXT_LIMIT = 50_000

/**
 * The part of an envelope that routing may see. Quoted lines of an earlier mail, words struck out
 * and those of a logo say nothing about this one. Of a mail that passes another on, the new words
 * ("see below") may say nothing, so that the rest is there too.
 */
export function routingInput(
  envelope: Pick<
    EnvelopeDraft,
    'recipients' | 'answers' | 'category' | 'subject' | 'text' | 'newText' | 'channel'
  >
): RoutingInput {
  const [text, whole] = [said(newWords(envelope)), said(envelope.text)]
  return {
    recipients: envelope.recipients,
    form: traitsOf(envelope.channel).forms ? envelope.recipients[0] : undefined,
    answers: envelope.answers ?? {},
    service: envelope.category,
    subject: envelope.subject ?? '',
    text,
    ...(whole === text ? {} : { whole })
  }
}

function said(text: string): string {
  return withoutImages(withoutStruck(ownLines(text.slice(0, TEXT_LIMIT))))
}

function ownLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('>'))
    .join('\n')
}
