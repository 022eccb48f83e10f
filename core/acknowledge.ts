/** Telling the sender: one acknowledgement per case, by the channel it came by, within a budget that can only ever stop replies. */
import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { createTransport, type Transporter } from 'nodemailer'
import fs from 'node:fs/promises'
import path from 'node:path'
import { publicUrl } from '../config/settings.ts'
import type { Acknowledgement, Channel, OutboundMessage, Undeliverable } from './channel.ts'
import type { Ground } from './ground.ts'
import { appendEvents } from './ledger.ts'
import { signReplyToken } from './reply-tokens.ts'

/** More than a person needs in a day; two machines answering each other reach it in seconds. */
const REPLIES_PER_ADDRESS_AND_DAY = 20
const MAX_ATTEMPTS = 8
const FIRST_RETRY_SECONDS = 60

interface Owed {
  readonly id: string
  readonly contact_id: string
  readonly attempts: number
}

export class Acknowledger {
  readonly #ground: Ground
  readonly #channels: readonly Channel[]
  readonly #mail: Mailer

  constructor(ground: Ground, channels: readonly Channel[]) {
    this.#ground = ground
    this.#channels = channels
    this.#mail = new Mailer(ground)
  }

  /** Sends what is owed to these contacts and due. A message that went out is never sent again, unless the process died between. */
  async acknowledge(contactIds: readonly string[]): Promise<void> {
    const { db } = this.#ground
    const owed = await db.selectFrom('outbound').select(['id', 'contact_id', 'attempts'])
      .where('contact_id', 'in', [...contactIds]).where('state', '=', 'waiting').where('due_at', '<=', sql<Date>`now()`).execute()
    for (const one of owed) await this.#serve(one)
  }

  async #serve(owed: Owed): Promise<void> {
    const message = await this.#compose(owed.contact_id)
    if ('undeliverable' in message) return this.#conclude(owed, 'undeliverable', message.undeliverable)
    if (!await this.#withinBudget(message.to)) return this.#conclude(owed, 'undeliverable', 'this address has had its replies for today')
    try {
      await this.#mail.send(message)
      await this.#conclude(owed, 'sent', undefined)
    } catch (error) {
      this.#ground.log.warn({ err: error, contact: owed.contact_id, attempt: owed.attempts + 1 }, 'an acknowledgement could not be sent')
      await this.#retryLater(owed)
    }
  }

  async #compose(contactId: string): Promise<OutboundMessage | Undeliverable> {
    const { db, agency } = this.#ground
    const contact = await db.selectFrom('contacts').select(['channel', 'envelope', 'receipt', 'arrived_at', 'case_id']).where('id', '=', contactId).executeTakeFirstOrThrow()
    const channel = this.#channels.find(({ kind }) => kind === contact.channel)
    if (!channel?.acknowledge || !contact.envelope) return { undeliverable: 'this channel has no way back to the sender' }
    const served = await db.selectFrom('cases').select('department').where('id', '=', contact.case_id).executeTakeFirst()
    return channel.acknowledge(this.#fill(contact.receipt, contact.arrived_at, served?.department, contact.envelope.language), contact.envelope, agency())
  }

  #fill(receipt: string, arrivedAt: Date, department: string | undefined, spoken: string): Acknowledgement {
    const { agency, general, departments } = this.#ground.agency().departments
    const language = agency.languages.includes(spoken) ? spoken : agency.languages[0]!
    const name = departments.find(({ id }) => id === (department ?? general))?.name ?? {}
    const token = signReplyToken(receipt, this.#ground.secret('reply'))
    const domain = agency.email.split('@')[1]!
    return {
      receipt, arrivedAt, language, departmentName: name[language] ?? Object.values(name)[0] ?? '',
      statusUrl: `${publicUrl(this.#ground.settings)}/r/${receipt}`, replyTo: `reply+${token}@${domain}`, messageId: `<r.${token}@${domain}>`
    }
  }

  async #withinBudget(address: string): Promise<boolean> {
    const hash = createHmac('sha256', this.#ground.secret('reply-budget')).update(address.toLowerCase()).digest('hex')
    const { rows } = await sql<{ replies: number }>`
      insert into reply_budget (day, address_hash, replies) values (current_date, ${hash}, 1)
      on conflict (day, address_hash) do update set replies = reply_budget.replies + 1 returning replies`.execute(this.#ground.db)
    return rows[0]!.replies <= REPLIES_PER_ADDRESS_AND_DAY
  }

  async #conclude(owed: Owed, state: 'sent' | 'undeliverable' | 'failed', reason: string | undefined): Promise<void> {
    await this.#ground.db.transaction().execute(async (trx) => {
      await trx.updateTable('outbound').set({ state, reason: reason ?? null, attempts: owed.attempts + 1, sent_at: state === 'sent' ? sql`now()` : null }).where('id', '=', owed.id).execute()
      await appendEvents(trx, [{ kind: state === 'sent' ? 'receipt.sent' : 'receipt.not-sent', contactId: owed.contact_id, actor: 'system:outbound', data: reason ? { reason } : {} }])
    })
  }

  async #retryLater(owed: Owed): Promise<void> {
    if (owed.attempts + 1 >= MAX_ATTEMPTS) return this.#conclude(owed, 'failed', 'the mail server refused it again and again')
    await this.#ground.db.updateTable('outbound')
      .set({ attempts: owed.attempts + 1, due_at: sql`now() + make_interval(secs => ${FIRST_RETRY_SECONDS * 2 ** owed.attempts})` }).where('id', '=', owed.id).execute()
  }
}

/** Outgoing mail by MAIL_URL, or as .eml files in DATA_DIR/outbox. */
class Mailer {
  readonly #ground: Ground
  #transport: Transporter | undefined

  constructor(ground: Ground) {
    this.#ground = ground
  }

  async send(message: OutboundMessage): Promise<void> {
    const { settings, agency } = this.#ground
    const { agency: { name, email } } = agency().departments
    this.#transport ??= settings.MAIL_URL ? createTransport(settings.MAIL_URL) : createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
    const { 'Message-ID': messageId, ...headers } = message.headers
    const sent = await this.#transport.sendMail({
      from: { name: Object.values(name)[0] ?? '', address: settings.MAIL_FROM ?? email }, to: message.to, subject: message.subject, text: message.text, headers,
      ...(messageId ? { messageId } : {}), ...(message.replyTo ? { replyTo: message.replyTo } : {}),
      // RFC 3834 §3.3: an automatic reply has a null return path, so that its own bounce ends there.
      envelope: { from: '', to: message.to }
    }) as { message?: Buffer; messageId: string }
    if (!settings.MAIL_URL) await this.#file(sent.message!, sent.messageId)
  }

  async #file(bytes: Buffer, messageId: string): Promise<void> {
    const outbox = path.join(this.#ground.settings.DATA_DIR, 'outbox')
    await fs.mkdir(outbox, { recursive: true, mode: 0o700 })
    const name = messageId.replace(/[^0-9A-Za-z.-]/g, '').slice(0, 80)
    await fs.writeFile(path.join(outbox, `.${name}`), bytes, { mode: 0o600 })
    await fs.rename(path.join(outbox, `.${name}`), path.join(outbox, `${name}.eml`))
  }
}
