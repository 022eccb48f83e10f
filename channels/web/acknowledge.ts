import type { Agency } from '../../config/agency.ts'
import type { Acknowledgement, OutboundMessage, Undeliverable } from '../../core/intake/channel.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import { isMailbox, receiptMail } from '../../core/outbox/receipt-mail.ts'

/** The receipt by mail, if the form was sent with an address. */
export function acknowledge(
  acknowledgement: Acknowledgement,
  to: Pick<EnvelopeDraft, 'sender'>,
  agency: Agency
): OutboundMessage | Undeliverable {
  const [address] = to.sender.emails
  if (!address) return { undeliverable: 'no address given' }
  return isMailbox(address)
    ? receiptMail(address, acknowledgement, agency)
    : { undeliverable: 'the address given is none that mail can be sent to' }
}
