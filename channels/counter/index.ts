import type { Channel } from '../../core/intake/channel.ts'
import { isMailbox, receiptMail } from '../../core/outbox/receipt-mail.ts'
import { fromFile } from './from-file.ts'
import { translate } from './translate.ts'

/**
 * What staff take down for people at the counter or on the phone. The page belongs to the desk; the
 * receipt is a printed slip.
 */
export const counter: Channel = {
  kind: 'counter',
  start: () => undefined,
  translate,
  fromFile,
  acknowledge(acknowledgement, to, agency) {
    const [address] = to.sender.emails
    return address && isMailbox(address)
      ? receiptMail(address, acknowledgement, agency)
      : { undeliverable: 'the receipt was told or handed over by who took it down' }
  }
}
