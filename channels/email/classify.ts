import { subjectOf } from './evidence.ts'
import { first, type HeaderFields } from './headers.ts'
import {
  ofSystem,
  originalBelow,
  returnSubject,
  returnWords,
  serverAnswer
} from './notice-words.ts'
import type { Part } from './parts.ts'

export interface MailKind {
  readonly kind: 'message' | 'auto-reply' | 'bounce'
  readonly reason: string
}

export interface Classified {
  readonly fields: HeaderFields
  readonly root: Part
  readonly text: string
  readonly documents: readonly Part[]
  /** MAIL FROM. Empty if it was <>, which means that no answer is wanted; undefined if unknown. */
  readonly mailFrom: string | undefined
}

type Check = (mail: Classified) => MailKind | undefined

/**
 * Decides whether a person wrote this mail or a machine did: a delivery report on mail of ours, or
 * an automatic answer to it. A report must declare itself (RFC 6522, 3464, 8098, 5965), or have an
 * empty return path (<>) and the wording of a known mail server. An automatic answer must be marked
 * as one (RFC 3834). The subject or postmaster@ alone is never enough: a bounce shown as a case
 * costs a minute, but a letter mistaken for a bounce is lost.
 */
export function classify(mail: Classified): MailKind {
  for (const check of checks) {
    const verdict = check(mail)
    if (verdict) return verdict
  }
  return { kind: 'message', reason: 'Nothing marks it as written by a machine.' }
}

const checks: readonly Check[] = [
  reported,
  failedRecipients,
  returnedByServer,
  returnedByMailbox,
  notified,
  complained,
  autoReplied
]

const reportType =
  /^message\/(delivery-status|global-delivery-status|disposition-notification|global-disposition-notification|feedback-report)$/

// A person may attach a report to a mail. It counts as a report only if the whole mail is one, or
// if it comes from a mail server or from nobody.
function reported(mail: Classified): MailKind | undefined {
  const type = mail.documents.map((part) => part.mediaType).find((entry) => reportType.test(entry))
  const whole = mail.root.mediaType === 'multipart/report' || fromMailer(mail)
  return type && whole ? bounce(`It is a report (${type}) of another mail system.`) : undefined
}

// Exim and Google name the failed recipients in a header.
function failedRecipients(mail: Classified): MailKind | undefined {
  return fromMailer(mail) && mail.fields.has('x-failed-recipients')
    ? bounce('It names failed recipients (X-Failed-Recipients) and comes from a mail server.')
    : undefined
}

// Old servers send reports from the server's own address in their own words. A person's mail may
// have an empty return path too, by a list or a rule of Exchange.
function returnedByServer(mail: Classified): MailKind | undefined {
  return fromMailer(mail) && isNamedMailer(mail.fields) && saysReturned(mail)
    ? bounce(
        'A mail server returned a message: it comes from the mailer itself, in the words of a delivery notice.'
      )
    : undefined
}

// postmaster@ and no-reply@ with a return path of their own may be persons and newsletters. Their
// notice has to begin with its words, beneath its subject, and to bring back the message or the
// answer of a server; a person who writes about a bounce begins with words of their own.
function returnedByMailbox(mail: Classified): MailKind | undefined {
  const { fields, text, documents } = mail
  if (!ofSystem.test(fromName(fields)) || fields.has('in-reply-to')) return undefined
  const returned =
    documents.some(({ mediaType }) => /^(message|text)\/rfc822(-headers)?$/.test(mediaType)) ||
    serverAnswer.test(text.slice(0, NOTICE)) ||
    originalBelow.test(text.slice(0, NOTICE))
  return returned && returnSubject.test(subjectOf(fields) ?? '') && beginsReturned(text)
    ? bounce('A mail server returned a message: its words, its subject and what it returns say so.')
    : undefined
}

/** Amazon's notices are JSON in a mail of its own. */
function notified({ fields, text }: Classified): MailKind | undefined {
  const from = first(fields, 'from') ?? ''
  if (!/@sns\.amazonaws\.com\b/i.test(from)) return undefined
  return /^\s*\{\s*"notificationType"\s*:\s*"(Bounce|Complaint|Delivery)"/.test(text)
    ? bounce('It is a notice of Amazon about a message that we sent.')
    : undefined
}

/** Hotmail's complaints are older than the format for them (RFC 5965). */
function complained({ fields, documents }: Classified): MailKind | undefined {
  const subject = subjectOf(fields) ?? ''
  return /^\s*complaint about message from \d{1,3}(\.\d{1,3}){3}\s*$/i.test(subject) &&
    documents.some(({ mediaType }) => mediaType === 'message/rfc822')
    ? bounce('It is a complaint that a mail provider passes on, with the message.')
    : undefined
}

/** Characters of a notice that are looked at. */
const NOTICE = 10_000
/** Characters within which a notice says what it is. */
const OPENING = 600

function saysReturned({ fields, text }: Classified): boolean {
  return returnWords.test(text.slice(0, NOTICE)) || returnSubject.test(subjectOf(fields) ?? '')
}

function beginsReturned(text: string): boolean {
  return returnWords.test(text.trimStart().slice(0, OPENING))
}

function fromMailer({ mailFrom, fields }: Classified): boolean {
  return mailFrom === '' || /^mailer-?daemon(@|$)/i.test(mailFrom ?? '') || isDaemon(fields)
}

function isNamedMailer(fields: HeaderFields): boolean {
  return isDaemon(fields) || ofSystem.test(fromName(fields))
}

/** MAILER-DAEMON or nobody, as servers write it: with an address, in brackets, or bare. */
function isDaemon(fields: HeaderFields): boolean {
  const from = (first(fields, 'from') ?? '').slice(0, 200)
  return /^\s*<>\s*$/.test(from) || /mailer-?daemon(?![^\s"<>@])/i.test(from)
}

function bounce(reason: string): MailKind {
  return { kind: 'bounce', reason }
}

function autoReplied({ fields, mailFrom }: Classified): MailKind | undefined {
  const submitted = first(fields, 'auto-submitted')?.toLowerCase().split(/[;\s]/)[0]
  if (submitted === 'auto-replied')
    return automatic('it says so itself (Auto-Submitted: auto-replied)')
  if (/^vacation$/i.test(first(fields, 'x-apple-action') ?? ''))
    return automatic('it is marked as one (X-Apple-Action)')
  const vacation = ['x-autoreply', 'x-autorespond', 'x-vacation'].find(
    (name) => !/^(no|false|0)?$/i.test(first(fields, name) ?? '')
  )
  if (vacation) return automatic(`it is marked as one (${vacation})`)
  const answers = fields.has('in-reply-to') || fields.has('references')
  if (submitted === 'auto-generated' && answers)
    return automatic('it was generated as an answer (Auto-Submitted: auto-generated)')
  if (/^auto[_-]reply$/i.test(first(fields, 'precedence') ?? ''))
    return automatic('it is marked as one (Precedence: auto_reply)')
  // Exchange sets no Auto-Submitted. Its rules mark their answers, and mail forwarded by a rule
  // keeps its return path.
  return mailFrom === '' && fields.has('x-ms-exchange-inbox-rules-loop')
    ? automatic('a mailbox rule of Exchange sent it, from nobody')
    : undefined
}

function automatic(why: string): MailKind {
  return { kind: 'auto-reply', reason: `An automatic answer: ${why}.` }
}

/** The local part of the From address, or the single word that some mail servers write there. */
function fromName(fields: HeaderFields): string {
  const from = first(fields, 'from') ?? ''
  return /([^\s<>"@]{1,64})@/.exec(from)?.[1] ?? from.replace(/[<>"]/g, '').trim().slice(0, 64)
}
