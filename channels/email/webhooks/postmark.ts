/**
 * Postmark's webhooks: of mail that comes in, JSON with the mail in `RawEmail`; of mail sent, what
 * became of it. It signs nothing; the address that is entered there holds a password
 * (postmarkapp.com/developer/webhooks).
 */
import { z } from 'zod'
import { readShape } from '../../../platform/http-bodies/json.ts'
import { said } from './body.ts'
import { hasPassword } from './proofs.ts'
import { reportOn } from './reports.ts'
import type { MailService, Posted } from './service.ts'

const schema = z.object({
  MessageID: z.string().min(1).max(200),
  OriginalRecipient: z.string().nullish(),
  From: z.string().nullish(),
  Subject: z.string().nullish(),
  TextBody: z.string().nullish(),
  RawEmail: z.string().nullish(),
  Headers: z.array(z.object({ Name: z.string(), Value: z.string() })).nullish()
})

/** Bounce, delivery and complaint. What we gave for `Metadata` names the mail (core/outbox/mailer.ts). */
const eventSchema = z.object({
  RecordType: z.enum(['Bounce', 'Delivery', 'SpamComplaint']),
  Type: z.string().nullish(),
  Description: z.string().nullish(),
  Details: z.string().nullish(),
  Metadata: z.record(z.string(), z.unknown()).nullish()
})

export const postmark: MailService = {
  id: 'postmark',
  name: 'Postmark',
  // The mail stands in it beside its files in base64.
  factor: 2.6,
  missing:
    'Postmark sent no mail, only what it read in it. Switch on "Include raw email content in JSON payload" in the settings of the inbound stream.',
  read: async (bytes) => read(bytes),
  open: ({ POSTMARK_WEBHOOK_PASSWORD: password }) =>
    password === undefined
      ? undefined
      : {
          whyUnproved: (request) =>
            hasPassword(request, password)
              ? undefined
              : 'The address it was posted to does not hold the password of POSTMARK_WEBHOOK_PASSWORD.'
        }
}

function read(bytes: Uint8Array): Posted | undefined {
  const event = readShape(bytes, eventSchema)
  if (event) return reported(event)
  const posted = readShape(bytes, schema)
  if (!posted) return undefined
  const header = (name: string) =>
    posted.Headers?.find((one) => one.Name.toLowerCase() === name)?.Value
  return {
    event: 'inbound',
    signed: {},
    mail: {
      id: posted.MessageID,
      ...(posted.RawEmail ? { raw: Buffer.from(posted.RawEmail) } : {}),
      recipients: posted.OriginalRecipient ? [posted.OriginalRecipient] : [],
      verdicts: said({ spam: header('x-spam-status'), spf: header('received-spf') }),
      shown: said({ from: posted.From, subject: posted.Subject, text: posted.TextBody })
    }
  }
}

/** Kinds of bounce after which the address is no good (docs: "Bounce types"). */
const lastingTypes = new Set(['HardBounce', 'BadEmailAddress', 'ManuallyDeactivated'])
/** And those that are no failure: the mail is late, or somebody is away. */
const passingTypes = new Set(['Transient', 'AutoResponder', 'AddressChange', 'Subscribe'])

function reported({
  RecordType,
  Type,
  Description,
  Details,
  Metadata
}: z.output<typeof eventSchema>): Posted {
  const outcome = outcomeOf(RecordType, Type ?? '')
  const name = Metadata?.['message-id']
  return {
    event: Type ?? RecordType,
    signed: {},
    reports:
      outcome === undefined
        ? []
        : reportOn([typeof name === 'string' ? name : undefined], {
            outcome,
            answer: Details || Description,
            lasting: lastingTypes.has(Type ?? '')
          })
  }
}

function outcomeOf(
  record: string,
  type: string
): 'failed' | 'delayed' | 'delivered' | 'complaint' | undefined {
  if (record === 'Delivery') return 'delivered'
  if (record === 'SpamComplaint' || type === 'SpamComplaint') return 'complaint'
  if (type === 'Transient') return 'delayed'
  return passingTypes.has(type) ? undefined : 'failed'
}
