/**
 * New looks: who a contact is from is decided again whenever more is known. A look changes only
 * links: never a place in line, a department, or what a person decided. Looking twice changes
 * nothing.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Attempts } from '../../platform/limits/retry-policy.ts'
import type { Log } from '../../platform/logger.ts'
import { askByKeys } from '../matching/looks-due.ts'
import { withoutDecided } from './mentions.ts'
import { changeLinks, staysOwn } from './look-changes.ts'
import { lockPeople, keepOpen, loadMentions, openQuestion, verdictOn } from './recognise-people.ts'
import type { MatchContext, Mention } from './mention.ts'
import { readStanding } from './look-standing.ts'

/**
 * Contacts per transaction. Each costs a few statements if something changes, and none if nothing
 * does.
 */
const AT_ONCE = 100
/** After this many failures a look is given up; new information will ask for it again. */
const looking: Attempts = { attempts: 3 }

export interface LookOptions {
  readonly db: Db
  readonly log: Log
  readonly recognition: () => Promise<MatchContext>
}

/** Looks that an upgrade asked for are due at infinity: they wait until nothing new is due. */
type WhichDue = 'new' | 'all'

/** Looks at due contacts, at most `most`. Returns how many. */
export async function lookAtDue(
  { db, log, recognition }: LookOptions,
  which: WhichDue = 'new',
  most = 10 * AT_ONCE
): Promise<number> {
  let done = 0
  for (
    let ids = await dueNext(db, which);
    ids.length > 0 && done < most;
    ids = await dueNext(db, which)
  ) {
    const context = await recognition()
    await lookAtSome(db, ids, context).catch(async (error: unknown) => {
      log.warn({ err: error }, 'new looks failed; they are tried one by one')
      for (const id of ids) await lookAtOne(db, id, context, log)
    })
    done += ids.length
  }
  return done
}

async function dueNext(db: Db, which: WhichDue): Promise<string[]> {
  const { rows } = await sql<{
    contact_id: string
  }>`select contact_id from looks_due where ${
    which === 'all'
      ? sql`true`
      : sql`asked_at <
      'infinity'`
  } order by asked_at limit ${AT_ONCE}`.execute(db)
  return rows.map((row) => row.contact_id)
}

async function lookAtOne(
  db: Db,
  contactId: string,
  context: MatchContext,
  log: Log
): Promise<void> {
  await sql`update looks_due set attempts = attempts + 1 where contact_id = ${contactId}`.execute(
    db
  )
  await lookAtSome(db, [contactId], context).catch((error: unknown) =>
    log.error({ err: error, contact: contactId }, 'a contact could not be looked at again')
  )
  await sql`delete from looks_due where contact_id = ${contactId}
      and attempts >= ${looking.attempts}`.execute(db)
}

/**
 * Looks at these contacts again; unsettled ones are looked at when they settle. People are locked
 * before the contacts are removed from the list, because settling also adds contacts to the list
 * while it holds people's locks.
 */
function lookAtSome(db: Db, contactIds: readonly string[], context: MatchContext): Promise<void> {
  return db.transaction().execute(async (trx) => {
    const mentions = await withoutDecided(
      trx,
      await loadMentions(trx, await settledOf(trx, contactIds), context)
    )
    await lockPeople(trx, mentions)
    const because = await takeOff(trx, contactIds)
    await lookAgain(
      trx,
      mentions.filter(({ contactId }) => because.has(contactId)),
      because,
      context
    )
  })
}

async function takeOff(trx: Db, contactIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{
    contact_id: string
    because: string
  }>`delete from looks_due where contact_id = any(${contactIds}::uuid[])
      returning contact_id, because`.execute(trx)
  return new Map(rows.map((row) => [row.contact_id, row.because]))
}

async function lookAgain(
  trx: Db,
  mentions: readonly Mention[],
  because: ReadonlyMap<string, string>,
  context: MatchContext
): Promise<void> {
  if (mentions.length === 0) return
  const ids = [...new Set(mentions.map(({ contactId }) => contactId))]
  const { rows, shared } = await openQuestion(trx, mentions)
  const standing = await readStanding(trx, ids)
  const looked = mentions.map((mention, index) => {
    const stands = standing(mention)
    const others = rows[index]!.filter(
      (row) =>
        row.madeFrom !== mention.contactId &&
        !stands.refused.has(String(row.root)) &&
        String(row.root) !== stands.own?.id
    )
    return { mention, stands, verdict: verdictOn(mention, others, shared, context.model) }
  })
  const news: bigint[] = []
  for (const one of looked)
    news.push(...(await changeLinks(trx, one, because.get(one.mention.contactId)!, context)))
  await keepOpen(
    trx,
    looked.filter((one) => !staysOwn(one)).map(({ mention, verdict }) => ({ mention, verdict })),
    context
  )
  await askByKeys(trx, news, 'more is known of somebody on record')
}

async function settledOf(trx: Db, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from contacts where id = any(${ids}::uuid[]) and state = 'settled'
      and kind = 'message' and outcome not in ('auto-reply', 'bounce') order by ordinal`.execute(
    trx
  )
  return rows.map(({ id }) => id)
}
