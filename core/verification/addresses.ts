/** Addresses that a code can be sent to: those a resident gave in a contact, or types on a page. */
import { recognitionOf } from '../../config/schema.ts'
import type { CodeAddress, CodeWay } from '../intake/address-proofs.ts'
import type { Envelope } from '../envelope.ts'
import type { Runtime } from '../runtime.ts'
import { isMailbox } from '../outbox/receipt-mail.ts'
import { canMail, canText, isSetUp } from '../outbox/set-up.ts'
import { ADDRESS_LIMIT } from '../replies/limits.ts'
import { returnedFor } from '../replies/returned.ts'
import { textNumber, waysOf } from '../replies/ways.ts'

type Configured = Pick<Runtime, 'settings' | 'agency'>

/** Choices on a page; a contact with more addresses is no person's. */
const MOST = 10

/**
 * Addresses of one contact to which a code can be sent. None is sent where the latest message from
 * us did not arrive.
 */
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
    countryOf(configured),
    await returnedFor(db, contactId)
  )
  return ways
    .flatMap(({ way, address, returned }) =>
      !returned && isCodeWay(way) && isSetUp(configured.settings, way) ? [{ way, address }] : []
    )
    .slice(0, MOST)
}

/** A mailbox or a number as it was typed; undefined where it is neither, or nothing is sent there. */
export function addressFrom(configured: Configured, typed: string): CodeAddress | undefined {
  const given = typed.trim()
  if (given.length > ADDRESS_LIMIT) return undefined
  const { settings } = configured
  if (isMailbox(given)) return canMail(settings) ? { way: 'mail', address: given } : undefined
  const number = canText(settings) ? textNumber(given, countryOf(configured)) : undefined
  return number ? { way: 'text', address: number } : undefined
}

function isCodeWay(way: string): way is CodeWay {
  return way === 'mail' || way === 'text'
}

function countryOf({ agency }: Configured): string {
  return recognitionOf(agency().departments).country
}
