import { first, type HeaderFields } from './headers.ts'
import type { Part } from './parts.ts'

export interface Verdict {
  readonly kind: 'message' | 'auto-reply' | 'bounce'
  readonly reason: string
}

export interface Classified {
  readonly fields: HeaderFields
  readonly root: Part
  readonly text: string
  readonly documents: readonly Part[]
  /** MAIL FROM; empty when it was <>, which says that nobody wants an answer; undefined when it is not known. */
  readonly mailFrom: string | undefined
}

type Check = (mail: Classified) => Verdict | undefined

/**
 * Whether a person wrote this mail, or a machine: a delivery report about mail of ours, or an automatic answer to it.
 * A report must say so itself (RFC 6522, 3464, 8098, 5965), or come from nobody (<>) in the words of a known mail server; an automatic answer
 * must be marked as one (RFC 3834). Never by subject or by postmaster@ alone: a bounce shown as a case costs a minute, a letter taken for a
 * bounce is lost.
 */
export function classify(mail: Classified): Verdict {
  for (const check of checks) {
    const verdict = check(mail)
    if (verdict) return verdict
  }
  return { kind: 'message', reason: 'Nothing marks it as written by a machine.' }
}

const checks: readonly Check[] = [reported, failedRecipients, returnedByServer, autoReplied]

const reportType = /^message\/(delivery-status|global-delivery-status|disposition-notification|global-disposition-notification|feedback-report)$/

// A person may attach a report to a mail of theirs; only the whole mail being one, or its coming from a mailer, makes it a report.
function reported(mail: Classified): Verdict | undefined {
  const type = mail.documents.map((part) => part.mediaType).find((entry) => reportType.test(entry))
  const whole = mail.root.mediaType === 'multipart/report' || fromMailer(mail)
  return type && whole ? { kind: 'bounce', reason: `It is a report (${type}) of another mail system.` } : undefined
}

// Exim and Google name the failed recipients in a header.
function failedRecipients(mail: Classified): Verdict | undefined {
  if (!fromMailer(mail) || !mail.fields.has('x-failed-recipients')) return undefined
  return { kind: 'bounce', reason: 'It names failed recipients (X-Failed-Recipients) and comes from a mail server.' }
}

// Old servers write to people: from the mailer itself, and in their own words. postmaster@ is often a person, so it needs the null path.
const returnWords = new RegExp([
  'this is the (qmail-send|mail system|mailer-daemon|postfix|sendmail|exim)', 'this is a permanent error',
  'this message was created automatically by mail delivery',
  'delivery (to the following|has failed|failed|failure)', 'undeliver(able|ed)', 'returned (mail|message|to sender)', 'transcript of session',
  '(could|can|was|has) ?not (be|been)? ?delivered', 'unable to deliver', 'user unknown', 'unknown user', 'no such user', 'mailbox (is )?full',
  'the following address(es)? (had|failed)', 'final delivery', 'message log follows'
].join('|'), 'i')

function returnedByServer(mail: Classified): Verdict | undefined {
  const named = /^(mailer-?daemon|postmaster|mail(er)?[-_.]?(system|delivery)?|mdaemon)$/i.test(fromName(mail.fields))
  if (!named || !fromMailer(mail) || !returnWords.test(mail.text.slice(0, 10_000))) return undefined
  return { kind: 'bounce', reason: 'A mail server returned a message: it comes from the mailer itself, in the words of a delivery notice.' }
}

function fromMailer({ mailFrom, fields }: Classified): boolean {
  return mailFrom === '' || /^mailer-?daemon(@|$)/i.test(mailFrom ?? '') || /^mailer-?daemon$/i.test(fromName(fields))
}

function autoReplied({ fields, mailFrom }: Classified): Verdict | undefined {
  const submitted = first(fields, 'auto-submitted')?.toLowerCase().split(/[;\s]/)[0]
  if (submitted === 'auto-replied') return automatic('it says so itself (Auto-Submitted: auto-replied)')
  const vacation = ['x-autoreply', 'x-autorespond', 'x-vacation'].find((name) => !/^(no|false|0)?$/i.test(first(fields, name) ?? ''))
  if (vacation) return automatic(`it is marked as one (${vacation})`)
  const answers = fields.has('in-reply-to') || fields.has('references')
  if (submitted === 'auto-generated' && answers) return automatic('it was generated as an answer (Auto-Submitted: auto-generated)')
  if (/^auto[_-]reply$/i.test(first(fields, 'precedence') ?? '')) return automatic('it is marked as one (Precedence: auto_reply)')
  // Exchange leaves Auto-Submitted out; its rules mark their answers, and forwards by rule keep a return path.
  return mailFrom === '' && fields.has('x-ms-exchange-inbox-rules-loop') ? automatic('a mailbox rule of Exchange sent it, from nobody') : undefined
}

function automatic(why: string): Verdict {
  return { kind: 'auto-reply', reason: `An automatic answer: ${why}.` }
}

/** The part before the @ of the From address, or the bare word some mailers write there. */
function fromName(fields: HeaderFields): string {
  const from = first(fields, 'from') ?? ''
  return /([^\s<>"@]{1,64})@/.exec(from)?.[1] ?? from.replace(/[<>"]/g, '').trim().slice(0, 64)
}
