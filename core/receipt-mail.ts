import type { Agency } from '../config/agency.ts'
import type { Acknowledgement, OutboundMessage } from './channel.ts'
import { formatTime, inLanguage, translate } from './pages/language.ts'

/**
 * The receipt as a mail, for every channel that knows an address to send it to. Nothing of what the resident wrote is
 * repeated: the address may be mistyped, or somebody else's. Marked as automatic (RFC 3834).
 */
export function receiptMail(to: string, acknowledgement: Acknowledgement, agency: Agency): OutboundMessage {
  const { language, receipt, departmentName: department, statusUrl: url } = acknowledgement
  const { name, languages, timeZone } = agency.departments.agency
  const t = translate(agency.locales, language)
  const words = { receipt, department, url, arrived: formatTime(acknowledgement.arrivedAt, language, timeZone), agency: inLanguage(name, language, languages[0] ?? 'en') }
  return {
    via: 'mail',
    to,
    subject: t('ack.subject', words),
    text: t('ack.text', words),
    headers: { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All', 'Message-ID': acknowledgement.messageId },
    replyTo: acknowledgement.replyTo
  }
}

/** An address that mail can be sent to: one mailbox, no display name, within RFC 5321's lengths. */
export function isMailbox(address: string): boolean {
  return /^[^\s@<>,;:"]{1,64}@[^\s@<>,;:"]{1,255}$/.test(address)
}
