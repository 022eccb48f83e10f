/** Cases that wait for their residents: seen by whoever serves the department. */
import { Router } from 'express'
import { dueDates } from '../../../core/clocks/of-cases.ts'
import { listPaused } from '../../../core/cases/paused.ts'
import type { WebContext } from '../../context.ts'
import { requireStaff, staffOf } from '../shared/authorization.ts'
import { showPage, type PageTools } from '../shared/pages.ts'
import { freeingRoles } from '../shared/roles.ts'
import { sayDue } from '../shared/due.ts'

/** More than somebody looks through; the page says when there are more. */
const PAUSED_SHOWN = 200

export function pausedRouter(
  { db, agency }: Pick<WebContext, 'db' | 'agency'>,
  tools: PageTools
): Router {
  const router = Router()
  router.get('/paused', requireStaff(), async (request, response) => {
    const { role, departments: mine } = staffOf(response)
    const { departments } = agency().departments
    const names = new Map(departments.map(({ id, name }) => [id, name]))
    const seen = freeingRoles.includes(role) ? departments.map(({ id }) => id) : mine
    const found = await listPaused(db, seen, PAUSED_SHOWN + 1)
    const due = await dueDates(db, agency().departments, found)
    showPage(tools, request, response, 'paused/paused', {
      title: 'Waiting for residents',
      current: '/desk/paused',
      cases: found.slice(0, PAUSED_SHOWN),
      more: found.length > PAUSED_SHOWN,
      due: (caseId: string) => due.get(caseId),
      sayDue,
      departmentName: (id: string) => names.get(id) ?? { en: id }
    })
  })
  return router
}
