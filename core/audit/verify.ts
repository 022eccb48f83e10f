/**
 * Replays the ledger from its start: every take is held against the line as it stood then (promise
 * 3). Then tables and ledger are held against each other both ways, and what that cannot show is
 * said.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { checkAccounts } from './accounts.ts'
import { checkCases } from './cases.ts'
import { checkConsents } from './consents.ts'
import { checkContacts } from './contacts.ts'
import { findNotCovered, notProved, type NotCovered } from './coverage.ts'
import { checkDiscards } from './discards.ts'
import { checkLinks } from './links.ts'
import { checkMessages } from './messages.ts'
import { checkReplies } from './replies.ts'
import { checkNumbers } from './numbers.ts'
import { checkPasses } from './passes.ts'
import { checkPlaces } from './places.ts'
import { verifyBatches } from './mailroom.ts'
import { checkTrays } from './trays.ts'
import { checkTriggers } from './triggers.ts'
import { findBehind } from '../../platform/db/sequences.ts'
import { checkSimilar } from './similar.ts'
import { checkUnmarked } from './unmarked.ts'
import type { ServedPast } from '../line/held-cases.ts'
import { LineReplay, type LineEvent, type ReplayResult } from './replay.ts'

export interface AuditReport {
  /**
   * Everything that was looked at agrees. False for a ledger without events: there is nothing to
   * verify.
   */
  readonly ok: boolean
  readonly events: number
  readonly seals: number
  readonly unsealed: number
  readonly takes: number
  readonly overtakes: number
  readonly passes: number
  /** Cases that staff put back at their first place, because a closing was wrong. */
  readonly reopened: number
  /** Ended cases that came back at the place of a later message. */
  readonly cameBack: number
  /**
   * How often somebody ended later cases while holding an earlier one that they gave back, passed
   * over or transferred afterwards; the first of them follow, each with how.
   */
  readonly servedPast: number
  readonly servedPastCases: readonly ServedPast[]
  /** Cases that somebody else gave back for their holder, who had no choice in it. */
  readonly freed: number
  /** Of these, how many after their holder had ended later ones. */
  readonly freedPast: number
  /** Contacts that stand put aside in quarantine, without a case. */
  readonly discarded: number
  readonly notCovered: NotCovered
  readonly notProved: readonly string[]
  readonly problems: string[]
}

type Counted = 'takes' | 'overtakes' | 'passes' | 'reopened' | 'cameBack' | 'freed' | 'freedPast'

const PAGE = 20_000
const PROBLEM_LIMIT = 100

/** Each answers a sentence for everything that does not agree. */
const checks: readonly ((db: Db, limit: number) => Promise<string[]>)[] = [
  checkNumbers,
  checkPlaces,
  checkContacts,
  checkCases,
  checkLinks,
  checkPasses,
  verifyBatches,
  checkTrays,
  checkAccounts,
  checkSimilar,
  checkConsents,
  checkMessages,
  checkReplies,
  checkUnmarked,
  checkTriggers,
  checkSequences
]

async function checkSequences(db: Db): Promise<string[]> {
  return (await findBehind(db)).map(
    ({ sequence, highest }) =>
      `the sequence ${sequence} is behind its table, in which ${highest} is in use: what it numbers is refused until Evenhand is started again`
  )
}

/**
 * Verifies the whole ledger, one department's line after another. Memory grows with the cases of
 * the largest department.
 */
export async function verifyAudit(
  db: Db,
  onProgress: (events: number) => void = () => undefined
): Promise<AuditReport> {
  // One snapshot: between two pages of a ledger in use, an event with a smaller turn than the last
  // one read may be committed.
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((trx) => verifyWithin(trx, onProgress))
}

/**
 * The same within the caller's transaction, which sees one state of the tables from start to end.
 */
export async function verifyWithin(
  db: Db,
  onProgress: (events: number) => void = () => undefined
): Promise<AuditReport> {
  const replays: ReplayResult[] = []
  const departments = await db
    .selectFrom('events')
    .select('department')
    .distinct()
    .where('department', 'is not', null)
    .orderBy('department')
    .execute()
  const { events } = await db
    .selectFrom('events')
    .select(({ fn }) => fn.countAll<string>().as('events'))
    .executeTakeFirstOrThrow()
  let seen = 0
  for (const { department } of departments) {
    const replay = new LineReplay()
    for await (const page of pages(db, department!)) {
      for (const event of page) {
        if (event.department === department) replay.apply(event)
        else replay.left(event)
      }
      onProgress((seen += page.length))
    }
    replays.push(replay.result())
  }
  const discards = await checkDiscards(db, PROBLEM_LIMIT)
  const problems = [...replays.flatMap((replay) => replay.problems), ...discards.problems]
  // One after the other: they share a connection.
  for (const check of checks) problems.push(...(await check(db, PROBLEM_LIMIT)))
  const servedPast = replays.flatMap((replay) => replay.servedPast)
  const total = (what: Counted) => replays.reduce((sum, replay) => sum + replay[what], 0)
  return {
    ok: problems.length === 0 && Number(events) > 0,
    events: Number(events),
    seals: 0,
    unsealed: Number(events),
    takes: total('takes'),
    overtakes: total('overtakes'),
    passes: total('passes'),
    reopened: total('reopened'),
    cameBack: total('cameBack'),
    freed: total('freed'),
    freedPast: total('freedPast'),
    servedPast: servedPast.length,
    servedPastCases: servedPast.slice(0, PROBLEM_LIMIT),
    discarded: discards.discarded,
    notCovered: await findNotCovered(db),
    notProved,
    problems: problems.slice(0, PROBLEM_LIMIT)
  }
}

/** A line's events, and the transfers that left it. */
async function* pages(db: Db, department: string): AsyncGenerator<LineEvent[]> {
  for (let after = '0'; ;) {
    const { rows } = await sql<LineEvent>`
      select id, kind, department, turn, case_id, actor, data from events
      where (department = ${department} or (kind = 'case.transferred'
        and data ->> 'from' = ${department})) and turn > ${after} order by turn
        limit ${PAGE}`.execute(db)
    yield rows
    if (rows.length < PAGE) return
    after = rows.at(-1)!.turn
  }
}
