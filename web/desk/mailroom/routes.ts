/** The mailroom pages: trays, their scans and sheets, their letters. */
import { Router } from 'express'
import type { WebContext } from '../../context.ts'
import { requireStaff } from '../shared/authorization.ts'
import { mailroomRoles } from '../shared/roles.ts'
import { type PageTools } from '../shared/pages.ts'
import { batchRoutes } from './batch.ts'
import { letterRoutes } from './letter.ts'
import { pictureRoutes } from './pictures.ts'
import { separatorRoutes } from './separators.ts'
import { trayRoutes } from './trays.ts'

export function mailroomRouter(options: WebContext, tools: PageTools): Router {
  const router = Router({ caseSensitive: true })
  router.use('/mailroom', requireStaff(mailroomRoles))
  trayRoutes(router, options, tools)
  batchRoutes(router, options, tools)
  separatorRoutes(router, options, tools)
  pictureRoutes(router, options)
  letterRoutes(router, options, tools)
  return router
}
