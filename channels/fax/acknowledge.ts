import type { Agency } from '../../config/agency.ts'
import type { Acknowledgement, OutboundMessage, Undeliverable } from '../../core/intake/channel.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import { isMailbox, receiptMail } from '../../core/outbox/receipt-mail.ts'

/**
 * The receipt by mail, if a person who read the fax entered an address from it. Nothing is faxed
 * back: there is no outgoing fax service, the caller's number may be withheld or forged, and a line
 * that sends often cannot receive. The receipt stays unsent, and the desk shows that.
 */
export function acknowledge(
  acknowledgement: Acknowledgement,
  to: Pick<EnvelopeDraft, 'sender'>,
  agency: Agency
): OutboundMessage | Undeliverable {
  const address = to.sender.emails.find(isMailbox)
  return address
    ? receiptMail(address, acknowledgement, agency)
    : {
        undeliverable:
          'a fax cannot be answered by fax; the receipt can be printed and sent by post'
      }
}
