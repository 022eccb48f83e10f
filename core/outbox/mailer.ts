/** Outgoing mail by MAIL_URL, or as .eml files in DATA_DIR/outbox. */
import { domainOf } from '../../platform/text/mail-domain.ts'
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { createTransport, type Transporter } from 'nodemailer'
import type { Departments } from '../../config/schema.ts'
import type { Settings } from '../../config/settings.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { oneLine } from '../../platform/text/one-line.ts'
import type { OutboundMessage } from '../intake/channel.ts'
import { canMail } from './set-up.ts'

export class Mailer {
  readonly #settings: Settings
  readonly #agency: () => Departments['agency']
  readonly #transport: Transporter
  /** The key that signs by DKIM, read once. */
  readonly #signingKey: string | undefined
  #outboxMade: Promise<unknown> | undefined

  constructor(settings: Settings, agency: () => Departments['agency']) {
    this.#settings = settings
    this.#agency = agency
    this.#transport = settings.MAIL_URL
      ? createTransport(settings.MAIL_URL)
      : createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
    this.#signingKey = settings.MAIL_DKIM_KEY && readKey(settings.MAIL_DKIM_KEY)
  }

  /**
   * Sends one message, or writes it to a file. It is marked as automatic unless the message says that
   * a person wrote it.
   * @throws the transport's error; as far as can be known, nothing was sent then.
   */
  async send(
    message: OutboundMessage,
    { byPerson = false }: { byPerson?: boolean } = {}
  ): Promise<'sent' | 'filed'> {
    const { name, email } = this.#agency()
    const { 'Message-ID': messageId, ...headers } = message.headers
    const address = this.#settings.MAIL_FROM ?? email
    const sent = (await this.#transport.sendMail({
      from: { name: Object.values(name)[0] ?? '', address },
      to: message.to,
      subject: oneLine(message.subject),
      text: message.text,
      headers: { ...headers, ...this.#mark(messageId) },
      ...(message.files
        ? {
            attachments: message.files.map(({ name: filename, mediaType, content }) => ({
              filename,
              contentType: mediaType,
              content: Buffer.from(content)
            }))
          }
        : {}),
      ...(this.#signingKey ? { dkim: this.#signature(address, this.#signingKey) } : {}),
      ...(messageId ? { messageId } : {}),
      ...(message.replyTo ? { replyTo: message.replyTo } : {}),
      // RFC 3834 section 3.3: an automatic reply has an empty return path, so that its own bounce
      // goes nowhere. For a person's mail the bounce comes back to us.
      envelope: { from: byPerson ? address : '', to: message.to }
    })) as { message?: Buffer; messageId: string }
    if (canMail(this.#settings)) return 'sent'
    await this.#file(sent.message!, sent.messageId)
    return 'filed'
  }

  /**
   * Postmark gives a mail an id of its own, and returns in its events what this header holds: at
   * most 80 characters, so that the domain is left out.
   */
  #mark(messageId: string | undefined): Readonly<Record<string, string>> {
    if (!messageId || this.#settings.POSTMARK_WEBHOOK_PASSWORD === undefined) return {}
    return { 'X-PM-Metadata-message-id': messageId.slice(1, messageId.indexOf('@') + 1) }
  }

  /** Signed in the name of the domain that it comes from, as DMARC wants it (RFC 7489). */
  #signature(address: string, privateKey: string) {
    return {
      domainName: domainOf(address),
      keySelector: this.#settings.MAIL_DKIM_SELECTOR!,
      privateKey
    }
  }

  async #file(bytes: Buffer, messageId: string): Promise<void> {
    const outbox = path.join(this.#settings.DATA_DIR, 'outbox')
    this.#outboxMade ??= fs.mkdir(outbox, { recursive: true, mode: 0o700 })
    await this.#outboxMade
    const name = messageId.replace(/[^0-9A-Za-z.-]/g, '').slice(0, 80)
    await fs.writeFile(path.join(outbox, `.${name}`), bytes, { mode: 0o600 })
    await fs.rename(path.join(outbox, `.${name}`), path.join(outbox, `${name}.eml`))
  }
}

/** @throws EvenhandError CONFIG_INVALID, at the start and not at the first mail. */
function readKey(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8')
    createPrivateKey(pem)
    return pem
  } catch (cause) {
    throw new EvenhandError(
      'CONFIG_INVALID',
      `MAIL_DKIM_KEY: ${file} holds no key that can be read`,
      {
        cause
      }
    )
  }
}
