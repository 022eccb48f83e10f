import type { Agency } from '../../config/agency.ts'
import type { Acknowledgement, OutboundMessage, Undeliverable } from '../../core/intake/channel.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import { receiptText } from '../../core/outbox/receipt-text.ts'

/** Sends a text only to callers who asked for it by pressing a key. */
export function acknowledge(
  acknowledgement: Acknowledgement,
  { sender }: Pick<EnvelopeDraft, 'sender'>,
  agency: Agency
): OutboundMessage | Undeliverable {
  if (acknowledgement.purpose !== 'receipt-by-text')
    return {
      undeliverable:
        'Callers hear their receipt in the call, and get it as a text if they ask for it.'
    }
  const [number] = sender.phones
  return number
    ? receiptText(number, undefined, acknowledgement, agency)
    : { undeliverable: "The caller's number was withheld." }
}
