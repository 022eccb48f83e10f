/** What waits for the person who asks, counted once for each page that has a menu. */
import type { RequestHandler, Response } from 'express'
import { countForDesk, type DeskCounts } from '../../../core/cases/desk-counts.ts'
import type { Staff } from '../../../core/access/staff.ts'
import type { WebContext } from '../../context.ts'

/** Pictures, sounds and what scripts fetch have no menu; browsers say what they fetch. */
const withoutMenu: ReadonlySet<string> = new Set(['image', 'audio', 'video', 'script', 'empty'])

export function countForMenu({ db }: Pick<WebContext, 'db'>): RequestHandler {
  return async (request, response, next) => {
    const staff = response.locals['staff'] as Staff | undefined
    const isPage = request.method === 'GET' && !withoutMenu.has(request.get('sec-fetch-dest') ?? '')
    if (staff && isPage) response.locals['counts'] = await countForDesk(db, `staff:${staff.id}`)
    next()
  }
}

export function countsOf(response: Response): DeskCounts | undefined {
  return response.locals['counts'] as DeskCounts | undefined
}
