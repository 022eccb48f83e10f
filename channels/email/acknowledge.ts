import type { Agency } from '../../config/agency.ts'
import type { Acknowledgement, OutboundMessage, Undeliverable } from '../../core/channel.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import { isMailbox, receiptMail } from '../../core/receipt-mail.ts'
import { cut } from './headers.ts'

type Answered = Pick<EnvelopeDraft, 'sender' | 'evidence' | 'subject'>

/** Longest subject that is echoed, "Re: " aside. */
const SUBJECT_LENGTH = 120

/**
 * The receipt as an answer by mail, or why none may go. RFC 3834: never to automatic mail, lists, nobody or ourselves; to the return path
 * where one is known; marked as automatic. Nothing of what the resident wrote is repeated but a short subject, and not even that when it holds
 * a long number, which may be a social security or account number and would be sent on in clear text.
 */
export function acknowledge(acknowledgement: Acknowledgement, to: Answered, agency: Agency): OutboundMessage | Undeliverable {
  const address = answerAddress(to)
  const reason = refusal(address, to, agency)
  if (address === undefined || reason !== undefined) return { undeliverable: reason ?? 'The mail names no sender.' }
  const mail = receiptMail(address, acknowledgement, agency)
  return { ...mail, subject: subjectFor(to.subject) ?? mail.subject, headers: { ...threadHeaders(to), ...mail.headers } }
}

/** RFC 3834 section 4: the return path; the From address only where the transport told us none. */
function answerAddress({ sender, evidence }: Answered): string | undefined {
  const address = typeof evidence.mailFrom === 'string' ? evidence.mailFrom : sender.emails[0]
  return address && isMailbox(address) ? address : undefined
}

// Mailboxes of machines and list owners (RFC 3834 section 2, RFC 2142).
const unread = /^(mailer-?daemon|noreply|no-reply|do-?not-?reply|owner-.*|.*-request|.*-owner)@/i

function refusal(address: string | undefined, to: Answered, agency: Agency): string | undefined {
  if (to.evidence.mailFrom === '') return 'Nobody wants an answer to this mail: its return path is empty.'
  if (to.sender.emails.length === 0) return 'The mail names no sender.'
  const submitted = header(to, 'auto-submitted')
  if (submitted !== undefined && !/^no\b/i.test(submitted)) return 'The mail was sent automatically (Auto-Submitted).'
  if (isList(to)) return 'The mail came through a mailing list.'
  const addresses = [address ?? '', ...to.sender.emails]
  if (addresses.some((entry) => unread.test(entry))) return 'The sender is a machine that nobody reads.'
  const own = domainOf(agency.departments.agency.email)
  return addresses.some((entry) => domainOf(entry) === own) ? 'The mail came from our own domain.' : undefined
}

function isList(to: Answered): boolean {
  const listHeaders = ['list-id', 'list-post', 'list-unsubscribe', 'mailing-list']
  return listHeaders.some((name) => header(to, name) !== undefined) || /^(bulk|list|junk|auto[_-]reply)$/i.test(header(to, 'precedence')?.trim() ?? '')
}

function threadHeaders(to: Answered): Record<string, string> {
  const answered = messageIds(header(to, 'message-id')).at(0)
  if (!answered) return {}
  // RFC 5322 section 3.6.4: their references, then the message answered; the last ones are enough to thread by.
  const references = [...messageIds(header(to, 'references') ?? header(to, 'in-reply-to')), answered].slice(-10)
  return { 'In-Reply-To': answered, References: [...new Set(references)].join(' ') }
}

function messageIds(value: string | undefined): string[] {
  return value?.match(/<[^<>\s]{1,250}>/g) ?? []
}

function subjectFor(subject: string | undefined): string | undefined {
  const plain = subject?.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  if (!plain || /(\d[\s.\-/]?){8}\d/.test(plain)) return undefined
  return cut(/^re:/i.test(plain) ? plain : `Re: ${plain}`, SUBJECT_LENGTH + 4)
}

function header(to: Answered, name: string): string | undefined {
  const headers = to.evidence.headers as Readonly<Record<string, unknown>> | undefined
  const values = headers?.[name]
  return Array.isArray(values) ? String(values[0]) : undefined
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}
