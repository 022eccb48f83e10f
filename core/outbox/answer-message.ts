/** The agency's answer to each contact of a campaign, sent the same way as a receipt. */
import type { Agency } from '../../config/agency.ts'
import type { Acknowledgement, OutboundMessage, Undeliverable } from '../intake/channel.ts'
import { signedWords, subjectLine, TEXT_MESSAGE_LIMIT } from './reply-message.ts'

/** Written by a person, so it is not marked as automatic. It is threaded like the receipt. */
export function answerMessage(
  receipt: OutboundMessage,
  words: string,
  { language, receipt: code }: Acknowledgement,
  agency: Agency
): OutboundMessage | Undeliverable {
  const text = signedWords({ words, language }, code, agency)
  if (receipt.via === 'text' && text.length > TEXT_MESSAGE_LIMIT)
    return { undeliverable: 'The answer is too long for a text message.' }
  const headers = Object.fromEntries(
    Object.entries(receipt.headers).filter(
      ([header]) => header !== 'Auto-Submitted' && header !== 'X-Auto-Response-Suppress'
    )
  )
  return {
    ...receipt,
    text,
    headers,
    subject: subjectLine(
      { subject: /^re:/i.test(receipt.subject) ? receipt.subject : '', language },
      code,
      agency
    )
  }
}
