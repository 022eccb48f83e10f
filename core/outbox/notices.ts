/**
 * What goes to addresses of `address_proofs`: the code that shows whose an address is, and updates.
 * Neither holds a word that a resident or an agent wrote. A code is derived as it is sent: it
 * stands in no table, job or log.
 */
import { sql } from 'kysely'
import type { Agency } from '../../config/agency.ts'
import { publicUrl, type Settings } from '../../config/settings.ts'
import type { Db } from '../../platform/db/database.ts'
import { codeRates } from '../../platform/limits/rates.ts'
import { inLanguage, translate, type Translate } from '../../platform/pages/language.ts'
import { viewStatus, type StatusState, type StatusView } from '../contacts/resident-status.ts'
import type { OutboundKind, OutboundMessage, Undeliverable } from '../intake/channel.ts'
import type { CodeWay, ProofPurpose } from '../intake/address-proofs.ts'
import { codeOf, stopToken } from './proof-tokens.ts'
import { segmentsOf } from './text-segments.ts'

export type NoticeKind = Extract<OutboundKind, `code:${string}` | `update:${string}`>

export function isNotice(kind: OutboundKind): kind is NoticeKind {
  return kind.startsWith('code:') || kind.startsWith('update:')
}

/** Which proof asked for the update, up to which event it tells, and whether we wrote meanwhile. */
export function updateKind(proofId: string, event: string, replied: boolean): NoticeKind {
  return `update:${proofId}.${event}${replied ? '.replied' : ''}`
}

interface Proof {
  readonly id: string
  readonly purpose: ProofPurpose
  readonly way: CodeWay
  readonly address: string
  readonly language: string
  readonly receipt: string
  readonly wantsCode: boolean
  readonly wantsUpdates: boolean
}

interface NoticeContext {
  readonly db: Db
  readonly settings: Settings
  readonly agency: Agency
  readonly secret: Uint8Array
}

/** Composed at the moment of sending, so that it says what is so then. */
export async function composeNotice(
  context: NoticeContext,
  kind: NoticeKind
): Promise<OutboundMessage | Undeliverable> {
  const [, what, id, replied] = /^(code|update):([0-9a-f-]{36})(?:\.\d+(\.replied)?)?$/.exec(kind)!
  const proof = await findProof(context.db, id!)
  if (what === 'code')
    return proof?.wantsCode
      ? composeCode(context, proof, kind)
      : { undeliverable: 'the time of this code is over' }
  if (!proof?.wantsUpdates) return { undeliverable: 'nobody wants these updates any more' }
  const view = await viewStatus(context.db, context.agency, proof.receipt)
  const news = view && newsOf(view, proof.language, context.agency, replied !== undefined)
  return news
    ? composeUpdate(context, { ...proof, news }, kind)
    : { undeliverable: 'it is no news any more' }
}

async function findProof(db: Db, id: string): Promise<Proof | undefined> {
  const { rows } = await sql<Proof>`
    select proof.id, purpose, way, address, language, receipt,
      proved_at is null and expires_at > now() as "wantsCode",
      told_event is not null and stopped_at is null as "wantsUpdates"
    from address_proofs proof join contacts on contacts.id = contact_id
    where proof.id = ${id}`.execute(db)
  return rows[0]
}

/** No link and no receipt: before the code came back, the address may be a stranger's. */
function composeCode(
  { agency, secret }: NoticeContext,
  proof: Proof,
  kind: NoticeKind
): OutboundMessage {
  const { t, name } = wordsFor(agency, proof.language)
  const words = { agency: name, code: codeOf(secret, proof.id), minutes: codeRates.codeMinutes }
  if (proof.way === 'text') return textMessage(proof.address, t('code.sms', words))
  return mailMessage(agency, proof, kind, {
    subject: t('code.subject', words),
    text: t(`code.mail.${proof.purpose}`, words)
  })
}

/** States that are told by themselves; in any other only a message of ours is news. */
const told: ReadonlySet<StatusState> = new Set([
  'answered',
  'closed',
  'handed-off',
  'waiting-for-resident'
])

/** The sentences of the status page, and no others. */
function newsOf(
  view: StatusView,
  language: string,
  agency: Agency,
  replied: boolean
): string | undefined {
  const { t, say } = wordsFor(agency, language)
  if (!told.has(view.state)) return replied ? t('update.replied') : undefined
  const state = t(`status.state.${view.state}`, { department: say(view.departmentName) })
  const coming = (view.coming ?? []).map((way) => t(`answer.coming.${way}`))
  return [`${state}.`, ...(view.outcome ? [say(view.outcome)] : []), ...coming].join(' ')
}

/** Carriers charge by part; the fullest wording that fits into two is sent. */
const MOST_SEGMENTS = 2

function composeUpdate(
  { agency, settings, secret }: NoticeContext,
  { news, ...proof }: Proof & { readonly news: string },
  kind: NoticeKind
): OutboundMessage {
  const { t, name } = wordsFor(agency, proof.language)
  const base = publicUrl(settings)
  const stop = `${base}/u/${stopToken(secret, proof.id)}`
  const words = {
    agency: name,
    news,
    stop,
    receipt: proof.receipt,
    url: `${base}/r/${proof.receipt}`
  }
  if (proof.way === 'text') {
    const wordings = ['update.sms', 'update.smsShort', 'update.smsShortest'].map((key) =>
      t(key, words)
    )
    const fits = wordings.find((one) => segmentsOf(one).count <= MOST_SEGMENTS)
    return textMessage(proof.address, fits ?? wordings.at(-1)!)
  }
  return mailMessage(
    agency,
    proof,
    kind,
    { subject: t('update.subject', words), text: t('update.mail', words) },
    // RFC 8058: mail programs stop it by one press, without opening a page.
    { 'List-Unsubscribe': `<${stop}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
  )
}

function wordsFor(
  agency: Agency,
  language: string
): { t: Translate; name: string; say(text: Readonly<Record<string, string>>): string } {
  const { name, languages } = agency.departments.agency
  const say = (text: Readonly<Record<string, string>>) =>
    inLanguage(text, language, languages[0] ?? 'en')
  return { t: translate(agency.locales, language), name: say(name), say }
}

function textMessage(to: string, text: string): OutboundMessage {
  return { via: 'text', to, subject: '', text, headers: {} }
}

function mailMessage(
  agency: Agency,
  { address }: Proof,
  kind: NoticeKind,
  words: { readonly subject: string; readonly text: string },
  headers: Readonly<Record<string, string>> = {}
): OutboundMessage {
  const domain = agency.departments.agency.email.split('@')[1]!
  return {
    via: 'mail',
    to: address,
    ...words,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'Message-ID': `<${kind.replace(':', '.')}@${domain}>`,
      ...headers
    }
  }
}
