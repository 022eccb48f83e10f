/**
 * Telling the sender: receipts, and what a text asks for, by the channel they came by, within a
 * budget that can only ever stop replies.
 */
import { findDepartment } from '../../config/departments.ts'
import path from 'node:path'
import { sql } from 'kysely'
import { publicUrl } from '../../config/settings.ts'
import type {
  Acknowledgement,
  AnyChannel,
  OutboundMessage,
  Undeliverable
} from '../intake/channel.ts'
import type { EnvelopeDraft } from '../envelope.ts'
import { answerMessage } from './answer-message.ts'
import { findUndecided, takeBack } from './early-receipts.ts'
import { unpacked } from '../../platform/db/unpacked.ts'
import { asEvenhandError, isOurTrouble } from '../../platform/errors.ts'
import { isLastAttempt, waitAfter, type RetryPolicy } from '../../platform/limits/retry-policy.ts'
import type { Runtime } from '../runtime.ts'
import { refusedForGood } from './refused-mail.ts'
import { spend } from './reply-budget.ts'
import { replyMessage, type ReplyMarks, type WrittenReply } from './reply-message.ts'
import { readAnswerFiles } from './answer-files.ts'
import { Mailer } from './mailer.ts'
import { composeNotice, isNotice } from './notices.ts'
import type { OutboundKind } from '../intake/channel.ts'
import { signReplyToken } from './reply-tokens.ts'
import { mayText } from './text-consent.ts'
import { caseEvents } from '../ledger/append.ts'
import { answerIdIn, FILED } from '../line/answered.ts'
import { dutiesOn } from './duties.ts'
import { textFiler, type SendText } from './send-text.ts'

/**
 * Waits of a minute, doubling: eight tries take two hours. A full disk of ours counts as none, and
 * is waited out at the longest of them.
 */
export const sending: RetryPolicy = { firstWait: 60, factor: 2, longestWait: 7_680, attempts: 8 }
/**
 * Sent and recorded together: a process that dies between repeats at most this many, under their
 * first Message-IDs.
 */
const SET = 20
/**
 * A pause after each full set, in ms: at most 100 replies a second, so that telling people never
 * takes the machine from taking in.
 */
const BETWEEN_SETS_MS = 200
/**
 * Longer than a mail server may keep us waiting: nodemailer gives up after ten minutes of silence.
 */
const CLAIM_SECONDS = 900

interface OutboxEntry {
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
  /** The agency's own words, for an answer to a campaign. */
  readonly words: string | null
  /** A reply to this one contact. */
  readonly reply: (WrittenReply & { readonly files: number }) | null
  readonly to: Pick<EnvelopeDraft, 'sender' | 'evidence' | 'subject' | 'text'>
  /** The contact is not settled yet: its documents are being read, or a person looks at it. */
  readonly early: boolean
}

/** Words that a person wrote to somebody, not a machine's reply. */
function isAnswer(kind: OutboundKind): kind is `answer:${string}` {
  return kind.startsWith('answer:')
}

/**
 * Counted at the first attempt only: a mail server that is down for an hour must not use up what a
 * resident may get. A person's words are not counted: they start no loop. Codes have limits of their
 * own, and who gets updates has asked for them.
 */
function isBudgeted({ attempts, kind }: OutboxEntry): boolean {
  return attempts === 0 && !isAnswer(kind) && !isNotice(kind)
}

interface Composed {
  readonly one: OutboxEntry
  readonly message: OutboundMessage | Undeliverable | Error
}

type Sending = {
  readonly entry: OutboxEntry
  readonly state: 'sent' | 'undeliverable' | 'failed' | 'waiting'
  readonly reason: string | null
  readonly providerId?: string | undefined
  /** It was written to a file: nothing is set up to send it. */
  readonly filed?: boolean
  readonly uncounted?: boolean
}

export class OutboxDispatcher {
  readonly #runtime: Runtime
  readonly #channels: readonly AnyChannel[]
  readonly #mail: Mailer
  readonly #sendByText: SendText
  /** Ends when the last mail with files has been sent. */
  #withFiles: Promise<unknown> = Promise.resolve()

  /** @param sendText how texts are sent; where it is undefined, they are files in DATA_DIR/outbox */
  constructor(runtime: Runtime, channels: readonly AnyChannel[], sendText: SendText | undefined) {
    this.#runtime = runtime
    this.#channels = channels
    this.#sendByText = sendText ?? textFiler(path.join(runtime.settings.DATA_DIR, 'outbox'))
    this.#mail = new Mailer(runtime.settings, () => runtime.agency().departments.agency)
  }

  /** Sends what is owed to these contacts and due. */
  async acknowledge(contactIds: readonly string[]): Promise<void> {
    for (let from = 0; from < contactIds.length; from += SET) {
      if (from > 0)
        await new Promise((resolve) => {
          setTimeout(resolve, BETWEEN_SETS_MS)
        })
      await this.#serveSet(contactIds.slice(from, from + SET))
    }
  }

  async #serveSet(contactIds: readonly string[]): Promise<void> {
    const entries = await this.#load(contactIds)
    const composed = await this.#decided(
      await Promise.all(entries.map(async (one) => ({ one, message: await this.#tryCompose(one) })))
    )
    if (composed.length === 0) return
    const refused = await this.#overBudget(composed)
    await this.#record(
      await Promise.all(
        composed.map(({ one, message }) => this.#send(one, message, refused.get(one.id)))
      )
    )
  }

  /** Without those that only settling can decide: it owes them anew, or not at all. */
  async #decided(composed: Composed[]): Promise<Composed[]> {
    const early = composed.filter(({ one }) => one.early && one.kind === 'acknowledgement')
    const undecided = await findUndecided(
      this.#runtime.db,
      early.map(({ one }) => one.contactId),
      this.#runtime.secret('reply')
    )
    const tooEarly = new Set(
      early
        .filter(({ one, message }) => 'undeliverable' in message || undecided.has(one.contactId))
        .map(({ one }) => one.id)
    )
    await takeBack(this.#runtime.db, [...tooEarly])
    return composed.filter(({ one }) => !tooEarly.has(one.id))
  }

  /**
   * Claims what is due, as a settler and the sweep may both have handed it in; a claim whose
   * process died runs out.
   */
  async #load(contactIds: readonly string[]): Promise<OutboxEntry[]> {
    const { rows } = await sql<OutboxEntry>`
      with due as (
        select outbound.id, outbound.tried_at from outbound
          join contacts on contacts.id = outbound.contact_id
        where outbound.contact_id = any(${contactIds}::uuid[]) and outbound.state = 'waiting'
          and due_at <= now() and (contacts.envelope is not null or outbound.addressee is not null)
          for update of outbound skip locked
      ), claimed as (
        update outbound set due_at = now() + make_interval(secs => ${CLAIM_SECONDS}),
          tried_at = now() from due where outbound.id = due.id
        returning outbound.id, contact_id, kind, attempts, due.tried_at, addressee
      )
      select claimed.id, claimed.contact_id as "contactId", claimed.kind, claimed.attempts,
        claimed.tried_at as "triedAt", contacts.channel, contacts.receipt,
        contacts.arrived_at as "arrivedAt",
        cases.department, letter ->> 'language' as language, contacts.state <> 'settled' as early,
        case when earlier.id is not null then jsonb_build_object('receipt', earlier.receipt,
          'arrivedAt', earlier.arrived_at) end as earlier,
        case when answers.case_id is null then answers.text end as words,
        case when answers.case_id is not null then jsonb_build_object('way', answers.way,
          'address', answers.address, 'language', answers.language, 'subject',
          coalesce(answers.subject, ''), 'words', answers.text, 'files', (select count(*)
            from answer_files where answer_id = answers.id)) end as reply,
        jsonb_build_object('sender', letter -> 'sender', 'evidence',
          letter -> 'evidence', 'subject', letter -> 'subject', 'text', left(letter ->> 'text',
          2000)) as to
      from claimed join contacts on contacts.id = claimed.contact_id cross
        join ${unpacked(sql`coalesce(contacts.envelope, claimed.addressee)`, 'letter')}
        left join cases on cases.id = contacts.case_id
        left join text_questions on claimed.kind = 'question'
          and text_questions.contact_id = claimed.contact_id left
          join contacts as earlier on earlier.receipt = text_questions.earlier_receipt
        left join answers on answers.id = ${answerIdIn(sql`claimed.kind`)}`.execute(
      this.#runtime.db
    )
    return rows
  }

  async #tryCompose(entry: OutboxEntry): Promise<OutboundMessage | Undeliverable | Error> {
    const { db, settings } = this.#runtime
    try {
      if (!isNotice(entry.kind)) return this.#compose(entry)
      const secret = this.#runtime.secret('address-proof')
      return await composeNotice(
        { db, settings, agency: this.#runtime.agency(), secret },
        entry.kind
      )
    } catch (error) {
      return asEvenhandError(error)
    }
  }

  #compose(entry: OutboxEntry): OutboundMessage | Undeliverable {
    const channel = this.#channels.find(({ kind }) => kind === entry.channel)
    if (entry.reply) return this.#composeReply(entry, entry.reply, channel)
    if (!channel?.acknowledge)
      return { undeliverable: 'this channel has no way back to the sender' }
    const subject = entry.to.subject ?? undefined
    const [filled, agency] = [this.#fill(entry), this.#runtime.agency()]
    const message = channel.acknowledge(
      filled,
      { sender: entry.to.sender, evidence: entry.to.evidence, ...(subject ? { subject } : {}) },
      agency
    )
    return entry.words === null || 'undeliverable' in message
      ? message
      : answerMessage(message, entry.words, filled, agency)
  }

  /** Whoever wrote it chose where it goes, so what a channel says of receipts does not count. */
  #composeReply(
    entry: OutboxEntry,
    reply: WrittenReply,
    channel: AnyChannel | undefined
  ): OutboundMessage | Undeliverable {
    const [filled, agency] = [this.#fill(entry), this.#runtime.agency()]
    const { evidence, sender } = entry.to
    const own =
      reply.way === 'text'
        ? channel?.acknowledge?.(filled, { sender, evidence }, agency)
        : undefined
    const from =
      own && 'to' in own && own.via === 'text' && own.to === reply.address ? own.from : undefined
    return replyMessage(reply, filled, { evidence, from }, agency)
  }

  #fill({
    receipt,
    arrivedAt,
    department,
    language: spoken,
    kind,
    earlier
  }: OutboxEntry): Acknowledgement & ReplyMarks {
    const { departments } = this.#runtime.agency()
    const { agency } = departments
    const language = [spoken, spoken?.split('-')[0], agency.languages[0]!].find(
      (one) => one !== undefined && agency.languages.includes(one)
    )!
    const name = findDepartment(departments, department)?.name ?? {}
    const token = signReplyToken(receipt, this.#runtime.secret('reply'))
    const domain = agency.email.split('@')[1]!
    return {
      purpose: isAnswer(kind) ? 'acknowledgement' : kind,
      ...(earlier
        ? { earlier: { receipt: earlier.receipt, arrivedAt: new Date(earlier.arrivedAt) } }
        : {}),
      receipt,
      arrivedAt,
      language,
      departmentName: name[language] ?? Object.values(name)[0] ?? '',
      statusUrl: `${publicUrl(this.#runtime.settings)}/r/${receipt}`,
      replyTo: `reply+${token}@${domain}`,
      messageId: isAnswer(kind)
        ? `<a.${kind.slice(7)}.${token}@${domain}>`
        : `<r.${token}@${domain}>`,
      receiptMessageId: `<r.${token}@${domain}>`
    }
  }

  /** Counts these replies against today's budgets; answers which may not go, and why. */
  async #overBudget(composed: readonly Composed[]): Promise<Map<string, string>> {
    const counted = composed.flatMap(({ one, message }) =>
      isBudgeted(one) && 'to' in message
        ? [{ id: one.id, to: message.to, subject: one.to.subject ?? '', text: one.to.text ?? '' }]
        : []
    )
    const reasons = await spend(this.#runtime.db, this.#runtime.secret('reply-budget'), counted)
    return new Map(
      counted.flatMap(({ id }, index) =>
        reasons[index] === undefined ? [] : [[id, reasons[index]] as const]
      )
    )
  }

  async #send(
    entry: OutboxEntry,
    message: OutboundMessage | Undeliverable | Error,
    refused: string | undefined
  ): Promise<Sending> {
    if (message instanceof Error) return this.#tryLater(entry, message)
    if ('undeliverable' in message)
      return { entry, state: 'undeliverable', reason: message.undeliverable }
    if (refused !== undefined) return { entry, state: 'undeliverable', reason: refused }
    try {
      if (message.via === 'text') return await this.#sendText(entry, message)
      const filed = (await this.#sendMail(entry, message)) === 'filed'
      return { entry, state: 'sent', reason: null, filed }
    } catch (error) {
      const reason = refusedForGood(error)
      return reason === undefined
        ? this.#tryLater(entry, error)
        : { entry, state: 'failed', reason }
    }
  }

  /** Those with files go one after the other, so that one set holds the files of one reply only. */
  async #sendMail(entry: OutboxEntry, message: OutboundMessage): Promise<'sent' | 'filed'> {
    if (!entry.reply?.files) return this.#mail.send(message, { byPerson: isAnswer(entry.kind) })
    const before = this.#withFiles
    const sent = before.then(async () =>
      this.#mail.send(
        { ...message, files: await readAnswerFiles(this.#runtime, entry.kind.slice(7)) },
        { byPerson: true }
      )
    )
    this.#withFiles = sent.catch(() => undefined)
    return sent
  }

  /** STOP counts up to the moment of sending. */
  async #sendText(entry: OutboxEntry, message: OutboundMessage): Promise<Sending> {
    if (!(await mayText(this.#runtime.db, message.to)))
      return { entry, state: 'undeliverable', reason: 'this number asked for no texts' }
    const sent = await this.#sendByText(message, {
      id: entry.id,
      maybeSent: entry.triedAt !== null
    })
    return 'undeliverable' in sent
      ? { entry, state: 'undeliverable', reason: sent.undeliverable }
      : {
          entry,
          state: 'sent',
          reason: null,
          providerId: sent.providerId,
          filed: sent.filed === true
        }
  }

  #tryLater(entry: OutboxEntry, error: unknown): Sending {
    this.#runtime.log.warn(
      { err: asEvenhandError(error), contact: entry.contactId, attempt: entry.attempts + 1 },
      'an acknowledgement could not be sent'
    )
    // A full disk of ours is no failed delivery: it is tried until there is room.
    if (isOurTrouble(asEvenhandError(error)))
      return { entry, state: 'waiting', reason: null, uncounted: true }
    return isLastAttempt(sending, entry.attempts + 1)
      ? { entry, state: 'failed', reason: 'it failed again and again' }
      : { entry, state: 'waiting', reason: null }
  }

  async #record(outcomes: Sending[]): Promise<void> {
    const { opened, openedEvents } = dutiesOn(
      'undelivered',
      sql`select contact_id, kind from written
      where (state in ('undeliverable', 'failed') or filed) and delivery_rank = 0`
    )
    await sql`
      with given as (
        select * from unnest(${outcomes.map(({ entry }) => entry.id)}::uuid[],
          ${outcomes.map(({ entry }) => entry.contactId)}::uuid[],
          ${outcomes.map(({ entry }) => entry.kind)}::text[],
          ${outcomes.map(({ state }) => state)}::text[],
            ${outcomes.map(({ reason }) => reason)}::text[],
            ${outcomes.map(({ providerId }) => providerId ?? null)}::text[],
          ${outcomes.map(({ uncounted }) => (uncounted ? 0 : 1))}::int[],
            ${outcomes.map(({ entry }) => waitAfter(sending, entry.attempts + 1))}::int[],
            ${outcomes.map(({ filed = false }) => filed)}::bool[])
          as g (id, contact_id, kind, state, reason, provider_id, counted, wait, filed)
      ), written as (
        -- The carrier's word may have come before the send returned: it stands, and is in the ledger already.
        update outbound set state = case when outbound.delivery_rank > 0 then outbound.state
          else given.state end, reason = coalesce(given.reason, outbound.reason),
          attempts = outbound.attempts + given.counted, provider_id = coalesce(outbound.provider_id,
            given.provider_id), sent_at = coalesce(outbound.sent_at, case when given.state = 'sent'
            then now() end),
          due_at = now() + make_interval(secs => given.wait), delivery = case when given.filed
            then ${FILED} else outbound.delivery end
        from given where outbound.id = given.id
        returning given.*, outbound.delivery_rank
      ), ${opened}
      ${caseEvents(sql`select case
          when kind in ('acknowledgement', 'receipt-by-text') then 'receipt.'
          else 'message.' end || case when state = 'sent' then 'sent'
          else 'not-sent' end, null::uuid, contact_id, 'system:outbound',
        case when kind = 'acknowledgement' then '{}'
          else jsonb_build_object('as', kind) end || case when reason is null then '{}'
          else jsonb_build_object('reason', reason, 'state', state) end
          || case when filed then '{"filed": true}' else '{}'::jsonb end
      from written where state <> 'waiting' and delivery_rank = 0
      union all ${openedEvents}`)}`.execute(this.#runtime.db)
  }
}
