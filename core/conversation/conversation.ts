/**
 * A text while an earlier one of the same pair of numbers is open: it has its own place first, and
 * then is asked about. Only an exact answer counts, because a number is not a person; anything else
 * is a message of its own. docs/decisions/0010-a-text-after-a-text.md
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { asEvenhandError } from '../../platform/errors.ts'
import type { Runtime } from '../runtime.ts'
import { joinCase } from '../line/join.ts'
import { enqueueRows } from '../outbox/enqueue.ts'
import { bareWord } from './keywords.ts'
import { converses } from '../intake/channel-conditions.ts'
import { traitsOf } from '../intake/traits.ts'

/** An open case of texts older than this is not asked about: the person will not remember. */
const CONVERSATION_DAYS = 14
/**
 * One question at a time; a person who does not answer it within a day is asked about later texts
 * again.
 */
const QUESTION_HOURS = 24
/** An answer after this long is a message. */
const ANSWER_DAYS = 7

/**
 * Owes a question to texts that have just opened a case while an earlier one is waiting or being
 * served. The caller's transaction settles them.
 */
export async function askAboutEarlier(trx: Db, contactIds: readonly string[]): Promise<void> {
  if (contactIds.length === 0) return
  await sql`
    with asked as (
      insert into text_questions (contact_id, case_id, earlier_case_id, earlier_receipt, person,
        number)
      select distinct on (person, number) later.id, later.case_id, earlier.case_id,
        earlier.receipt, person, number
      from (select id, ordinal, case_id, envelope -> 'evidence' ->> 'from' as person,
        envelope -> 'evidence' ->> 'to' as number
        from contacts where id = any(${contactIds}::uuid[]) and ${converses('channel')}
          and case_id is not null) as later
      cross join lateral (
        select cases.id as case_id, before.receipt from contacts as before
          join cases on cases.id = before.case_id
        where ${converses('before.channel')} and before.envelope -> 'evidence' ->> 'from' = person
          and before.envelope -> 'evidence' ->> 'to' = number and before.ordinal < later.ordinal
          and cases.state in ('waiting', 'taken', 'waiting-for-resident')
            and cases.id <> later.case_id
            and before.arrived_at > now() - make_interval(days => ${CONVERSATION_DAYS})
        order by before.ordinal desc limit 1) as earlier
      where person ~ '^([a-z]+:)?[+][1-9]'
        and not exists (select from text_questions as open where open.person = later.person
          and open.number = later.number and answer is null
          and asked_at > now() - make_interval(hours => ${QUESTION_HOURS}))
      order by person, number, later.ordinal
      on conflict do nothing returning contact_id
    )
    ${enqueueRows(sql`select contact_id, 'question' from asked`, 5)}`.execute(trx)
}

export interface Answer {
  readonly contactId: string
  /** The text that was asked about. */
  readonly askedOf: string
  readonly answer: 'same' | 'new'
  /**
   * The case the answer belongs to: the earlier one, or the later one where it is something new.
   */
  readonly caseId: string
}

/**
 * The word as the question asks for it: 1, 2, or the last four of the earlier receipt (O for 0, I
 * and L for 1 do not matter).
 */
function answerWord(text: string): string | undefined {
  const word = text.length <= 20 ? bareWord(text) : ''
  return /^([12]|[0-9a-z]{4})$/.test(word)
    ? word.replaceAll('o', '0').replace(/[il]/g, '1')
    : undefined
}

/** Which of the texts are exact answers to a question that was sent to their number and is open. */
export async function findAnswers(
  trx: Db,
  texts: readonly { id: string; channel: string; text: string }[]
): Promise<Map<string, Answer>> {
  const words = texts
    .filter(({ channel }) => traitsOf(channel).conversation)
    .flatMap(({ id, text }) => {
      const word = answerWord(text)
      return word ? [{ id, word }] : []
    })
  if (words.length === 0) return new Map()
  const { rows } = await sql<Answer>`
    select given.id as "contactId", question.contact_id as "askedOf", case
      when word = '2' then 'new' else 'same' end as answer,
      case when word = '2' then question.case_id else question.earlier_case_id end as "caseId"
    from unnest(${words.map(({ id }) => id)}::uuid[],
      ${words.map(({ word }) => word)}::text[]) as given (id, word)
      join contacts on contacts.id = given.id
    cross join lateral (
      select * from text_questions where person = contacts.envelope -> 'evidence' ->> 'from'
        and number = contacts.envelope -> 'evidence' ->> 'to' and answer is null
        and asked_at > now() - make_interval(days => ${ANSWER_DAYS}) order by asked_at desc
          limit 1) as question
    where coalesce(jsonb_array_length(contacts.envelope -> 'documents'), 0) = 0
      and (word in ('1', '2') or word = lower(right(question.earlier_receipt, 4)))
      and exists (select from outbound where outbound.contact_id = question.contact_id
        and kind = 'question' and state = 'sent')`.execute(trx)
  return new Map(rows.map((row) => [row.contactId, row]))
}

/**
 * Writes answers down, in the transaction that settles them; the sweep joins the cases, so that a
 * kill in between costs seconds.
 */
export async function closeQuestions(trx: Db, answers: Iterable<Answer>): Promise<void> {
  for (const { askedOf, answer, contactId } of answers) {
    await trx
      .updateTable('text_questions')
      .set({ answer, answered_by: contactId })
      .where('contact_id', '=', askedOf)
      .where('answer', 'is', null)
      .execute()
  }
}

const AT_ONCE = 100

/**
 * Joins the cases whose senders said that they are one; an earlier one that has ended is reopened.
 * What cannot be joined any more stays as it stands, with the reason; one that fails is logged and
 * left for the next round. @throws DATABASE_DOWN
 */
export async function joinAnswered({
  db,
  queues,
  log
}: Pick<Runtime, 'db' | 'queues' | 'log'>): Promise<number> {
  const rows = await db
    .selectFrom('text_questions')
    .select(['contact_id', 'case_id', sql<string>`standing_case(earlier_case_id)`.as('earlier')])
    .where('answer', '=', 'same')
    .where('joined', 'is', null)
    // In any order, so that some that always fail do not stand before the others.
    .orderBy(sql`random()`)
    .limit(AT_ONCE)
    .execute()
  for (const row of rows)
    await joinOne({ db, queues }, row).catch((error: unknown) => {
      if (asEvenhandError(error).code === 'DATABASE_DOWN') throw error
      log.error(
        { err: error, contact: row.contact_id },
        'cases that a sender says are one could not be joined'
      )
    })
  return rows.length
}

async function joinOne(
  runtime: Pick<Runtime, 'db' | 'queues'>,
  row: { contact_id: string; case_id: string; earlier: string }
): Promise<void> {
  const done = await tryJoin(runtime, row.case_id, row.earlier)
  await runtime.db
    .updateTable('text_questions')
    .set({ joined: done })
    .where('contact_id', '=', row.contact_id)
    .execute()
}

async function tryJoin(
  { db, queues }: Pick<Runtime, 'db' | 'queues'>,
  later: string,
  earlier: string
): Promise<string> {
  try {
    const entered = await joinCase(db, {
      laterCaseId: later,
      earlierCaseId: earlier,
      actor: 'system:texts',
      reason: 'The sender answered our question: it is about the earlier text.',
      role: 'follow-up'
    })
    for (const { department, caseId } of entered) queues.issueTickets(department, [caseId])
    return 'joined'
  } catch (error) {
    const known = asEvenhandError(error)
    if (known.status >= 500) throw error
    return known.message
  }
}
