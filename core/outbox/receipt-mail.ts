import { domainToASCII } from 'node:url'
import type { Agency } from '../../config/agency.ts'
import type { Acknowledgement, OutboundMessage } from '../intake/channel.ts'
import { formatTime, inLanguage, translate } from '../../platform/pages/language.ts'

/**
 * The receipt as a mail, for every channel that knows a mail address. It repeats nothing that the
 * resident wrote, because the address may be mistyped or somebody else's. It is marked as automatic
 * (RFC 3834).
 */
export function receiptMail(
  to: string,
  acknowledgement: Acknowledgement,
  agency: Agency
): OutboundMessage {
  const { language, receipt, departmentName, statusUrl: url } = acknowledgement
  const { name, languages, timeZone } = agency.departments.agency
  const t = translate(agency.locales, language)
  const words = {
    receipt,
    department: departmentName || t('ack.departmentUnknown'),
    url,
    arrived: formatTime(acknowledgement.arrivedAt, language, timeZone),
    agency: inLanguage(name, language, languages[0] ?? 'en')
  }
  return {
    via: 'mail',
    to,
    subject: t('ack.subject', words),
    text: t('ack.text', words),
    headers: {
      'Auto-Submitted': 'auto-replied',
      'X-Auto-Response-Suppress': 'All',
      'Message-ID': acknowledgement.messageId
    },
    replyTo: acknowledgement.replyTo
  }
}

/**
 * An address that mail can be sent to: one mailbox, no display name, within RFC 5321's lengths, in a
 * domain of the public net, which has a dot and ends in letters (RFC 3696); in any script.
 */
export function isMailbox(address: string): boolean {
  const [, domain] = /^[^\s@<>,;:"]{1,64}@([^\s@<>,;:"]{1,255})$/.exec(address) ?? []
  return domain !== undefined && /^(?:[^.]+\.)+[^.]*[a-z][^.]*$/.test(domainToASCII(domain))
}
