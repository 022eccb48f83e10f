/**
 * Mailgun's routes: a form with the mail in `body-mime` if the address ends in "mime"; and its
 * webhooks: JSON of what became of a mail sent. Both are signed with
 * HMAC-SHA-256 over a time and a token, not over the mail (documentation.mailgun.com, "Securing
 * webhooks", "Receiving messages via HTTP").
 */
import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Ports } from '../../../core/intake/channel.ts'
import { readShape } from '../../../platform/http-bodies/json.ts'
import { isSame, sign } from '../../../platform/signing.ts'
import { readForm, said, type PostedForm } from './body.ts'
import { CLOCK_SLACK_MS, MAILGUN_WINDOW_MS } from './limits.ts'
import { reportOn } from './reports.ts'
import type { MailService, Posted, ServiceDoor } from './service.ts'

export const mailgun: MailService = {
  id: 'mailgun',
  name: 'Mailgun',
  below: ['mime'],
  factor: 1.5,
  missing:
    'Mailgun sent no mail, only what it read in it. Let the route forward to an address that ends in /mime.',
  read,
  open: ({ MAILGUN_SIGNING_KEY: key }, { tokenIsFor }) =>
    key === undefined ? undefined : mailgunDoor(key, tokenIsFor)
}

/** A token counts from a little before its time. */
const REMEMBERED_MS = MAILGUN_WINDOW_MS + CLOCK_SLACK_MS

/** @param now in ms */
export function mailgunDoor(
  key: string,
  tokenIsFor: Ports['tokenIsFor'],
  now: () => number = () => Date.now()
): ServiceDoor {
  return {
    async whyUnproved({ body }, read) {
      const posted = await read()
      const { timestamp = '', token = '', signature = '' } = posted?.signed ?? {}
      if (!isSame(Buffer.from(signature, 'hex'), sign(key, timestamp + token)))
        return "Its signature is not Mailgun's, or it has none."
      const age = now() - Number(timestamp) * 1000
      if (!(age <= MAILGUN_WINDOW_MS && age >= -CLOCK_SLACK_MS))
        return "The time of Mailgun's signature is too long ago, or to come."
      return (await tokenIsFor(`mailgun ${token}`, useOf(posted, body), REMEMBERED_MS))
        ? undefined
        : "Mailgun's signature was used for another mail before."
    }
  }
}

/** The mail, as the form around it differs from try to try. */
function useOf(posted: Posted | undefined, body: Uint8Array): string {
  return hash('sha256', posted?.mail?.raw ?? body)
}

const eventSchema = z.object({
  signature: z.object({ timestamp: z.string(), token: z.string(), signature: z.string() }),
  'event-data': z.object({
    event: z.string().max(100),
    severity: z.string().nullish(),
    reason: z.string().nullish(),
    message: z.object({ headers: z.object({ 'message-id': z.string().nullish() }) }).nullish(),
    'delivery-status': z
      .object({
        message: z.string().nullish(),
        description: z.string().nullish(),
        'enhanced-code': z.string().nullish()
      })
      .nullish()
  })
})

function reported({ signature, 'event-data': said }: z.output<typeof eventSchema>): Posted {
  const outcome = outcomeOf(said.event, said.severity)
  const status = said['delivery-status']
  return {
    event: said.event,
    signed: signature,
    reports: outcome
      ? reportOn([said.message?.headers['message-id']], {
          outcome,
          status: status?.['enhanced-code'],
          answer: status?.message || status?.description,
          lasting: said.reason === 'bounce' || said.reason === 'suppress-bounce'
        })
      : []
  }
}

function outcomeOf(
  event: string,
  severity: string | null | undefined
): 'failed' | 'delayed' | 'delivered' | 'complaint' | undefined {
  if (event === 'failed') return severity === 'temporary' ? 'delayed' : 'failed'
  if (event === 'rejected') return 'failed'
  if (event === 'complained') return 'complaint'
  return event === 'delivered' ? 'delivered' : undefined
}

async function read(bytes: Uint8Array, mediaType: string): Promise<Posted | undefined> {
  if (/^application\/json\b/i.test(mediaType)) {
    const event = readShape(bytes, eventSchema)
    return event && reported(event)
  }
  const form = await readForm(bytes, mediaType)
  if (!form) return undefined
  const recipient = form.text('recipient')
  const isMail = recipient !== undefined && form.text('event') === undefined
  return {
    event: form.text('event') ?? 'route',
    signed: said({
      timestamp: form.text('timestamp'),
      token: form.text('token'),
      signature: form.text('signature')
    }) as Record<string, string>,
    ...(isMail ? { mail: mailOf(form, recipient) } : {})
  }
}

function mailOf(form: PostedForm, recipient: string): NonNullable<Posted['mail']> {
  return {
    ...said({
      id: form.text('token'),
      raw: form.bytes('body-mime'),
      mailFrom: form.text('sender')
    }),
    recipients: recipient.split(',').map((one) => one.trim()),
    verdicts: said({
      spf: form.text('X-Mailgun-Spf'),
      dkim: form.text('X-Mailgun-Dkim-Check-Result'),
      spam: form.text('X-Mailgun-Sflag')
    }),
    shown: said({
      from: form.text('from'),
      subject: form.text('subject'),
      text: form.text('body-plain')
    })
  }
}
