import type { Agency } from '../../config/agency.ts'
import type { Acknowledgement, OutboundMessage, Undeliverable } from '../../core/intake/channel.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import { isMailbox, receiptMail } from '../../core/outbox/receipt-mail.ts'
import { header as headerOf, threadHeaders } from '../../core/outbox/thread-headers.ts'
import { isOfDomains } from './authenticated.ts'
import { domainOf } from '../../platform/text/mail-domain.ts'
import { cut } from './headers.ts'
import type { Through } from './sender.ts'

type Answered = Pick<EnvelopeDraft, 'sender' | 'evidence' | 'subject'>

/** Most characters of a repeated subject, without "Re: ". */
const SUBJECT_LENGTH = 120

/**
 * The receipt as a mail, or why none may be sent. By RFC 3834 it never answers automatic mail,
 * lists, empty return paths or ourselves; it goes to the return path if known, and is marked as
 * automatic. Nothing of the mail is repeated, because anybody can write in another's name and would
 * have us deliver their words. Only if our own mail server found that the mail came from that
 * address's domain, the answer has a short form of its subject. Even then not if the subject holds
 * a long number, which may be a social security or account number and would be sent in clear text.
 */
export function acknowledge(
  acknowledgement: Acknowledgement,
  to: Answered,
  agency: Agency
): OutboundMessage | Undeliverable {
  const address = answerAddress(to)
  const reason = refusal(address, to, agency)
  if (address === undefined || reason !== undefined)
    return { undeliverable: reason ?? 'The mail names no sender.' }
  const mail = receiptMail(address, acknowledgement, agency)
  const subject = isOfDomains(address, to.evidence.authenticated)
    ? subjectFor(to.subject)
    : undefined
  return {
    ...mail,
    subject: subject ?? mail.subject,
    headers: { ...threadHeaders(to), ...mail.headers }
  }
}

/**
 * RFC 3834 section 4: answer to the return path, or to the From address only if the transport gave
 * no return path. If a list or a contact form passed the mail on, the return path is theirs, and
 * the answer goes to the person.
 */
function answerAddress(to: Answered): string | undefined {
  const { mailFrom } = to.evidence
  const address =
    typeof mailFrom === 'string' && throughWhom(to) === undefined ? mailFrom : to.sender.emails[0]
  return address && isMailbox(address) ? address : undefined
}

// Mailbox names of programs and list owners (RFC 3834 section 2, RFC 2142).
const unread = /^(mailer-?daemon|noreply|no-reply|do-?not-?reply|owner-.*|.*-request|.*-owner)@/i

function refusal(address: string | undefined, to: Answered, agency: Agency): string | undefined {
  const through = throughWhom(to)
  if (to.evidence.mailFrom === '' && through !== 'form')
    return 'Nobody wants an answer to this mail: its return path is empty.'
  if (to.evidence['report'] !== undefined) return 'It is a report of a mail system.'
  if (to.sender.emails.length === 0) return 'The mail names no sender.'
  const submitted = header(to, 'auto-submitted')
  const byItself = through === 'form' ? /^auto-replied\b/i : /^(?!no\b)/i
  if (submitted !== undefined && byItself.test(submitted))
    return 'The mail was sent automatically (Auto-Submitted).'
  // Its makers mean by these that a server's own answer is not wanted; a receipt is one.
  if (/\b(all|oof|autoreply)\b/i.test(header(to, 'x-auto-response-suppress') ?? ''))
    return 'The mail asks for no automatic answer (X-Auto-Response-Suppress).'
  if (through === undefined ? isList(to) : through !== 'form' && isBulk(to))
    return 'The mail came through a mailing list.'
  const addresses = [address ?? '', ...to.sender.emails]
  if (addresses.some((entry) => unread.test(entry)))
    return 'The sender is a machine that nobody reads.'
  const own = domainOf(agency.departments.agency.email)
  return addresses.some((entry) => domainOf(entry) === own)
    ? 'The mail came from our own domain.'
    : undefined
}

/**
 * Who stands in the mail's From in place of the person. Only a form was verified when the mail was
 * accepted.
 */
function throughWhom({ evidence }: Answered): Through | undefined {
  const by = (evidence['through'] as { by?: unknown } | undefined)?.by
  return by === 'list' || by === 'form' || by === 'trusted' ? by : undefined
}

function isBulk(to: Answered): boolean {
  return /^(bulk|junk|auto[_-]reply)$/i.test(header(to, 'precedence')?.trim() ?? '')
}

function isList(to: Answered): boolean {
  const listHeaders = ['list-id', 'list-post', 'list-unsubscribe', 'mailing-list']
  return (
    listHeaders.some((name) => header(to, name) !== undefined) ||
    /^(bulk|list|junk|auto[_-]reply)$/i.test(header(to, 'precedence')?.trim() ?? '')
  )
}

function subjectFor(subject: string | undefined): string | undefined {
  const plain = subject?.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  if (!plain || /(\d[\s.\-/]?){8}\d/.test(plain)) return undefined
  return cut(/^re:/i.test(plain) ? plain : `Re: ${plain}`, SUBJECT_LENGTH + 4)
}

function header(to: Answered, name: string): string | undefined {
  return headerOf(to.evidence, name)
}
