/** Telling the sender: receipts, and what a text asks for, by the channel they came by, within a budget that can only ever stop replies. */
import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { publicUrl } from '../config/settings.ts'
import type { Acknowledgement, Channel, OutboundMessage, Undeliverable } from './channel.ts'
import type { EnvelopeDraft } from './envelope.ts'
import { answerMessage } from './answer-message.ts'
import { asEvenhandError } from './errors.ts'
import type { Ground } from './ground.ts'
import { Mailer } from './mailer.ts'
import type { OutboundKind } from './db/tables.ts'
import { signReplyToken } from './reply-tokens.ts'
import { mayText } from './texts/consent.ts'
import { Texter } from './texts/texter.ts'

/** More than a person needs in a day; two machines answering each other reach it in seconds. */
const REPLIES_PER_ADDRESS_AND_DAY = 20
const MAX_ATTEMPTS = 8
const FIRST_RETRY_SECONDS = 60
/** Sent and recorded together: a process that dies between repeats at most this many, under their first Message-IDs. */
const SET = 20
/** A pause after each full set, in ms: at most 100 replies a second, so that telling people never takes the machine from taking in. */
const BETWEEN_SETS_MS = 200
/** Longer than a mail server may keep us waiting: nodemailer gives up after ten minutes of silence. */
const CLAIM_SECONDS = 900

interface Owed {
  readonly id: string
  readonly contactId: string
  readonly kind: OutboundKind
  readonly attempts: number
  /** When a send was last begun whose end was not recorded. */
  readonly triedAt: Date | null
  readonly channel: string
  readonly receipt: string
  readonly arrivedAt: Date
  readonly department: string | null
  readonly language: string
  readonly earlier: { readonly receipt: string; readonly arrivedAt: string } | null
  /** The agency's own words, for an answer. */
  readonly words: string | null
  readonly to: Pick<EnvelopeDraft, 'sender' | 'evidence' | 'subject'>
}

/** Words that a person wrote to somebody, not a machine's reply. */
function isAnswer(kind: OutboundKind): kind is `answer:${string}` {
  return kind.startsWith('answer:')
}

/** Counted at the first attempt only: a mail server that is down for an hour must not use up what a resident may get. A person's words are not counted: they start no loop. */
function isBudgeted(owed: Owed): boolean {
  return owed.attempts === 0 && !isAnswer(owed.kind)
}

type Outcome = { readonly owed: Owed; readonly state: 'sent' | 'undeliverable' | 'failed' | 'waiting'; readonly reason: string | null; readonly providerId?: string | undefined }

export class Acknowledger {
  readonly #ground: Ground
  readonly #channels: readonly Channel[]
  readonly #mail: Mailer
  readonly #texts: Texter

  constructor(ground: Ground, channels: readonly Channel[]) {
    this.#ground = ground
    this.#channels = channels
    this.#texts = new Texter(ground.settings)
    this.#mail = new Mailer(ground.settings, () => ground.agency().departments.agency)
  }

  /** Sends what is owed to these contacts and due. */
  async acknowledge(contactIds: readonly string[]): Promise<void> {
    for (let from = 0; from < contactIds.length; from += SET) {
      if (from > 0) await new Promise((resolve) => { setTimeout(resolve, BETWEEN_SETS_MS) })
      await this.#serveSet(contactIds.slice(from, from + SET))
    }
  }

  async #serveSet(contactIds: readonly string[]): Promise<void> {
    const owed = await this.#load(contactIds)
    if (owed.length === 0) return
    const composed = owed.map((one) => ({ one, message: this.#tryCompose(one) }))
    const within = await this.#withinBudget(composed.flatMap(({ one, message }) => isBudgeted(one) && 'to' in message ? [message.to] : []))
    await this.#record(await Promise.all(composed.map(({ one, message }) => this.#send(one, message, within))))
  }

  /** Claims what is due, as a settler and the sweep may both have handed it in; a claim whose process died runs out. */
  async #load(contactIds: readonly string[]): Promise<Owed[]> {
    const { rows } = await sql<Owed>`
      with due as (
        select outbound.id, outbound.tried_at from outbound join contacts on contacts.id = outbound.contact_id
        where outbound.contact_id = any(${contactIds}::uuid[]) and outbound.state = 'waiting' and due_at <= now() and contacts.envelope is not null for update of outbound skip locked
      ), claimed as (
        update outbound set due_at = now() + make_interval(secs => ${CLAIM_SECONDS}), tried_at = now() from due where outbound.id = due.id
        returning outbound.id, contact_id, kind, attempts, due.tried_at
      )
      select claimed.id, claimed.contact_id as "contactId", claimed.kind, claimed.attempts, claimed.tried_at as "triedAt", contacts.channel, contacts.receipt, contacts.arrived_at as "arrivedAt",
        cases.department, contacts.envelope ->> 'language' as language,
        case when earlier.id is not null then jsonb_build_object('receipt', earlier.receipt, 'arrivedAt', earlier.arrived_at) end as earlier,
        answers.text as words, jsonb_build_object('sender', contacts.envelope -> 'sender', 'evidence', contacts.envelope -> 'evidence', 'subject', contacts.envelope -> 'subject') as to
      from claimed join contacts on contacts.id = claimed.contact_id left join cases on cases.id = contacts.case_id
        left join text_questions on claimed.kind = 'question' and text_questions.contact_id = claimed.contact_id left join contacts as earlier on earlier.receipt = text_questions.earlier_receipt
        left join answers on claimed.kind = 'answer:' || answers.id`.execute(this.#ground.db)
    return rows
  }

  #tryCompose(owed: Owed): OutboundMessage | Undeliverable | Error {
    try {
      return this.#compose(owed)
    } catch (error) {
      return asEvenhandError(error)
    }
  }

  #compose(owed: Owed): OutboundMessage | Undeliverable {
    const channel = this.#channels.find(({ kind }) => kind === owed.channel)
    if (!channel?.acknowledge) return { undeliverable: 'this channel has no way back to the sender' }
    const subject = owed.to.subject ?? undefined
    const [filled, agency] = [this.#fill(owed), this.#ground.agency()]
    const message = channel.acknowledge(filled, { sender: owed.to.sender, evidence: owed.to.evidence, ...(subject ? { subject } : {}) }, agency)
    return owed.words === null || 'undeliverable' in message ? message : answerMessage(message, owed.words, filled, agency)
  }

  #fill({ receipt, arrivedAt, department, language: spoken, kind, earlier }: Owed): Acknowledgement {
    const { agency, general, departments } = this.#ground.agency().departments
    const language = [spoken, spoken?.split('-')[0], agency.languages[0]!].find((one) => one !== undefined && agency.languages.includes(one))!
    const name = departments.find(({ id }) => id === (department ?? general))?.name ?? {}
    const token = signReplyToken(receipt, this.#ground.secret('reply'))
    const domain = agency.email.split('@')[1]!
    return {
      purpose: isAnswer(kind) ? 'acknowledgement' : kind, ...(earlier ? { earlier: { receipt: earlier.receipt, arrivedAt: new Date(earlier.arrivedAt) } } : {}),
      receipt, arrivedAt, language, departmentName: name[language] ?? Object.values(name)[0] ?? '',
      statusUrl: `${publicUrl(this.#ground.settings)}/r/${receipt}`, replyTo: `reply+${token}@${domain}`, messageId: isAnswer(kind) ? `<a.${kind.slice(7)}.${token}@${domain}>` : `<r.${token}@${domain}>`
    }
  }

  /** Counts these replies against today's budget; answers the addresses that are still within it. */
  async #withinBudget(addresses: string[]): Promise<Set<string>> {
    if (addresses.length === 0) return new Set()
    const hashes = new Map(addresses.map((address) => [address, createHmac('sha256', this.#ground.secret('reply-budget')).update(address.toLowerCase()).digest('hex')]))
    const { rows } = await sql<{ address_hash: string }>`
      with spent as (
        insert into reply_budget (day, address_hash, replies)
        select current_date, hash, count(*) from unnest(${addresses.map((address) => hashes.get(address)!)}::text[]) as hash group by hash order by hash
        on conflict (day, address_hash) do update set replies = reply_budget.replies + excluded.replies
        returning address_hash, replies
      ) select address_hash from spent where replies <= ${REPLIES_PER_ADDRESS_AND_DAY}`.execute(this.#ground.db)
    const allowed = new Set(rows.map((row) => row.address_hash))
    return new Set(addresses.filter((address) => allowed.has(hashes.get(address)!)))
  }

  async #send(owed: Owed, message: OutboundMessage | Undeliverable | Error, within: Set<string>): Promise<Outcome> {
    if (message instanceof Error) return this.#tryLater(owed, message)
    if ('undeliverable' in message) return { owed, state: 'undeliverable', reason: message.undeliverable }
    if (isBudgeted(owed) && !within.has(message.to)) return { owed, state: 'undeliverable', reason: 'this address has had its replies for today' }
    try {
      if (message.via === 'text') return await this.#sendText(owed, message)
      await this.#mail.send(message, { byPerson: isAnswer(owed.kind) })
      return { owed, state: 'sent', reason: null }
    } catch (error) {
      return this.#tryLater(owed, error)
    }
  }

  /** STOP counts up to the moment of sending. */
  async #sendText(owed: Owed, message: OutboundMessage): Promise<Outcome> {
    if (!await mayText(this.#ground.db, message.to)) return { owed, state: 'undeliverable', reason: 'this number asked for no texts' }
    const sent = await this.#texts.send(message, owed.id, owed.triedAt !== null)
    return 'undeliverable' in sent ? { owed, state: 'undeliverable', reason: sent.undeliverable } : { owed, state: 'sent', reason: null, providerId: sent.providerId }
  }

  #tryLater(owed: Owed, error: unknown): Outcome {
    this.#ground.log.warn({ err: asEvenhandError(error), contact: owed.contactId, attempt: owed.attempts + 1 }, 'an acknowledgement could not be sent')
    return owed.attempts + 1 < MAX_ATTEMPTS ? { owed, state: 'waiting', reason: null } : { owed, state: 'failed', reason: 'it failed again and again' }
  }

  async #record(outcomes: Outcome[]): Promise<void> {
    await sql`
      with given as (
        select * from unnest(${outcomes.map(({ owed }) => owed.id)}::uuid[], ${outcomes.map(({ owed }) => owed.contactId)}::uuid[], ${outcomes.map(({ owed }) => owed.kind)}::text[],
          ${outcomes.map(({ state }) => state)}::text[], ${outcomes.map(({ reason }) => reason)}::text[], ${outcomes.map(({ providerId }) => providerId ?? null)}::text[])
          as g (id, contact_id, kind, state, reason, provider_id)
      ), recorded as (
        insert into events (kind, contact_id, actor, data)
        select case when kind in ('acknowledgement', 'receipt-by-text') then 'receipt.' else 'message.' end || case when state = 'sent' then 'sent' else 'not-sent' end, contact_id, 'system:outbound',
          case when kind = 'acknowledgement' then '{}' else jsonb_build_object('as', kind) end || case when reason is null then '{}' else jsonb_build_object('reason', reason) end
        from given where state <> 'waiting'
      )
      -- The carrier's word may have come before the send returned: it stands.
      update outbound set state = case when outbound.delivery_rank > 0 then outbound.state else given.state end, reason = coalesce(given.reason, outbound.reason),
        attempts = outbound.attempts + 1, provider_id = coalesce(outbound.provider_id, given.provider_id), sent_at = coalesce(outbound.sent_at, case when given.state = 'sent' then now() end),
        due_at = now() + make_interval(secs => ${FIRST_RETRY_SECONDS} * 2 ^ outbound.attempts)
      from given where outbound.id = given.id`.execute(this.#ground.db)
  }
}
