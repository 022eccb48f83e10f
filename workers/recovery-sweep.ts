/**
 * Finds work that the queues lost and queues it again. So a lost queue costs time, not contacts.
 */
import { findUntouched } from '../core/contacts/health.ts'
import { findDueFiles } from '../core/contacts/remote-files.ts'
import { findForgottenDocuments } from '../core/documents/forgotten.ts'
import { askAgain } from '../core/documents/read-again.ts'
import { asEvenhandError } from '../platform/errors.ts'
import { enqueueUpdates } from '../core/verification/updates.ts'
import type { Runtime } from '../core/runtime.ts'
import { forgetExpired } from '../core/access/idempotency.ts'
import { findDueOutbox } from '../core/outbox/health.ts'
import type { Line } from '../core/line/line.ts'
import { countWaiting } from '../core/line/view.ts'
import { findForgotten } from '../core/mailroom/process-batch.ts'
import { lookAtDue } from '../core/people/looks.ts'
import { openRecognition } from '../core/people/recognition.ts'
import type { StageQueue } from '../platform/queues/job-queues.ts'
import { forgetOld } from '../core/records/retention.ts'
import { indexDue } from '../core/search/index-due.ts'
import { hookedDepartments } from '../core/webhooks/send.ts'
import { findDue, openLine } from '../core/webhooks/store.ts'
import { joinAnswered } from '../core/conversation/conversation.ts'

/** Work older than this, in seconds, counts as forgotten if its queue is empty. */
const FORGOTTEN_AFTER = 5
const HANDED_AT_ONCE = 20_000

/** Contacts looked at again in one round: 100 without a change take 0.1 s. */
const LOOKED_AT_ONCE = 200
/** Contacts put into the search index in one round: 1,000 mails of 3 KB take about a second. */
const INDEXED_AT_ONCE = 1_000

/** What the steps of a sweep need. */
export interface SweptRuntime extends Runtime {
  readonly line: Line
}

type Step = (runtime: SweptRuntime) => Promise<number>

const steps: Readonly<Record<string, Step>> = {
  leases: ({ line }) => line.returnExpired(),
  reminders: ({ line }) => line.resumeReminded(),
  freed: ({ line }) => line.freeDisabled(),
  fetch: handDueFiles,
  read: (runtime) => handForgotten(runtime, 'read', 'accepted'),
  slow: (runtime) => handForgotten(runtime, 'slow', 'accepted'),
  documents: handDocuments,
  again: handToReadAgain,
  settle: (runtime) => handForgotten(runtime, 'settle', 'read'),
  texts: joinAnswered,
  looks: (runtime) =>
    lookAtDue(
      { db: runtime.db, log: runtime.log, recognition: openRecognition(runtime) },
      'all',
      LOOKED_AT_ONCE
    ),
  updates: (runtime) => enqueueUpdates(runtime),
  outbound: enqueueDue,
  batches: handBatches,
  webhooks: handHooks,
  tickets: matchTickets,
  search: ({ db }) => indexDue(db, INDEXED_AT_ONCE),
  answers: ({ db }) => forgetExpired(db),
  forgotten: forgetOld
}

/**
 * One round: returns expired leases, queues forgotten work of each stage, makes tickets match
 * waiting cases, and deletes what has expired. Returns what each step did. A step that fails is
 * logged and does not stop the others. @throws DATABASE_DOWN
 */
export async function sweep(runtime: SweptRuntime, round = steps): Promise<Record<string, number>> {
  const done: Record<string, number> = {}
  for (const [name, step] of Object.entries(round)) done[name] = await trySweep(runtime, name, step)
  return done
}

async function trySweep(runtime: SweptRuntime, name: string, step: Step): Promise<number> {
  try {
    return await step(runtime)
  } catch (error) {
    if (asEvenhandError(error).code === 'DATABASE_DOWN') throw error
    runtime.log.error(
      { err: error, step: name },
      'a step of the sweep failed; it is tried again in the next round'
    )
    return 0
  }
}

/**
 * If its queue is busy, work is probably late and not forgotten. The oldest is queued again all the
 * same, a little at a time.
 */
const LATE_AFTER = 60
const LATE_AT_ONCE = 500
const BATCH_LATE_AFTER = 15

async function handForgotten(
  { db, queues }: Pick<Runtime, 'db' | 'queues'>,
  stage: StageQueue,
  state: 'accepted' | 'read'
): Promise<number> {
  const busy = (await queues.pending(stage)) > 0
  const ids = await findUntouched(
    db,
    state,
    stage === 'slow' ? 'slow' : 'common',
    busy ? LATE_AFTER : FORGOTTEN_AFTER,
    busy ? LATE_AT_ONCE : HANDED_AT_ONCE
  )
  queues.enqueue(stage, ids)
  return ids.length
}

/**
 * Documents that nobody is reading, and documents that were read but whose contacts were not told.
 */
async function handDocuments({ db, queues }: Pick<Runtime, 'db' | 'queues'>): Promise<number> {
  const busy = (await queues.pending('documents')) > 0
  const hashes = await findForgottenDocuments(
    db,
    busy ? LATE_AFTER : FORGOTTEN_AFTER,
    busy ? LATE_AT_ONCE : HANDED_AT_ONCE
  )
  queues.enqueue('documents', hashes)
  return hashes.length
}

/** Documents read again at once, while nobody waits for another to be read. */
const AGAIN_AT_ONCE = 2
/** Where nothing is left for this reader; a newer one comes with a start. */
const readAgain = new WeakSet<Runtime['db']>()

async function handToReadAgain({ db, queues }: Pick<Runtime, 'db' | 'queues'>): Promise<number> {
  if (readAgain.has(db) || (await queues.pending('documents')) > 0) return 0
  const hashes = await askAgain(db, AGAIN_AT_ONCE)
  if (hashes.length === 0) readAgain.add(db)
  queues.enqueue('documents', hashes)
  return hashes.length
}

async function handBatches(runtime: Runtime): Promise<number> {
  const busy = (await runtime.queues.pending('mailroom')) > 0
  // A batch under way is updated with every page, and working on it twice does no harm. So a batch
  // of a killed worker is soon continued.
  const ids = await findForgotten(runtime, busy ? BATCH_LATE_AFTER : FORGOTTEN_AFTER)
  runtime.queues.enqueue('mailroom', ids)
  return ids.length
}

/**
 * Files that were not available before, or whose download was interrupted. A few may be queued
 * twice, but only one claim succeeds.
 */
async function handDueFiles({ db, queues }: Pick<Runtime, 'db' | 'queues'>): Promise<number> {
  const busy = (await queues.pending('fetch')) > 0
  const ids = await findDueFiles(db, busy ? LATE_AFTER : 0, LATE_AT_ONCE)
  queues.enqueue('fetch', ids)
  return ids.length
}

async function enqueueDue({ db, queues }: Pick<Runtime, 'db' | 'queues'>): Promise<number> {
  if ((await queues.pending('outbound')) > 0) return 0
  const ids = await findDueOutbox(db, HANDED_AT_ONCE)
  queues.enqueue('outbound', ids)
  return ids.length
}

/** Departments with events to send, and those whose webhook is new. */
async function handHooks(runtime: Pick<Runtime, 'db' | 'queues' | 'agency'>): Promise<number> {
  const hooked = hookedDepartments(runtime).map(({ id }) => id)
  for (const department of hooked) await openLine(runtime.db, department)
  const due = hooked.length > 0 ? await findDue(runtime.db, hooked) : []
  // One job per department, so that a slow receiver delays no other department.
  for (const department of due)
    await runtime.queues
      .queue('webhooks')
      .add(
        'set',
        { ids: [department] },
        { jobId: `due-${department}`, removeOnComplete: true, removeOnFail: true }
      )
  return due.length
}

/**
 * The desk serves cases without using their tickets, and a queue may lose some. Both are corrected
 * here.
 */
async function matchTickets({
  db,
  queues,
  agency
}: Pick<Runtime, 'db' | 'queues' | 'agency'>): Promise<number> {
  const departments = agency().departments.departments.map(({ id }) => id)
  const waiting = await countWaiting(db, departments)
  let changed = 0
  for (const department of departments) {
    const missing = waiting.get(department)! - (await queues.ticketCount(department))
    if (missing > 0) await queues.addTickets(department, Math.min(missing, HANDED_AT_ONCE))
    if (missing < 0) await queues.dropTickets(department, -missing)
    changed += Math.abs(missing)
  }
  return changed
}
