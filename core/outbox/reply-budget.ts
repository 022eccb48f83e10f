/**
 * Limits how many receipts one address gets in a day. The limit only ever stops replies, never
 * intake. It ends loops between two systems that answer each other, also if they use a new address
 * each time. Counts are stored under keyed hashes and made in one statement for a set.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { replyRates } from '../../platform/limits/rates.ts'
import { sign } from '../../platform/signing.ts'

export interface Reply {
  /** A mail address, or a telephone number. */
  readonly to: string
  /** Subject of the message that is answered. */
  readonly subject: string
  readonly text: string
}

interface Budget {
  readonly key: string
  readonly most: number
  /** Why nothing was sent. */
  readonly reason: string
}

/** Every such reason ends with these words; the list of receipts not sent finds them by it. */
export const SPENT = 'had its replies for today'

/** Mailbox names that programs send from. */
const machines =
  /^(crm|erp|tickets?|support|help-?desk|service-?desk|service|desk|info|notif\w*|system|auto\w*|robot|bot|billing|invoices?|cases?|mailer|alerts?|orders?|contact|customer\w*|reply|updates?|forms?|portal|web\w*|daemon)\b/i

/**
 * Phrases of automatic answers, in the languages that come in most. A person who quotes one gets
 * only a few receipts a day, as does everyone at the same domain who quotes one.
 */
const answering = new RegExp(
  [
    '(we|has|have)( have| been)? received your',
    'your (message|request|inquiry|enquiry|e-?mail|ticket) (has been|was) received',
    'thank(s| you) for (contacting|reaching out|your (message|e-?mail|inquiry|enquiry|request))',
    'auto(matic)?[- ]?(reply|response|generated|mated)',
    'out of (the )?office',
    'do not reply',
    'ticket (number|id|#|\\[)',
    '\\[(ref|ticket|case)\\b',
    'hemos recibido su',
    'gracias por (contactar|escribir|su (mensaje|consulta|correo))',
    'respuesta autom[aá]tica',
    'fuera de la oficina',
    'no responda a este',
    'automatische (antwort|r[üu]ckantwort)',
    'vielen dank f[üu]r ihre (nachricht|anfrage)',
    'r[ée]ponse automatique',
    'nous avons bien re[çc]u',
    'resposta autom[áa]tica',
    'recebemos (a )?sua'
  ].join('|'),
  'i'
)

/** Characters of a text that are searched for such phrases, and hashed to tell texts apart. */
const LOOKED_THROUGH = 2_000

/** The counts that a reply adds to. */
export function budgetsOf({ to, subject, text }: Reply): Budget[] {
  const [local, domain] = mailboxOf(to.toLowerCase())
  const base = {
    key: `address ${baseOf(local)}@${domain}`,
    most: replyRates.perAddress,
    reason: `this address has ${SPENT}`
  }
  if (domain === '') return [base]
  const numbered = local.includes('+') || /\d{5}/.test(local)
  const shape = `${subject} ${text}`.slice(0, LOOKED_THROUGH)
  return [
    base,
    ...(numbered
      ? [
          {
            key: `family ${familyOf(local)}@${domain}`,
            most: replyRates.perFamily,
            reason: `the family of numbered addresses it came from has ${SPENT}`
          }
        ]
      : []),
    ...(numbered || machines.test(local)
      ? [
          {
            key: `text ${domain} ${shapeOf(shape)}`,
            most: replyRates.perSameText,
            reason: `the program that sends this text from many addresses has ${SPENT}`
          }
        ]
      : []),
    ...(answering.test(shape)
      ? [
          {
            key: `answers ${domain}`,
            most: replyRates.perAnsweringSystem,
            reason: `the system that answers automatically from this domain has ${SPENT}`
          }
        ]
      : [])
  ]
}

/**
 * The mailbox behind an address that servers rewrite: forwarders (SRS: SRS0=hash=day=domain=local)
 * and senders that sign their return path (BATV: prvs=tag=local). Hash, day and tag change daily.
 */
function mailboxOf(address: string): [local: string, domain: string] {
  const at = address.lastIndexOf('@')
  const [local, domain] = at < 0 ? [address, ''] : [address.slice(0, at), address.slice(at + 1)]
  const forwarded =
    /^srs0[=+-][^=]+=[^=]+=([^=]+)=(.+)$/.exec(local) ??
    /^srs1[=+-][^=]+=[^=]+==[^=]+=[^=]+=([^=]+)=(.+)$/.exec(local)
  if (forwarded) return [forwarded[2]!, forwarded[1]!]
  return [/^(?:prvs|btv1)=+[^=]+=(.+)$/.exec(local)?.[1] ?? local, domain]
}

/** The local part without "+" and what follows: both forms are one mailbox (RFC 5233). */
function baseOf(local: string): string {
  return local.split('+', 1)[0]! || local
}

function familyOf(local: string): string {
  return baseOf(local).replace(/\d{5,}/g, '#')
}

/** The text without numbers and white space, in which copies of one automatic answer differ. */
function shapeOf(text: string): string {
  return text.toLowerCase().replace(/\d+/g, '#').replace(/\s+/g, ' ').trim()
}

/**
 * Counts these replies in the given order. Returns for each why it may not be sent, or undefined.
 */
export async function spend(
  db: Db,
  secret: Uint8Array,
  replies: readonly Reply[]
): Promise<(string | undefined)[]> {
  if (replies.length === 0) return []
  const budgets = replies.map((reply) =>
    budgetsOf(reply).map((budget) => ({
      ...budget,
      hash: sign(secret, budget.key).toString('hex')
    }))
  )
  const { rows } = await sql<{ address_hash: string; before: number }>`
    insert into reply_budget (day, address_hash, replies)
    select current_date, hash, count(*)
      from unnest(${budgets.flat().map(({ hash }) => hash)}::text[]) as hash group by hash
      order by hash
    on conflict (day, address_hash) do update set replies = reply_budget.replies + excluded.replies
    returning address_hash, replies - (select count(*)
      from unnest(${budgets.flat().map(({ hash }) => hash)}::text[]) as given
      where given = address_hash)::int as before`.execute(db)
  const spent = new Map(rows.map((row) => [row.address_hash, row.before]))
  return budgets.map((own) => reasonOf(own, spent))
}

function reasonOf(
  budgets: readonly (Budget & { readonly hash: string })[],
  spent: Map<string, number>
): string | undefined {
  for (const { hash } of budgets) spent.set(hash, spent.get(hash)! + 1)
  return budgets.find(({ hash, most }) => spent.get(hash)! > most)?.reason
}
