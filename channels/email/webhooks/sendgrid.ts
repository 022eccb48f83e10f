/**
 * SendGrid's Inbound Parse: a form with the mail in `email`, and MAIL FROM and RCPT TO in
 * `envelope`; and its Event Webhook: a list of what became of mails sent. It is signed (ECDSA over time and body) where a security policy says so; else the
 * address that is entered there holds a password (docs: "Securing your Inbound Parse Webhooks").
 */
import { z } from 'zod'
import { publicKeyOf } from '../../../config/public-key.ts'
import type { ChannelRequest } from '../../../core/intake/channel.ts'
import { jsonBounds, parseJson } from '../../../platform/http-bodies/json.ts'
import { reportOn } from './reports.ts'
import { readForm, said, shapeOfText } from './body.ts'
import { MAX_EVENTS } from './limits.ts'
import { hasPassword, headerOf, isSignedBy } from './proofs.ts'
import type { MailService, Posted } from './service.ts'

const envelopeSchema = z.object({ from: z.string().optional(), to: z.array(z.string()).optional() })

export const sendgrid: MailService = {
  id: 'sendgrid',
  name: 'SendGrid',
  factor: 1.5,
  missing:
    'SendGrid sent no mail, only what it read in it. Switch on "POST the raw, full MIME message" for this host (Settings, Inbound Parse).',
  read,
  open({ SENDGRID_WEBHOOK_PASSWORD: password, SENDGRID_WEBHOOK_PUBLIC_KEY: publicKey }) {
    if (password === undefined && publicKey === undefined) return undefined
    const key = publicKey === undefined ? undefined : publicKeyOf(publicKey)
    return {
      whyUnproved(request) {
        if (key && !isSignedBy(key, 'sha256', signedText(request), signatureOf(request)))
          return "Its signature is not SendGrid's, or it has none (SENDGRID_WEBHOOK_PUBLIC_KEY)."
        return password !== undefined && !hasPassword(request, password)
          ? 'The address it was posted to does not hold the password of SENDGRID_WEBHOOK_PASSWORD.'
          : undefined
      }
    }
  }
}

function signatureOf(request: ChannelRequest): string | undefined {
  return headerOf(request, 'x-twilio-email-event-webhook-signature')
}

function signedText(request: ChannelRequest): Uint8Array {
  const time = headerOf(request, 'x-twilio-email-event-webhook-timestamp') ?? ''
  return Buffer.concat([Buffer.from(time), request.body])
}

async function read(bytes: Uint8Array, mediaType: string): Promise<Posted | undefined> {
  if (/^application\/json\b/i.test(mediaType)) return readEvents(bytes)
  const form = await readForm(bytes, mediaType)
  const envelope = shapeOfText(form?.text('envelope'), envelopeSchema)
  if (!form || !envelope) return undefined
  return {
    event: 'inbound parse',
    signed: {},
    mail: {
      ...said({ raw: form.bytes('email'), mailFrom: envelope.from }),
      recipients: envelope.to ?? [],
      verdicts: said({
        spf: form.text('SPF'),
        dkim: form.text('dkim'),
        spamScore: form.text('spam_score'),
        remoteAddress: form.text('sender_ip')
      }),
      shown: said({
        from: form.text('from'),
        subject: form.text('subject'),
        text: form.text('text')
      })
    }
  }
}

const eventSchema = z.object({
  event: z.string(),
  'smtp-id': z.string().nullish(),
  status: z.string().nullish(),
  reason: z.string().nullish(),
  type: z.string().nullish()
})

const outcomes: Readonly<Record<string, 'failed' | 'delayed' | 'delivered' | 'complaint'>> = {
  delivered: 'delivered',
  deferred: 'delayed',
  bounce: 'failed',
  dropped: 'failed',
  spamreport: 'complaint'
}

/** Twenty values an event, and as many events as it posts at once. */
const eventBounds = { ...jsonBounds, values: MAX_EVENTS * 20 }

/** Its own clicks and openings, and events about what is not ours, are left out. */
function readEvents(bytes: Uint8Array): Posted | undefined {
  const events = listIn(bytes)
  if (!events) return undefined
  const reports = events.flatMap((given) => {
    const { data } = eventSchema.safeParse(given)
    const outcome = data && outcomes[data.event]
    if (!outcome) return []
    // A mail that was blocked may come another time.
    const lasting = data.event === 'bounce' && data.type !== 'blocked'
    return reportOn([data['smtp-id']], {
      outcome,
      status: data.status,
      answer: data.reason,
      lasting
    })
  })
  return { event: 'events', signed: {}, reports }
}

function listIn(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    const list = parseJson(bytes, eventBounds)
    return Array.isArray(list) && list.length <= MAX_EVENTS ? (list as unknown[]) : undefined
  } catch {
    return undefined
  }
}
