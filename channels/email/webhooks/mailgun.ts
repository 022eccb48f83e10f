/**
 * Mailgun's routes: a form with the mail in `body-mime` if the address ends in "mime", signed with
 * HMAC-SHA-256 over a time and a token, not over the mail (documentation.mailgun.com, "Securing
 * webhooks", "Receiving messages via HTTP").
 */
import { hash } from 'node:crypto'
import { isSame, sign } from '../../../platform/signing.ts'
import { readForm, said, type PostedForm } from './body.ts'
import { CLOCK_SLACK_MS, MAILGUN_WINDOW_MS, MAX_TOKENS } from './limits.ts'
import type { MailService, Posted, ServiceDoor } from './service.ts'

export const mailgun: MailService = {
  id: 'mailgun',
  name: 'Mailgun',
  below: ['mime'],
  factor: 1.5,
  missing:
    'Mailgun sent no mail, only what it read in it. Let the route forward to an address that ends in /mime.',
  read,
  open: ({ MAILGUN_SIGNING_KEY: key }) => (key === undefined ? undefined : mailgunDoor(key))
}

/** @param now in ms */
export function mailgunDoor(key: string, now: () => number = () => Date.now()): ServiceDoor {
  const used = new UsedTokens()
  return {
    async whyUnproved({ body }, read) {
      const posted = await read()
      const { timestamp = '', token = '', signature = '' } = posted?.signed ?? {}
      if (!isSame(Buffer.from(signature, 'hex'), sign(key, timestamp + token)))
        return "Its signature is not Mailgun's, or it has none."
      const age = now() - Number(timestamp) * 1000
      if (!(age <= MAILGUN_WINDOW_MS && age >= -CLOCK_SLACK_MS))
        return "The time of Mailgun's signature is too long ago, or to come."
      return used.isFor(token, hash('sha256', posted?.mail?.raw ?? body))
        ? undefined
        : "Mailgun's signature was used for another mail before."
    }
  }
}

/**
 * Which mail a token came with first, as whoever saw one signature could send another mail by it.
 */
class UsedTokens {
  readonly #mails = new Map<string, string>()

  isFor(token: string, mail: string): boolean {
    const first = this.#mails.get(token)
    if (first !== undefined) return first === mail
    this.#mails.set(token, mail)
    if (this.#mails.size > MAX_TOKENS) this.#mails.delete(this.#mails.keys().next().value!)
    return true
  }
}

async function read(bytes: Uint8Array, mediaType: string): Promise<Posted | undefined> {
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
