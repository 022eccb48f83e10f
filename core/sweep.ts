/** Finds what the queues forgot and hands it in again; losing a queue costs time, not contacts. */
import { sql } from 'kysely'
import { findForgottenDocuments } from './documents/forgotten.ts'
import { asEvenhandError } from './errors.ts'
import type { Ground } from './ground.ts'
import { forgetExpired } from './idempotency.ts'
import { countWaiting } from './line/view.ts'
import { findForgotten } from './mailroom/work.ts'
import type { StageQueue } from './queues.ts'
import { forgetOld } from './retention.ts'
import { hookedDepartments } from './webhooks/send.ts'
import { findDue, openLine } from './webhooks/store.ts'
import { joinAnswered } from './texts/conversation.ts'

/** Work this old, in seconds, with its queue empty, has been forgotten. */
const FORGOTTEN_AFTER = 5
const HANDED_AT_ONCE = 20_000

type Step = (ground: Ground) => Promise<number>

const steps: Readonly<Record<string, Step>> = {
  leases: ({ line }) => line.returnExpired(),
  fetch: handDueFiles,
  read: (ground) => handForgotten(ground, 'read', 'accepted'),
  documents: handDocuments,
  settle: (ground) => handForgotten(ground, 'settle', 'read'),
  texts: joinAnswered,
  outbound: handOwed,
  batches: handBatches,
  webhooks: handHooks,
  tickets: matchTickets,
  answers: ({ db }) => forgetExpired(db),
  forgotten: forgetOld
}

/**
 * One round: returned leases, forgotten work of each stage, tickets made equal to waiting cases, and what has had its time.
 * Answers what each step did; one that fails is logged and keeps none of the others from their work. @throws DATABASE_DOWN
 */
export async function sweep(ground: Ground, round = steps): Promise<Record<string, number>> {
  const done: Record<string, number> = {}
  for (const [name, step] of Object.entries(round)) done[name] = await trySweep(ground, name, step)
  return done
}

async function trySweep(ground: Ground, name: string, step: Step): Promise<number> {
  try {
    return await step(ground)
  } catch (error) {
    if (asEvenhandError(error).code === 'DATABASE_DOWN') throw error
    ground.log.error({ err: error, step: name }, 'a step of the sweep failed; it is tried again in the next round')
    return 0
  }
}

/** With its queue busy, work is late rather than forgotten; the oldest is handed in again all the same, a little at a time. */
const LATE_AFTER = 60
const LATE_AT_ONCE = 500
const BATCH_LATE_AFTER = 15

async function handForgotten({ db, queues }: Ground, stage: StageQueue, state: 'accepted' | 'read'): Promise<number> {
  const busy = await queues.pending(stage) > 0
  const rows = await db.selectFrom('contacts').select('id').where('state', '=', state)
    .where(sql<boolean>`not exists (select from remote_files where contact_id = contacts.id and remote_files.state = 'waiting')`)
    .where('updated_at', '<', sql<Date>`now() - make_interval(secs => ${busy ? LATE_AFTER : FORGOTTEN_AFTER})`).orderBy('ordinal').limit(busy ? LATE_AT_ONCE : HANDED_AT_ONCE).execute()
  queues.hand(stage, rows.map((row) => row.id))
  return rows.length
}

/** Documents nobody reads, and those that were read and whose contacts were not told. */
async function handDocuments({ db, queues }: Ground): Promise<number> {
  const busy = await queues.pending('documents') > 0
  const hashes = await findForgottenDocuments(db, busy ? LATE_AFTER : FORGOTTEN_AFTER, busy ? LATE_AT_ONCE : HANDED_AT_ONCE)
  queues.hand('documents', hashes)
  return hashes.length
}

async function handBatches(ground: Ground): Promise<number> {
  const busy = await ground.queues.pending('mailroom') > 0
  // A batch under way is touched with every page, and working on it twice does nothing: what a killed worker held is soon taken up.
  const ids = await findForgotten(ground, busy ? BATCH_LATE_AFTER : FORGOTTEN_AFTER)
  ground.queues.hand('mailroom', ids)
  return ids.length
}

/** Files that were not there yet, or whose fetch died. A few may be handed in twice; only one claim gets them. */
async function handDueFiles({ db, queues }: Ground): Promise<number> {
  const busy = await queues.pending('fetch') > 0
  const rows = await db.selectFrom('remote_files').select('contact_id').distinct().where('state', '=', 'waiting')
    .where('due_at', '<', sql<Date>`now() - make_interval(secs => ${busy ? LATE_AFTER : 0})`).limit(LATE_AT_ONCE).execute()
  queues.hand('fetch', rows.map((row) => row.contact_id))
  return rows.length
}

async function handOwed({ db, queues }: Ground): Promise<number> {
  if (await queues.pending('outbound') > 0) return 0
  const rows = await db.selectFrom('outbound').select('contact_id').where('state', '=', 'waiting').where('due_at', '<', sql<Date>`now()`).orderBy('due_at').limit(HANDED_AT_ONCE).execute()
  queues.hand('outbound', rows.map((row) => row.contact_id))
  return rows.length
}

/** Departments with something to be told, and those whose webhook is new. */
async function handHooks(ground: Ground): Promise<number> {
  const hooked = hookedDepartments(ground).map(({ id }) => id)
  for (const department of hooked) await openLine(ground.db, department)
  const due = hooked.length > 0 ? await findDue(ground.db, hooked) : []
  // One job for each, so that a slow receiver holds up no other department.
  for (const department of due) await ground.queues.queue('webhooks').add('set', { ids: [department] }, { jobId: `due-${department}`, removeOnComplete: true, removeOnFail: true })
  return due.length
}

/** The desk serves cases without their tickets, and a queue may lose some: both are put right here. */
async function matchTickets({ db, queues, agency }: Ground): Promise<number> {
  const departments = agency().departments.departments.map(({ id }) => id)
  const waiting = await countWaiting(db, departments)
  let changed = 0
  for (const department of departments) {
    const missing = waiting.get(department)! - await queues.ticketCount(department)
    if (missing > 0) await queues.addTickets(department, Math.min(missing, HANDED_AT_ONCE))
    if (missing < 0) await queues.dropTickets(department, -missing)
    changed += Math.abs(missing)
  }
  return changed
}
