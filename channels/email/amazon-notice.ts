/**
 * What Amazon SES says became of a mail, in JSON that Amazon SNS posts, or mails: notifications of
 * an identity (`notificationType`) and events of a configuration set (`eventType`)
 * (docs.aws.amazon.com/ses, "Amazon SNS notification contents").
 */
import { z } from 'zod'
import { readShape } from '../../platform/http-bodies/json.ts'
import { isLasting } from './lasting.ts'

const text = z.string().max(2_000)
const recipient = z.object({ status: text.optional(), diagnosticCode: text.optional() })
const schema = z.object({
  notificationType: text.optional(),
  eventType: text.optional(),
  bounce: z
    .object({
      bounceType: text,
      bounceSubType: text.optional(),
      bouncedRecipients: z.array(recipient).optional()
    })
    .optional(),
  mail: z
    .object({
      headers: z.array(z.object({ name: text, value: z.string() })).optional(),
      commonHeaders: z.object({ messageId: text.optional() }).optional()
    })
    .optional()
})
type Notice = z.output<typeof schema>

export interface AmazonNotice {
  readonly outcome: 'failed' | 'delayed' | 'delivered' | 'complaint'
  readonly status?: string
  readonly lasting?: boolean
  /** What names the mail: its own Message-ID, and where answers to it go. */
  readonly names: readonly string[]
}

const outcomes: Readonly<Record<string, AmazonNotice['outcome']>> = {
  Bounce: 'failed',
  Reject: 'failed',
  Delivery: 'delivered',
  DeliveryDelay: 'delayed',
  Complaint: 'complaint'
}

/** Undefined for what is none, and for what says nothing of the delivery: openings, clicks. */
export function readAmazonNotice(json: string): AmazonNotice | undefined {
  const notice = readShape(Buffer.from(json), schema)
  const outcome = outcomes[notice?.notificationType ?? notice?.eventType ?? '']
  if (!notice || !outcome) return undefined
  return { outcome, ...(outcome === 'failed' ? failure(notice) : {}), names: namesOf(notice) }
}

/** A bounce is the last word, also one that Amazon calls transient: it has given up then. */
function failure({ bounce }: Notice): Pick<AmazonNotice, 'status' | 'lasting'> {
  const [first] = bounce?.bouncedRecipients ?? []
  const status = /^[245]\.\d{1,3}\.\d{1,3}$/.exec(first?.status ?? '')?.[0]
  const said = first?.diagnosticCode ?? ''
  return {
    ...(status ? { status } : {}),
    lasting: said || status ? isLasting(status, said, '') : isPermanent(bounce)
  }
}

function isPermanent(bounce: Notice['bounce']): boolean {
  return bounce?.bounceType === 'Permanent'
}

function namesOf({ mail }: Notice): string[] {
  const headers = (mail?.headers ?? [])
    .filter(({ name }) => /^(message-id|reply-to)$/i.test(name))
    .map(({ value }) => value)
  return [...headers, ...(mail?.commonHeaders?.messageId ? [mail.commonHeaders.messageId] : [])]
}
