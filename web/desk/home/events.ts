/**
 * Counts as they change, as server-sent events: how many cases somebody holds, how many wait where.
 * No names, no ids of cases. Pages show the same numbers without it, as of their loading.
 */
import { Router, type Response } from 'express'
import { countForDesk } from '../../../core/cases/desk-counts.ts'
import { countWaiting } from '../../../core/line/view.ts'
import { EvenhandError } from '../../../platform/errors.ts'
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
  router.get('/events', requireStaff(), async (_request, response) => {
    const [actor, { departments }] = [actorOf(response), staffOf(response)]
    const own = open.get(actor) ?? 0
    if (all >= limits.connections || own >= limits.perPerson)
      throw new EvenhandError('RATE_LIMITED')
    open.set(actor, own + 1)
    all += 1
    let last = ''
    const look = async (isFirst = false) => {
      const [counts, waiting] = await Promise.all([countForDesk(db, actor), waitingNow(isFirst)])
      const mine = departments.map((id) => [id, waiting.get(id) ?? 0])
      const data = JSON.stringify({ ...counts, waiting: Object.fromEntries(mine) })
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
