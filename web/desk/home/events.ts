/**
 * Counts as they change, as server-sent events: how many cases somebody holds, how many wait where,
 * and when a message came to the case whose page listens. No names, no ids of cases. Pages show the
 * same numbers without it, as of their loading, and send nothing over a message they do not show.
 */
import { Router, type Request, type Response } from 'express'
import { maySeeCase } from '../../../core/access/case-access.ts'
import type { Staff } from '../../../core/access/staff.ts'
import { countForDesk } from '../../../core/cases/desk-counts.ts'
import { findMessages } from '../../../core/cases/messages.ts'
import { countWaiting } from '../../../core/line/view.ts'
import type { Db } from '../../../platform/db/database.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { isId } from '../../../platform/ids.ts'
import type { WebContext } from '../../context.ts'
import { actorOf, requireStaff, staffOf } from '../shared/authorization.ts'

export interface EventLimits {
  /** Pages that listen at once in one process, and of one person; further ones do without. */
  readonly connections: number
  readonly perPerson: number
  /** Between two looks at the database, in ms: a small query each, and one that all share. */
  readonly everyMs: number
  /** After so long a page has to ask again, so that a session that ended is noticed. */
  readonly longestMs: number
}

export const eventLimits: EventLimits = {
  connections: 500,
  perPerson: 6,
  everyMs: 5_000,
  longestMs: 5 * 60_000
}

export function eventsRouter(
  { db, log, agency }: Pick<WebContext, 'db' | 'log' | 'agency'>,
  limits = eventLimits
): Router {
  const router = Router()
  const open = new Map<string, number>()
  let all = 0
  const waitingNow = shared(limits.everyMs, () =>
    countWaiting(
      db,
      agency().departments.departments.map(({ id }) => id)
    )
  )
  router.get('/events', requireStaff(), async (request, response) => {
    const [actor, staff] = [actorOf(response), staffOf(response)]
    const own = open.get(actor) ?? 0
    if (all >= limits.connections || own >= limits.perPerson)
      throw new EvenhandError('RATE_LIMITED')
    open.set(actor, own + 1)
    all += 1
    let last = ''
    const look = async (isFirst = false) => {
      const [counts, waiting, news] = await Promise.all([
        countForDesk(db, actor),
        waitingNow(isFirst),
        newsOf(db, staff, request)
      ])
      const mine = staff.departments.map((id) => [id, waiting.get(id) ?? 0])
      const data = JSON.stringify({ ...counts, waiting: Object.fromEntries(mine), news })
      // A comment keeps proxies from closing a silent connection.
      response.write(data === last ? ':\n\n' : `data: ${data}\n\n`)
      last = data
    }
    begin(response)
    const timer = setInterval(() => {
      look().catch((error: unknown) => {
        log.warn({ err: error }, 'counts could not be sent to a page')
        response.end()
      })
    }, limits.everyMs)
    const end = setTimeout(() => response.end(), limits.longestMs)
    response.once('close', () => {
      clearInterval(timer)
      clearTimeout(end)
      all -= 1
      const left = open.get(actor)! - 1
      if (left > 0) open.set(actor, left)
      else open.delete(actor)
    })
    await look(true)
  })
  return router
}

/** When a message came that the case's page does not show; undefined for other pages. */
async function newsOf(db: Db, staff: Staff, { query }: Request): Promise<Date | undefined> {
  const { case: caseId, shown } = query
  if (typeof caseId !== 'string' || !isId(caseId)) return undefined
  const there = await findMessages(db, caseId)
  return there && maySeeCase(staff, there) && there.mark !== shown ? there.latestAt : undefined
}

/**
 * What many ask for at the same time is looked up once in so many ms. A page that was just loaded
 * shows the numbers of now: to it, older ones would be wrong.
 */
function shared<T>(everyMs: number, look: () => Promise<T>): (anew: boolean) => Promise<T> {
  let last: { readonly at: number; readonly found: Promise<T> } | undefined
  return (anew) => {
    const now = performance.now()
    if (anew || !last || now - last.at >= everyMs) last = { at: now, found: look() }
    return last.found
  }
}

function begin(response: Response): void {
  response.set({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no'
  })
  response.flushHeaders()
}
