/** Cases that somebody holds, for supervisors. */
import { Router } from 'express'
import { listHeld } from '../../../core/cases/held.ts'
import { dueDates } from '../../../core/clocks/of-cases.ts'
import type { WebContext } from '../../context.ts'
import { requireStaff } from '../shared/authorization.ts'
import { actorNames, nameActor } from '../shared/actor-names.ts'
import { sayDue } from '../shared/due.ts'
import { showPage, type PageTools } from '../shared/pages.ts'
import { freeingRoles } from '../shared/roles.ts'

/** More than a supervisor looks through; the page says when there are more. */
const HELD_SHOWN = 200

export function heldRouter(
  { db, staff, agency }: Pick<WebContext, 'db' | 'staff' | 'agency'>,
  tools: PageTools
): Router {
  const router = Router()
  router.get('/held', requireStaff(freeingRoles), async (request, response) => {
    const found = await listHeld(db, HELD_SHOWN + 1)
    const names = await actorNames({ staff, db })
    const departments = new Map(agency().departments.departments.map(({ id, name }) => [id, name]))
    const due = await dueDates(db, agency().departments, found)
    showPage(tools, request, response, 'held/held', {
      title: 'Held cases',
      current: '/desk/held',
      held: found.slice(0, HELD_SHOWN),
      more: found.length > HELD_SHOWN,
      due: (caseId: string) => due.get(caseId),
      sayDue,
      who: (actor: string) => nameActor(names, actor),
      departmentName: (id: string) => departments.get(id) ?? { en: id }
    })
  })
  return router
}
