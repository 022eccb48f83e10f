import type { Agency } from '../../config/agency.ts'
import type { Acknowledgement, OutboundMessage, Undeliverable } from '../../core/channel.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import { formatTime, inLanguage, translate } from '../../core/pages/language.ts'

/**
 * The receipt by mail to the address given in the form, in the words a mail would be answered with. Nothing of what the resident wrote is repeated: the address may be
 * mistyped, or somebody else's.
 */
export function acknowledge(acknowledgement: Acknowledgement, to: Pick<EnvelopeDraft, 'sender'>, agency: Agency): OutboundMessage | Undeliverable {
  const [address] = to.sender.emails
  if (!address) return { undeliverable: 'no address given' }
  if (!/^[^\s@<>,;:"]{1,64}@[^\s@<>,;:"]{1,255}$/.test(address)) return { undeliverable: 'the address given is none that mail can be sent to' }
  const { language, receipt, departmentName: department, statusUrl: url } = acknowledgement
  const { name, languages, timeZone } = agency.departments.agency
  const t = translate(agency.locales, language)
  const words = { receipt, department, url, arrived: formatTime(acknowledgement.arrivedAt, language, timeZone), agency: inLanguage(name, language, languages[0] ?? 'en') }
  return {
    to: address,
    subject: t('ack.email.subject', words),
    text: t('ack.email.text', words),
    headers: { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All', 'Message-ID': acknowledgement.messageId },
    replyTo: acknowledgement.replyTo
  }
}
