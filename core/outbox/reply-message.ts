/**
 * A reply to one contact as the resident gets it: by mail, by text, on paper, or said by telephone.
 */
import type { Agency } from '../../config/agency.ts'
import { inLanguage, translate } from '../../platform/pages/language.ts'
import { oneLine } from '../../platform/text/one-line.ts'
import { answerWays, type AnswerWay } from '../contacts/resident-answers.ts'
import type { EnvelopeDraft } from '../envelope.ts'
import type { OutboundMessage, Undeliverable } from '../intake/channel.ts'
import { threadHeaders } from './thread-headers.ts'

/** Longest text message that carriers carry whole, in characters (Twilio: 1,600). */
export const TEXT_MESSAGE_LIMIT = 1_600

export const replyWays = answerWays
export type ReplyWay = AnswerWay

export interface WrittenReply {
  readonly way: ReplyWay
  readonly address: string
  readonly language: string
  /** Empty for the usual one. */
  readonly subject: string
  readonly words: string
}

/** What we sign a reply with. */
export interface ReplyMarks {
  readonly receipt: string
  readonly replyTo: string
  readonly messageId: string
  /** Message-ID of the receipt, under which mail programs put the reply to who did not mail us. */
  readonly receiptMessageId: string
}

/** The words with the line that names the agency and the receipt, in the reply's language. */
export function signedWords(
  { words, language }: Pick<WrittenReply, 'words' | 'language'>,
  receipt: string,
  agency: Agency
): string {
  const { name, languages } = agency.departments.agency
  const t = translate(agency.locales, language)
  const filled = { receipt, agency: inLanguage(name, language, languages[0] ?? 'en') }
  return `${words}\n\n${t('answer.end', filled)}`
}

/** The subject of a mail, on one line. */
export function subjectLine(
  { subject, language }: Pick<WrittenReply, 'subject' | 'language'>,
  receipt: string,
  agency: Agency
): string {
  return oneLine(subject) || translate(agency.locales, language)('answer.subject', { receipt })
}

/**
 * Written by a person, so it is not marked as automatic.
 * @param from the number of ours that the resident texted, if they did
 */
export function replyMessage(
  reply: WrittenReply,
  marks: ReplyMarks,
  { evidence, from }: Pick<EnvelopeDraft, 'evidence'> & { readonly from?: string | undefined },
  agency: Agency
): OutboundMessage | Undeliverable {
  const text = signedWords(reply, marks.receipt, agency)
  if (reply.way === 'text')
    return text.length > TEXT_MESSAGE_LIMIT
      ? { undeliverable: 'The answer is too long for a text message.' }
      : {
          via: 'text',
          to: reply.address,
          subject: '',
          text,
          headers: {},
          ...(from ? { from } : {})
        }
  if (reply.way !== 'mail') return { undeliverable: 'A person brings this answer.' }
  const thread = threadHeaders({ evidence })
  return {
    via: 'mail',
    to: reply.address,
    subject: subjectLine(reply, marks.receipt, agency),
    text,
    headers: {
      'In-Reply-To': marks.receiptMessageId,
      References: marks.receiptMessageId,
      ...thread,
      // RFC 3282: screen readers and translators of mail programs go by it.
      'Content-Language': reply.language,
      'Message-ID': marks.messageId
    },
    replyTo: marks.replyTo
  }
}
