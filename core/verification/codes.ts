/** Asking for a code and giving it back. Both are bounded per address, per receipt and per code. */
import { sql } from 'kysely'
import { lockNames } from '../../platform/db/advisory-locks.ts'
import type { Db } from '../../platform/db/database.ts'
import { isId, newId } from '../../platform/ids.ts'
import { codeRates } from '../../platform/limits/rates.ts'
import { isSameText, sign } from '../../platform/signing.ts'
import type { AddressProof, AskedCode, CodeRequest } from '../intake/address-proofs.ts'
import { contactEvents } from '../ledger/append.ts'
import { FILED } from '../line/answered.ts'
import { enqueueNotices } from '../outbox/enqueue.ts'
import { codeOf } from '../outbox/proof-tokens.ts'
import type { Runtime } from '../runtime.ts'
import { keyOf } from '../replies/ways.ts'
import { addressesOf } from './addresses.ts'

type CodeRuntime = Pick<Runtime, 'db' | 'queues' | 'settings' | 'agency' | 'secret'>

/** A second press within so many seconds sends no second code. */
const SAME_PRESS_SECONDS = 30

/**
 * Has a code sent by the outbox. For reading answers only an address of the contact counts; any
 * other is answered as if the codes were used up.
 */
export async function askForCode(
  runtime: CodeRuntime,
  request: CodeRequest
): Promise<AskedCode | 'spent'> {
  const own = (await addressesOf(runtime, request.contactId)).some(
    (one) => keyOf(one) === keyOf(request)
  )
  if (request.purpose === 'answer' && !own) return 'spent'
  const hash = sign(runtime.secret('address-proof'), countedAs(request.address)).toString('hex')
  const asked = await runtime.db.transaction().execute(async (trx) => {
    await lockNames(trx, 'address', [hash, request.contactId], 'exclusive')
    const before = await pressedBefore(trx, request, hash)
    const proofId = before ?? (await insertProof(trx, { ...request, own, hash }))
    return proofId ? { proofId, sentBefore: before !== undefined } : 'spent'
  })
  if (asked !== 'spent') runtime.queues.enqueue('outbound', [request.contactId])
  return asked
}

/** Without "+" and what follows: both forms are one mailbox (RFC 5233). */
function countedAs(address: string): string {
  return `address ${address.toLowerCase().replace(/\+[^@]*(?=@)/, '')}`
}

async function pressedBefore(
  trx: Db,
  { contactId, purpose, address }: CodeRequest,
  hash: string
): Promise<string | undefined> {
  const found = await trx
    .selectFrom('address_proofs')
    .select('id')
    .where('contact_id', '=', contactId)
    .where('purpose', '=', purpose)
    .where('address_hash', '=', hash)
    .where('address', '=', address)
    .where('tries', '=', 0)
    .where('proved_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .where('asked_at', '>', sql<Date>`now() - make_interval(secs => ${SAME_PRESS_SECONDS})`)
    .executeTakeFirst()
  return found?.id
}

/** Undefined where today's codes are used up. */
async function insertProof(
  trx: Db,
  request: CodeRequest & { readonly own: boolean; readonly hash: string }
): Promise<string | undefined> {
  const id = newId()
  const { contactId, purpose, way, address, language, own, hash } = request
  const { numAffectedRows } = await sql`
    insert into address_proofs (id, contact_id, purpose, way, address, address_hash, own, language,
      expires_at)
    select ${id}::uuid, ${contactId}::uuid, ${purpose}, ${way}, ${address}, ${hash}, ${own},
      ${language}, now() + make_interval(mins => ${codeRates.codeMinutes})
    where (select count(*) from address_proofs where address_hash = ${hash}
        and asked_at > now() - interval '1 day') < ${codeRates.codesPerAddress}
      and (select count(*) from address_proofs where contact_id = ${contactId}
        and asked_at > now() - interval '1 day') < ${codeRates.codesPerReceipt}`.execute(trx)
  if (numAffectedRows === 0n) return undefined
  await enqueueNotices(trx, [{ contactId, kind: `code:${id}` }])
  return id
}

/** A proof of this contact, with the tries that are left. */
export async function findProof(
  db: Db,
  contactId: string,
  proofId: string
): Promise<AddressProof | undefined> {
  if (!isId(proofId)) return undefined
  const { rows } = await sql<AddressProof>`
    select purpose, way, address, case when proved_at is null and expires_at > now()
      then greatest(0, ${codeRates.codeTries} - tries) else 0 end as "triesLeft",
      case when tries = 0 then greatest(0, ceil(${SAME_PRESS_SECONDS}
        - extract(epoch from now() - asked_at)))::int else 0 end as "secondsToNext",
      case when proved_at is null
        then greatest(0, ceil(extract(epoch from expires_at - now())))::int else 0 end
        as "secondsLeft",
      case when outbound.delivery = ${FILED} then 'filed' when outbound.state in ('waiting', 'sent')
        then outbound.state else 'failed' end as sending
    from address_proofs proof left join outbound on outbound.contact_id = proof.contact_id
      and outbound.kind = 'code:' || proof.id
    where proof.id = ${proofId} and proof.contact_id = ${contactId}`.execute(db)
  return rows[0]
}

/**
 * Counts a try before it compares, so that tries at the same time are counted each. A right code
 * counts once.
 */
export async function checkCode(
  { db, secret }: Pick<Runtime, 'db' | 'secret'>,
  { contactId, proofId, code }: { contactId: string; proofId: string; code: string }
): Promise<'right' | 'wrong' | 'over'> {
  if (!isId(proofId)) return 'over'
  const { rows } = await sql<{ tries: number }>`
    update address_proofs set tries = tries + 1 where id = ${proofId}
      and contact_id = ${contactId} and proved_at is null and expires_at > now()
      and tries < ${codeRates.codeTries} returning tries`.execute(db)
  if (!rows[0]) return 'over'
  const isRight = isSameText(code.replace(/\D/g, ''), codeOf(secret('address-proof'), proofId))
  if (isRight) return (await recordProved(db, proofId)) ? 'right' : 'over'
  return rows[0].tries < codeRates.codeTries ? 'wrong' : 'over'
}

/** An address confirmed for updates takes the place of an earlier one of the same kind. */
async function recordProved(db: Db, proofId: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await sql`
      with replaced as (
        update address_proofs set stopped_at = now() from address_proofs proof
        where proof.id = ${proofId} and proof.purpose = 'updates'
          and address_proofs.contact_id = proof.contact_id and address_proofs.way = proof.way
          and address_proofs.told_event is not null and address_proofs.stopped_at is null
        returning address_proofs.contact_id, address_proofs.id
      )
      ${contactEvents(sql`select 'updates.stopped', contact_id, 'system:proofs',
        jsonb_build_object('proof', id) from replaced`)}`.execute(trx)
    const { numAffectedRows } = await sql`
      with proved as (
        update address_proofs set proved_at = now(), told_event = case purpose
          when 'updates' then (select coalesce(max(id), 0) from events) end
        where id = ${proofId} and proved_at is null returning contact_id, id, purpose, way
      )
      ${contactEvents(sql`select case purpose when 'updates' then 'updates.confirmed'
          else 'answer.opened' end, contact_id, 'system:proofs',
        jsonb_build_object('proof', id, 'way', way) from proved`)}`.execute(trx)
    return (numAffectedRows ?? 0n) > 0n
  })
}
