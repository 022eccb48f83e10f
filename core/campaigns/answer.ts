/**
 * What staff do about a campaign: answer everybody in it by their own channel, take a letter out,
 * undo a merge.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { storableText } from '../../platform/text/storable.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { Runtime } from '../runtime.ts'
import { isId, newId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { requireReason } from '../line/reasons.ts'
import { enqueueRows } from '../outbox/enqueue.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { countMembers, leaveCampaign, splitCampaign } from './store.ts'

/** Longest answer, in characters: some five pages. */
export const ANSWER_LIMIT = 20_000

/**
 * Queues one text for every member of a campaign, by the channel they wrote by, with a ledger event
 * for each. Their cases stay where they are; whoever serves them closes them. Returns how many get
 * it; the outbound stage sends. The same `answerId` again (a page sent twice) queues nothing more.
 * @throws TEXT_REQUIRED, NOT_FOUND
 */
export async function answerAll(
  { db, queues }: Pick<Runtime, 'db' | 'queues'>,
  campaignId: string,
  text: string,
  actor: string,
  answerId = newId()
): Promise<{ answerId: string; enqueued: number }> {
  const words = storableText(text).trim()
  if (isBlank(words) || words.length > ANSWER_LIMIT) throw new EvenhandError('TEXT_REQUIRED')
  if (!isId(campaignId) || !isId(answerId) || (await countMembers(db, campaignId)) === 0)
    throw new EvenhandError('NOT_FOUND')
  const contactIds = await db
    .transaction()
    .execute((trx) => writeAnswer(trx, answerId, campaignId, words, actor))
  queues.enqueue('outbound', contactIds)
  return { answerId, enqueued: contactIds.length }
}

async function writeAnswer(
  trx: Db,
  answerId: string,
  campaignId: string,
  words: string,
  actor: string
): Promise<string[]> {
  const { numAffectedRows } = await sql`insert into answers (id, campaign_id, text, written_by)
        values (${answerId}, ${campaignId}, ${words}, ${actor})
        on conflict (id) do nothing`.execute(trx)
  if (numAffectedRows === 0n) return []
  const { rows } = await sql<{ contact_id: string; case_id: string | null }>`
    with recursive parts as (select ${campaignId}::uuid as id union select c.id from campaigns c
      join parts on c.merged_into = parts.id), members as (
      ${enqueueRows(sql`select contact_id, ${`answer:${answerId}`}::text from campaign_members
          join parts on parts.id = campaign_id where left_at is null`)} returning contact_id
    ) select members.contact_id, contacts.case_id from members
      join contacts on contacts.id = members.contact_id order by contacts.ordinal`.execute(trx)
  await appendEvents(
    trx,
    rows.map(({ contact_id: contactId, case_id: caseId }) => ({
      kind: 'case.answered',
      caseId: caseId ?? undefined,
      contactId,
      actor,
      data: { answer: answerId, campaign: campaignId }
    }))
  )
  return rows.map(({ contact_id: contactId }) => contactId)
}

/**
 * Takes one letter out of its campaign for good. @throws REASON_REQUIRED; NOT_FOUND if it is in
 * none
 */
export async function takeOut(
  db: Db,
  contactId: string,
  actor: string,
  reason: string
): Promise<void> {
  const why = requireReason(reason)
  await db.transaction().execute(async (trx) => {
    if (!isId(contactId) || !(await leaveCampaign(trx, contactId, actor, why)))
      throw new EvenhandError('NOT_FOUND')
    await appendEvents(trx, [{ kind: 'campaign.left', contactId, actor, data: { reason: why } }])
  })
}

/**
 * Undoes a merge of two campaigns; no machine makes it again. @throws REASON_REQUIRED; NOT_FOUND if
 * it was not merged
 */
export async function split(
  db: Db,
  mergedId: string,
  actor: string,
  reason: string
): Promise<void> {
  const why = requireReason(reason)
  await db.transaction().execute(async (trx) => {
    if (!isId(mergedId) || !(await splitCampaign(trx, mergedId, actor, why)))
      throw new EvenhandError('NOT_FOUND')
    await appendEvents(trx, [
      { kind: 'campaign.split', actor, data: { campaign: mergedId, reason: why } }
    ])
  })
}
