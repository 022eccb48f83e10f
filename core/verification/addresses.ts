/** Addresses that a code can be sent to: those a resident gave in a contact, or types on a page. */
import { recognitionOf } from '../../config/schema.ts'
import type { CodeAddress, CodeWay } from '../intake/address-proofs.ts'
import type { Envelope } from '../envelope.ts'
import type { Runtime } from '../runtime.ts'
import { isMailbox } from '../outbox/receipt-mail.ts'
import { canMail, canText } from '../outbox/set-up.ts'
import { ADDRESS_LIMIT } from '../replies/limits.ts'
import { textNumber, waysOf } from '../replies/ways.ts'

type Configured = Pick<Runtime, 'settings' | 'agency'>

/** Choices on a page; a contact with more addresses is no person's. */
const MOST = 10

/** Addresses of one contact, the likeliest first. */
export async function addressesOf(
  { db, ...configured }: Configured & Pick<Runtime, 'db'>,
  contactId: string
): Promise<CodeAddress[]> {
  const contact = await db
    .selectFrom('contacts')
    .select(['channel', 'envelope'])
    .where('id', '=', contactId)
    .executeTakeFirst()
  const envelope = (contact?.envelope ?? undefined) as Envelope | undefined
  const ways = waysOf(
    [{ contactId, channel: contact?.channel ?? '', envelope }],
    countryOf(configured)
  )
  return ways
    .flatMap(({ way, address }) =>
      isCodeWay(way) && (way === 'mail' || takesTexts(configured)) ? [{ way, address }] : []
    )
    .slice(0, MOST)
}

/** A mailbox or a number as it was typed; undefined where it is neither. */
export function addressFrom(configured: Configured, typed: string): CodeAddress | undefined {
  const given = typed.trim()
  if (given.length > ADDRESS_LIMIT) return undefined
  if (isMailbox(given)) return { way: 'mail', address: given }
  const number = takesTexts(configured) ? textNumber(given, countryOf(configured)) : undefined
  return number ? { way: 'text', address: number } : undefined
}

function isCodeWay(way: string): way is CodeWay {
  return way === 'mail' || way === 'text'
}

/** Without an account texts are files; that serves trials only, where mails are files as well. */
function takesTexts({ settings }: Configured): boolean {
  return canText(settings) || !canMail(settings)
}

function countryOf({ agency }: Configured): string {
  return recognitionOf(agency().departments).country
}
