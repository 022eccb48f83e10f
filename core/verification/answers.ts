/** The agency's answers, for whoever has just proved an address of the contact. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { isId } from '../../platform/ids.ts'
import { codeRates } from '../../platform/limits/rates.ts'
import { fateOf } from '../contacts/resident-answers.ts'
import { answerIdIn } from '../line/answered.ts'
import type { ReadableAnswer } from '../intake/address-proofs.ts'
import type { Runtime } from '../runtime.ts'

/** Beyond so many a page is no place to read them. */
const MOST = 100

/**
 * Answers to this contact, and those of its case that went to the very address that was proved: a
 * case can hold messages of others, whose answers are theirs, and what a message says of its sender
 * is nobody's proof. Numbers are kept with their country (E.164), so that equal ones are one
 * number's. What did not arrive can be read here all the same; the words of a call, which
 * were for whoever calls, cannot. Latest first; undefined where no proof is open.
 */
export async function readAnswers(
  db: Db,
  contactId: string,
  proofId: string
): Promise<ReadableAnswer[] | undefined> {
  const address = await openedAddress(db, contactId, proofId)
  if (address === undefined) return undefined
  const { rows } = await sql<ReadableAnswer>`
    select answers.id as "answerId", shown_at as "at", ${fateOf('outbound')} as fate,
      standing_case(coalesce(answers.case_id, contacts.case_id)) as "caseId",
      coalesce(answers.subject, '') as subject, answers.text, coalesce((select
        jsonb_agg(jsonb_build_object('position', position, 'name', name) order by position)
        from answer_files where answer_id = answers.id), '[]') as files
    from outbound join answers on answers.id = ${answerIdIn(sql`outbound.kind`)}
      join contacts on contacts.id = outbound.contact_id
      cross join lateral (select coalesce(sent_at, tried_at, written_at) as shown_at) as shown
    where outbound.state in ('sent', 'undeliverable', 'failed')
      and answers.way is distinct from 'call'
      and (outbound.contact_id = ${contactId} or (outbound.contact_id in (
          select other.contact_id from case_contacts own join case_contacts other
            on other.case_id = own.case_id where own.contact_id = ${contactId})
        and answers.way in ('mail', 'text')
        and lower(trim(answers.address)) = lower(trim(${address}))))
    order by shown_at desc, answers.id limit ${MOST}`.execute(db)
  return rows
}

/** A file that went along with one of these answers. */
export async function readAnswerFile(
  { db, blobs }: Pick<Runtime, 'db' | 'blobs'>,
  ids: { readonly contactId: string; readonly proofId: string },
  { answerId, position }: { readonly answerId: string; readonly position: number }
): Promise<{ name: string; mediaType: string; content: Uint8Array } | undefined> {
  const answers = await readAnswers(db, ids.contactId, ids.proofId)
  if (!answers?.some((answer) => answer.answerId === answerId)) return undefined
  const file = await db
    .selectFrom('answer_files')
    .select(['name', 'media_type', 'sha256'])
    .where('answer_id', '=', answerId)
    .where('position', '=', position)
    .executeTakeFirst()
  return (
    file && { name: file.name, mediaType: file.media_type, content: await blobs.get(file.sha256) }
  )
}

async function openedAddress(
  db: Db,
  contactId: string,
  proofId: string
): Promise<string | undefined> {
  if (!isId(proofId)) return undefined
  const found = await db
    .selectFrom('address_proofs')
    .select('address')
    .where('id', '=', proofId)
    .where('contact_id', '=', contactId)
    .where('purpose', '=', 'answer')
    .where('proved_at', '>', sql<Date>`now() - make_interval(mins => ${codeRates.openMinutes})`)
    .executeTakeFirst()
  return found?.address
}
