/** What residents are told about their wait, and how often it was right, for supervisors. */
import { Router } from 'express'
import { waitModel } from '../../../core/estimate/wait.ts'
import type { WebContext } from '../../context.ts'
import { requireStaff } from '../shared/authorization.ts'
import { showPage, type PageTools } from '../shared/pages.ts'
import { freeingRoles } from '../shared/roles.ts'

export function waitsRouter(
  { db, agency }: Pick<WebContext, 'db' | 'agency'>,
  tools: PageTools
): Router {
  const router = Router()
  router.get('/waits', requireStaff(freeingRoles), async (request, response) => {
    const { departments } = agency()
    const rows = []
    for (const { id, name } of departments.departments) {
      const { takes, coverage } = await waitModel(db, departments, id)
      rows.push({ name, takes: takes.length, ...coverage })
    }
    showPage(tools, request, response, 'waits/waits', {
      title: 'Stated waits',
      current: '/desk/waits',
      rows
    })
  })
  return router
}
