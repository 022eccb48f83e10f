/**
 * Postal's HTTP endpoint in the format "raw message": the mail in base64, signed with the
 * installation's RSA key over the body (docs.postalserver.io, app/senders/http_sender.rb).
 */
import { z } from 'zod'
import { publicKeyOf } from '../../../config/public-key.ts'
import { readShape } from '../../../platform/http-bodies/json.ts'
import { readForm, said, type PostedForm } from './body.ts'
import { headerOf, isSignedBy } from './proofs.ts'
import { reportOn } from './reports.ts'
import type { MailService, Posted } from './service.ts'

const idSchema = z.union([z.number(), z.string()]).transform(String)
const schema = z.object({
  id: idSchema,
  rcpt_to: z.string(),
  mail_from: z.string().nullish(),
  message: z.string().nullish(),
  spam_status: z.string().nullish(),
  from: z.string().nullish(),
  subject: z.string().nullish(),
  plain_body: z.string().nullish()
})
type Message = z.output<typeof schema>

const sentMessage = z.object({ message_id: z.string().nullish() })
const eventSchema = z.object({
  event: z.string().max(100),
  payload: z.object({
    message: sentMessage.nullish(),
    original_message: sentMessage.nullish(),
    details: z.string().nullish(),
    output: z.string().nullish()
  })
})
const outcomes: Readonly<Record<string, 'failed' | 'delayed' | 'delivered'>> = {
  MessageSent: 'delivered',
  MessageDelayed: 'delayed',
  MessageDeliveryFailed: 'failed',
  MessageBounced: 'failed'
}

export const postal: MailService = {
  id: 'postal',
  name: 'Postal',
  // Lines of 60 letters for 45 bytes, whose ends are two characters in JSON and three in a form.
  factor: 1.6,
  missing:
    'Postal sent no mail, only what it read in it. Set the format of the HTTP endpoint to "Receive the raw message".',
  async read(bytes, mediaType) {
    const event = readShape(bytes, eventSchema)
    if (event) return reported(event)
    return postedOf(readShape(bytes, schema) ?? fromForm(await readForm(bytes, mediaType)))
  },
  open({ POSTAL_PUBLIC_KEY: text }) {
    if (text === undefined) return undefined
    const key = publicKeyOf(text)
    return {
      // Before its version 3, Postal signed with SHA-1 only.
      whyUnproved: (request) =>
        isSignedBy(key, 'sha256', request.body, headerOf(request, 'x-postal-signature-256')) ||
        isSignedBy(key, 'sha1', request.body, headerOf(request, 'x-postal-signature'))
          ? undefined
          : "Its signature is not Postal's, or it has none."
    }
  }
}

/** What became of a mail sent (docs: "Webhooks"), signed as mails are. */
function reported({ event, payload }: z.output<typeof eventSchema>): Posted {
  const outcome = outcomes[event]
  const { message, original_message: original, output, details } = payload
  return {
    event,
    signed: {},
    reports: outcome
      ? reportOn([message?.message_id, original?.message_id], {
          outcome,
          answer: output || details
        })
      : []
  }
}

function fromForm(form: PostedForm | undefined): Message | undefined {
  const names = Object.keys(schema.shape)
  return (
    form && schema.safeParse(said(Object.fromEntries(names.map((n) => [n, form.text(n)])))).data
  )
}

function postedOf(message: Message | undefined): Posted | undefined {
  if (!message) return undefined
  return {
    event: 'message',
    signed: {},
    mail: {
      id: message.id,
      ...(message.message ? { raw: Buffer.from(message.message, 'base64') } : {}),
      ...said({ mailFrom: message.mail_from }),
      recipients: [message.rcpt_to],
      verdicts: said({ spam: message.spam_status }),
      shown: said({ from: message.from, subject: message.subject, text: message.plain_body })
    }
  }
}
