/**
 * Telling departments' own systems what happens in their lines: one request at a time for each, in
 * the order of the line, again and again until it is taken. The ledger is the outbox and the cursor
 * moves after the answer, so that a process that is killed repeats its last request and none is
 * left out.
 */
import type { Runtime } from '../runtime.ts'
import type { LineEventRow } from './event.ts'
import { recordFailure, stopLine } from './failures.ts'
import type { Posted } from '../../platform/http-client/post.ts'
import {
  isLastAttempt,
  waitAfter,
  type Attempts,
  type RetryPolicy
} from '../../platform/limits/retry-policy.ts'
import { hookedDepartments, send, type Target } from './send.ts'
import {
  claimLine,
  openLine,
  readNext,
  recordProgress,
  releaseLine,
  type LineClaim
} from './store.ts'

/**
 * Waits between tries, in seconds: 5, 10, 20 … an hour. Time ends them and not their number: see
 * GIVE_UP_MS.
 */
const telling: RetryPolicy = { firstWait: 5, factor: 2, longestWait: 3_600, attempts: Infinity }
/** A receiver that asks for more patience than this is asked again all the same, in seconds. */
const RETRY_AFTER_LIMIT = 86_400
/**
 * An event of which the receiver says that it is wrong, so often: a person decides, and the next
 * ones go on.
 */
const refused: Attempts = { attempts: 5 }
/** A receiver that cannot be reached for this long needs a person, in ms: over a long weekend. */
const GIVE_UP_MS = 4 * 86_400_000
/**
 * Statuses that speak of the event itself; every other failure is the receiver's or the way there.
 */
const refusals = new Set([400, 413, 415, 422])
const GONE = 410
/** A job tells one department for so long at most, so that others get their turn, in ms. */
const TURN_MS = 20_000

/** What telling a department takes. */
type WebhookPorts = Pick<Runtime, 'db' | 'queues' | 'log' | 'agency' | 'secret' | 'settings'>

/**
 * Tells a department what it has not been told yet; does nothing while another process does.
 * Answers how many events were taken.
 */
export async function tellDepartment(runtime: WebhookPorts, department: string): Promise<number> {
  const target = hookedDepartments(runtime).find(({ id }) => id === department)
  if (!target) return 0
  await openLine(runtime.db, department)
  const claim = await claimLine(runtime.db, department)
  return claim ? tellAll(runtime, target, claim) : 0
}

async function tellAll(runtime: WebhookPorts, target: Target, first: LineClaim): Promise<number> {
  const { db } = runtime
  const until = performance.now() + TURN_MS
  let told = 0
  for (let claim = first; ;) {
    // After a failure one at a time, so that one that is refused holds up no others of its batch.
    const limit = claim.attempts > 0 ? 1 : target.webhook.maxInFlight
    const events = await readNext(db, target.id, {
      after: claim.turn,
      limit,
      withEnvelope: target.webhook.include.includes('envelope')
    })
    if (events.length === 0 || performance.now() > until) {
      await releaseLine(db, target.id, claim.claim)
      if (events.length > 0) runtime.queues.enqueue('webhooks', [target.id])
      return told
    }
    const next = await judge(runtime, target, claim, events, await send(runtime, target, events))
    if (!next) return told
    told += next.told
    claim = next.claim
  }
}

interface Next {
  readonly claim: LineClaim
  readonly told: number
}

/**
 * What an answer means: go on, try later, set aside, or stop. Undefined when there is nothing to go
 * on with now.
 */
async function judge(
  runtime: WebhookPorts,
  target: Target,
  claim: LineClaim,
  events: readonly LineEventRow[],
  posted: Posted
): Promise<Next | undefined> {
  if (posted.problem === undefined)
    return advance(runtime, target, claim, events.at(-1)!.turn, events.length)
  const attempts = claim.attempts + 1
  runtime.log.warn(
    { department: target.id, turn: events[0]!.turn, attempt: attempts, problem: posted.problem },
    'a webhook did not take an event'
  )
  const failingSince = claim.failingSince ?? new Date()
  if (posted.status === GONE)
    return stop(runtime, target, claim, 'the receiver says that it is gone (410)')
  if (Date.now() - failingSince.getTime() > GIVE_UP_MS)
    return stop(runtime, target, claim, `${posted.problem}, for days`)
  if (events.length === 1 && refusals.has(posted.status ?? 0) && isLastAttempt(refused, attempts)) {
    await recordFailure(runtime, target.id, events[0]!, { reason: posted.problem, attempts })
    return advance(runtime, target, claim, events[0]!.turn, 0)
  }
  await recordProgress(runtime.db, {
    department: target.id,
    claim: claim.claim,
    turn: claim.turn,
    attempts,
    failingSince,
    waitSeconds: waitOf(posted, attempts),
    delivered: false,
    keep: false
  })
  return undefined
}

async function advance(
  { db }: WebhookPorts,
  { id }: Target,
  { claim }: LineClaim,
  turn: string,
  told: number
): Promise<Next | undefined> {
  const kept = await recordProgress(db, {
    department: id,
    claim,
    turn,
    attempts: 0,
    failingSince: null,
    waitSeconds: 0,
    delivered: told > 0,
    keep: true
  })
  return kept ? { claim: { claim, turn, attempts: 0, failingSince: null }, told } : undefined
}

async function stop(
  runtime: WebhookPorts,
  { id }: Target,
  { claim }: LineClaim,
  reason: string
): Promise<undefined> {
  runtime.log.error({ department: id, reason }, 'a webhook was stopped; a person has to look at it')
  await stopLine(runtime.db, id, claim, reason)
  return undefined
}

/**
 * Doubling, with up to a fifth taken off so that departments behind one receiver do not all come at
 * once.
 */
function waitOf({ retryAfter }: Posted, attempts: number): number {
  const own = waitAfter(telling, attempts) * (1 - Math.random() / 5)
  return Math.max(own, Math.min(retryAfter ?? 0, RETRY_AFTER_LIMIT))
}
