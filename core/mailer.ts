/** Outgoing mail by MAIL_URL, or as .eml files in DATA_DIR/outbox. */
import fs from 'node:fs/promises'
import path from 'node:path'
import { createTransport, type Transporter } from 'nodemailer'
import type { Departments } from '../config/schema.ts'
import type { Settings } from '../config/settings.ts'
import type { OutboundMessage } from './channel.ts'

export class Mailer {
  readonly #settings: Settings
  readonly #agency: () => Departments['agency']
  readonly #transport: Transporter
  #outboxMade: Promise<unknown> | undefined

  constructor(settings: Settings, agency: () => Departments['agency']) {
    this.#settings = settings
    this.#agency = agency
    this.#transport = settings.MAIL_URL ? createTransport(settings.MAIL_URL) : createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  }

  /** Sends one message; an automatic one unless it says that a person wrote it. @throws the transport's error; nothing was sent then, as far as can be known. */
  async send(message: OutboundMessage, { byPerson = false }: { byPerson?: boolean } = {}): Promise<void> {
    const { name, email } = this.#agency()
    const { 'Message-ID': messageId, ...headers } = message.headers
    const address = this.#settings.MAIL_FROM ?? email
    const sent = await this.#transport.sendMail({
      from: { name: Object.values(name)[0] ?? '', address }, to: message.to, subject: message.subject, text: message.text, headers,
      ...(messageId ? { messageId } : {}), ...(message.replyTo ? { replyTo: message.replyTo } : {}),
      // RFC 3834 section 3.3: an automatic reply has a null return path, so that its own bounce ends there. A person hears when theirs could not be delivered.
      envelope: { from: byPerson ? address : '', to: message.to }
    }) as { message?: Buffer; messageId: string }
    if (!this.#settings.MAIL_URL) await this.#file(sent.message!, sent.messageId)
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
