/** Outgoing texts by Twilio, or as files in DATA_DIR/outbox where no account is named. */
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Twilio } from 'twilio'
import { publicUrl, type Settings } from '../../config/settings.ts'
import type { OutboundMessage } from '../intake/channel.ts'
import { twilioClient } from '../../platform/providers/twilio/client.ts'

/**
 * Result of sending: the provider's id of the message, that it was written to a file, or a sentence
 * why it can never be sent.
 */
export type Sent =
  | { readonly providerId: string | undefined; readonly filed?: true }
  | { readonly undeliverable: string }

// Error codes of twilio.com/docs/api/errors after which trying again does not help.
const refusals: Readonly<Record<number, string>> = {
  21211: 'The number is none.',
  21214: 'The number cannot be reached.',
  21408: 'The account may not text to that region.',
  21610: 'The person has told the carrier that they want no texts.',
  21612: 'The number cannot be reached from ours.',
  21614: 'The number takes no texts.',
  21617: 'The text is too long.'
}

/** How far back, and among how many, we look for a text that may already have been sent. */
const LOOK_BACK_MS = 24 * 3_600_000
const LOOKED_AT = 50

export class Texter {
  readonly #settings: Settings
  #client: Promise<Twilio | undefined> | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * Sends one text. `id` is our own and makes sending safe to repeat: if the text may already have
   * been sent, the provider is asked for it first.
   * @throws the client's error; whether the text was sent is then unknown
   */
  async send(
    message: OutboundMessage,
    { id, maybeSent }: { readonly id: string; readonly maybeSent: boolean }
  ): Promise<Sent> {
    this.#client ??= twilioClient(this.#settings)
    const client = await this.#client
    if (!client) return this.#file(message, id)
    const before = maybeSent ? await find(client, message) : undefined
    return before
      ? { providerId: before }
      : create(client, message, this.#sender(message), this.#report(id))
  }

  #sender({ from }: OutboundMessage): { messagingServiceSid: string } | { from: string } {
    const { TWILIO_FROM: own } = this.#settings
    if (own?.startsWith('MG') && !from?.includes(':')) return { messagingServiceSid: own }
    // The number of ours that the resident knows comes first: a text from another number would look
    // like a stranger's.
    return { from: from ?? own ?? '' }
  }

  #report(id: string): { statusCallback?: string } {
    const base = publicUrl(this.#settings)
    return base.startsWith('https:') || this.#settings.TWILIO_API_URL.startsWith('http:')
      ? { statusCallback: `${base}/hooks/sms/twilio/status?m=${id}` }
      : {}
  }

  async #file({ to, from, text }: OutboundMessage, id: string): Promise<Sent> {
    const outbox = path.join(this.#settings.DATA_DIR, 'outbox')
    await fs.mkdir(outbox, { recursive: true, mode: 0o700 })
    await fs.writeFile(
      path.join(outbox, `.${id}`),
      `To: ${to}\nFrom: ${from ?? this.#settings.TWILIO_FROM ?? ''}\n\n${text}\n`,
      { mode: 0o600 }
    )
    await fs.rename(path.join(outbox, `.${id}`), path.join(outbox, `${id}.txt`))
    return { providerId: undefined, filed: true }
  }
}

async function create(
  client: Twilio,
  { to, text }: OutboundMessage,
  sender: { messagingServiceSid: string } | { from: string },
  report: { statusCallback?: string }
): Promise<Sent> {
  try {
    const { sid } = await client.messages.create({ to, body: text, ...sender, ...report })
    return { providerId: sid }
  } catch (error) {
    const { code } = error as { code?: unknown }
    const reason = typeof code === 'number' ? refusals[code] : undefined
    if (reason) return { undeliverable: `${reason} (${code as number})` }
    throw error
  }
}

/**
 * Finds a text that we may have sent before the process was killed: same words, same number, within
 * a day. The words hold the receipt, so no other text has them.
 */
async function find(client: Twilio, { to, text }: OutboundMessage): Promise<string | undefined> {
  const sent = await client.messages.list({
    to,
    dateSentAfter: new Date(Date.now() - LOOK_BACK_MS),
    limit: LOOKED_AT
  })
  return sent.find(({ body, direction }) => body === text && direction !== 'inbound')?.sid
}
