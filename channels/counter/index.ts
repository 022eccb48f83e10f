import type { Channel } from '../../core/channel.ts'
import { isMailbox, receiptMail } from '../../core/receipt-mail.ts'
import { fromFile } from './from-file.ts'
import { translate } from './translate.ts'

/** What staff take down for people at the counter or on the phone. The page is the desk's; the printed slip is the receipt. */
export const counter: Channel = {
  kind: 'counter',
  start: () => undefined,
  translate,
  fromFile,
  acknowledge(acknowledgement, to, agency) {
    const [address] = to.sender.emails
    return address && isMailbox(address) ? receiptMail(address, acknowledgement, agency) : { undeliverable: 'the receipt was told or handed over by who took it down' }
  }
}
