import type { Agency } from '../../config/agency.ts'
import type { Acknowledgement, OutboundMessage, Undeliverable } from '../../core/intake/channel.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import { receiptText } from '../../core/outbox/receipt-text.ts'
import { numberOf } from './message.ts'

/**
 * The receipt as a text message to the sender's number, from the number of ours that they wrote to.
 */
export function acknowledge(
  acknowledgement: Acknowledgement,
  { evidence }: Pick<EnvelopeDraft, 'evidence'>,
  agency: Agency
): OutboundMessage | Undeliverable {
  const [from, to] = [evidence['from'], evidence['to']].map((one) =>
    typeof one === 'string' ? one : ''
  ) as [string, string]
  if (!numberOf(from))
    return {
      undeliverable:
        'The text came from a short code or from no number; nobody reads an answer there.'
    }
  return receiptText(from, numberOf(to) ? to : undefined, acknowledgement, agency)
}
