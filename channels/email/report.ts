import { readAmazonNotice } from './amazon-notice.ts'
import type { HeaderFields } from './headers.ts'
import { isLasting } from './lasting.ts'
import { headerLimits } from './limits.ts'
import type { Part } from './parts.ts'
import { answersNamed, asNamed } from './tokens.ts'

/** A report on the delivery of a mail of ours. */
export interface Report {
  readonly outcome: DeliveryOutcome
  /** Ids of the agency's answers that the report is about. If empty, it is about a receipt. */
  readonly answers: readonly string[]
  /** The status code by RFC 3463 it gives, such as 5.1.1. */
  readonly status?: string
  /** Of a failure: whether the address itself is no good, so that trying again is of no use. */
  readonly lasting?: boolean
}

/** `failed`: it will reach nobody. `unknown`: the report says nothing that we understand. */
export type DeliveryOutcome =
  | 'failed'
  | 'delayed'
  | 'delivered'
  | 'relayed'
  | 'expanded'
  | 'read'
  | 'deleted'
  | 'complaint'
  | 'unknown'

/** Recipients read per report; our mails have one. */
const RECIPIENTS = 100

/**
 * Reads a delivery report (RFC 3464), a read receipt (RFC 8098), a complaint (RFC 5965), or an old
 * server's notice in its own words.
 */
export function reportOf(text: string, documents: readonly Part[], fields: HeaderFields): Report {
  const answers = answersIn(documents)
  for (const part of documents) {
    const found = readReport(part)
    if (found && found.outcome !== 'unknown') return toReport(found, text, answers)
  }
  const amazon = text.startsWith('{') ? amazonReport(text) : undefined
  if (amazon) return amazon
  const outcome = saysDelayed(text) ? 'delayed' : saysFailed(text, fields) ? 'failed' : 'unknown'
  return toReport({ outcome }, text, answers)
}

/** Amazon's notices are JSON, and below it how to have no more of them. */
function amazonReport(text: string): Report | undefined {
  const notice = readAmazonNotice(text.slice(0, text.lastIndexOf('}') + 1))
  if (!notice) return undefined
  const { names, ...said } = notice
  return { ...said, answers: answersNamed(asNamed(names)) }
}

/** What a report says in its fields. */
interface Fields {
  readonly outcome: DeliveryOutcome
  readonly status?: string | undefined
  /** What the other server answered. */
  readonly answer?: string | undefined
}

function toReport(
  { outcome, status, answer = '' }: Fields,
  text: string,
  answers: readonly string[]
): Report {
  return {
    outcome,
    answers,
    ...(status ? { status } : {}),
    ...(outcome === 'failed' ? { lasting: isLasting(status, answer, text) } : {})
  }
}

function readReport({ mediaType, bytes }: Part): Fields | undefined {
  const groups = () => groupsOf(bytes.subarray(0, headerLimits.tokenBytes).toString('latin1'))
  if (/^message\/(global-)?delivery-status$/.test(mediaType)) return deliveryStatus(groups())
  if (/^message\/(global-)?disposition-notification$/.test(mediaType))
    return { outcome: disposition(groups()) }
  if (mediaType !== 'message/feedback-report') return undefined
  return {
    outcome: groups().some((group) =>
      /^(abuse|fraud|virus|opt-out.*)$/i.test(group.get('feedback-type') ?? '')
    )
      ? 'complaint'
      : 'unknown'
  }
}

/** Groups of fields, which are separated by empty lines. */
function groupsOf(source: string): ReadonlyMap<string, string>[] {
  return source
    .replace(/\r\n?/g, '\n')
    .replace(/\n[ \t]+/g, ' ')
    .split(/\n[ \t]*\n/)
    .slice(0, RECIPIENTS)
    .map(
      (group) =>
        new Map(
          group.split('\n').flatMap((line) => {
            const [, name, value] = /^([\w-]{1,60})[ \t]*:(.*)$/.exec(line) ?? []
            return name === undefined ? [] : [[name.toLowerCase(), value!.trim().slice(0, 200)]]
          })
        )
    )
}

/**
 * With several recipients (our mail was passed on), the mail is delivered if one got it, and failed
 * only if no other can still get it.
 */
const order: readonly DeliveryOutcome[] = ['delivered', 'relayed', 'expanded', 'failed', 'delayed']

function deliveryStatus(groups: readonly ReadonlyMap<string, string>[]): Fields {
  const recipients = groups.map((group) => ({
    outcome: actionOf(group),
    status: statusOf(group),
    answer: group.get('diagnostic-code')
  }))
  const outcome =
    order.find((one) => recipients.some((recipient) => recipient.outcome === one)) ?? 'unknown'
  return recipients.find((recipient) => recipient.outcome === outcome) ?? { outcome }
}

/**
 * RFC 3464 section 2.3.3: "failed" means that the server has given up, whatever the class of the
 * status (a delivery that took too long is 4.4.7). Servers that give no action still give a status.
 */
function actionOf(group: ReadonlyMap<string, string>): DeliveryOutcome {
  const action = group
    .get('action')
    ?.toLowerCase()
    .match(/^[a-z]+/)?.[0]
  if (
    action === 'failed' ||
    action === 'delayed' ||
    action === 'delivered' ||
    action === 'relayed' ||
    action === 'expanded'
  )
    return action
  const byClass: Readonly<Record<string, DeliveryOutcome>> = {
    2: 'delivered',
    4: 'delayed',
    5: 'failed'
  }
  return byClass[statusOf(group)?.[0] ?? ''] ?? 'unknown'
}

function statusOf(group: ReadonlyMap<string, string>): string | undefined {
  return /^[245]\.\d{1,3}\.\d{1,3}/.exec(group.get('status') ?? '')?.[0]
}

function disposition(groups: readonly ReadonlyMap<string, string>[]): DeliveryOutcome {
  const said = groups.map((group) => group.get('disposition')).find(Boolean) ?? ''
  const type = /;\s*([a-z]+)/i.exec(said)?.[1]?.toLowerCase()
  const outcomes: Readonly<Record<string, DeliveryOutcome>> = {
    displayed: 'read',
    deleted: 'deleted',
    processed: 'delivered',
    dispatched: 'delivered'
  }
  return outcomes[type ?? ''] ?? 'unknown'
}

/** Phrases of servers (Exim, sendmail, qmail, Exchange) that will try again. */
const delayWords = new RegExp(
  [
    'not yet been delivered',
    'delivery attempts will continue',
    'will (keep|continue|be) (on )?(trying|retr|attempt|to (try|retry|attempt))',
    'warning message only',
    'do not need to resend',
    'will be retried',
    '(delivery|message) (is |has been |was )?(delayed|deferred)',
    'no action is required on your part',
    'could not send message for past'
  ].join('|'),
  'i'
)
const finalWords =
  /permanent|gave up|giving up|given up|(has|have) failed|undeliverable|will not be (retried|delivered)|returned (mail|message|to sender)/i

function saysDelayed(text: string): boolean {
  const head = text.slice(0, 10_000)
  return delayWords.test(head) && !finalWords.test(head)
}

/**
 * A notice without fields means failure, unless its subject says that the mail was delivered or
 * read.
 */
function saysFailed(text: string, fields: HeaderFields): boolean {
  const subject = fields.get('subject')?.[0] ?? ''
  return (
    !/^\s*(read|delivered|relayed|displayed|leído|entregado)\s*:/i.test(subject) &&
    (text !== '' || fields.has('x-failed-recipients'))
  )
}

function answersIn(documents: readonly Part[]): string[] {
  return answersNamed(
    documents.map((part) => part.bytes.subarray(0, headerLimits.tokenBytes).toString('latin1'))
  )
}
