/** What a person does about a campaign: answers everybody in it, each by their own channel; takes a letter out; splits what was merged. */
import { sql } from 'kysely'
import { anyTables, type Db } from '../db/database.ts'
import { storableText } from '../envelope.ts'
import { EvenhandError } from '../errors.ts'
import type { Ground } from '../ground.ts'
import { isId, newId } from '../ids.ts'
import { appendEvents } from '../ledger.ts'
import { requireReason } from '../line/reasons.ts'
import { countMembers, leaveCampaign, splitCampaign } from './store.ts'

/** Longest answer, in characters: some five pages. */
export const ANSWER_LIMIT = 20_000

/**
 * Owes one text to every member of a campaign, each by the channel they wrote by, with an event of its own in the ledger. Their cases
 * stay where they stand: whoever serves them closes them. Answers how many are written to; the sending is the outbound stage's.
 * The same `answerId` again (a page sent twice) is owed once.
 * @throws TEXT_REQUIRED, NOT_FOUND
 */
export async function answerAll({ db, queues }: Pick<Ground, 'db' | 'queues'>, campaignId: string, text: string, actor: string, answerId = newId()): Promise<{ answerId: string; owed: number }> {
  const words = storableText(text).trim()
  if (words === '' || words.length > ANSWER_LIMIT) throw new EvenhandError('TEXT_REQUIRED')
  if (!isId(campaignId) || !isId(answerId) || await countMembers(anyTables(db), campaignId) === 0) throw new EvenhandError('NOT_FOUND')
  const contactIds = await db.transaction().execute((trx) => owe(trx, answerId, campaignId, words, actor))
  queues.hand('outbound', contactIds)
  return { answerId, owed: contactIds.length }
}

async function owe(trx: Db, answerId: string, campaignId: string, words: string, actor: string): Promise<string[]> {
  const { numAffectedRows } = await sql`insert into answers (id, campaign_id, text, written_by) values (${answerId}, ${campaignId}, ${words}, ${actor}) on conflict (id) do nothing`.execute(trx)
  if (numAffectedRows === 0n) return []
  const { rows } = await sql<{ contact_id: string; case_id: string | null }>`
    with recursive parts as (select ${campaignId}::uuid as id union select c.id from campaigns c join parts on c.merged_into = parts.id), owed as (
      insert into outbound (id, contact_id, kind) select gen_random_uuid(), contact_id, ${`answer:${answerId}`} from campaign_members join parts on parts.id = campaign_id where left_at is null
      on conflict do nothing returning contact_id
    ) select owed.contact_id, contacts.case_id from owed join contacts on contacts.id = owed.contact_id order by contacts.ordinal`.execute(trx)
  await appendEvents(trx, rows.map(({ contact_id: contactId, case_id: caseId }) => ({ kind: 'case.answered', caseId: caseId ?? undefined, contactId, actor, data: { answer: answerId, campaign: campaignId } })))
  return rows.map(({ contact_id: contactId }) => contactId)
}

/** Takes one letter out of its campaign, for good. @throws REASON_REQUIRED, NOT_FOUND where it is in none */
export async function takeOut(db: Db, contactId: string, actor: string, reason: string): Promise<void> {
  const why = requireReason(reason)
  await db.transaction().execute(async (trx) => {
    if (!isId(contactId) || !await leaveCampaign(anyTables(trx), contactId, actor, why)) throw new EvenhandError('NOT_FOUND')
    await appendEvents(trx, [{ kind: 'campaign.left', contactId, actor, data: { reason: why } }])
  })
}

/** Undoes a merge of two campaigns; no machine makes it again. @throws REASON_REQUIRED, NOT_FOUND where it was not merged */
export async function split(db: Db, mergedId: string, actor: string, reason: string): Promise<void> {
  const why = requireReason(reason)
  await db.transaction().execute(async (trx) => {
    if (!isId(mergedId) || !await splitCampaign(anyTables(trx), mergedId, actor, why)) throw new EvenhandError('NOT_FOUND')
    await appendEvents(trx, [{ kind: 'campaign.split', actor, data: { campaign: mergedId, reason: why } }])
  })
}
