/** The mailroom bench: trays, their scans and sheets, their letters. */
import { Router } from 'express'
import type { HttpOptions } from '../http-options.ts'
import { requireStaff } from '../gate.ts'
import { mailroomRoles, type PageTools } from '../pages.ts'
import { batchRoutes } from './batch.ts'
import { letterRoutes } from './letter.ts'
import { pictureRoutes } from './pictures.ts'
import { separatorRoutes } from './separators.ts'
import { trayRoutes } from './trays.ts'

export function mailroomRouter(options: HttpOptions, tools: PageTools): Router {
  const router = Router({ caseSensitive: true })
  router.use('/mailroom', requireStaff(mailroomRoles))
  trayRoutes(router, options, tools)
  batchRoutes(router, options, tools)
  separatorRoutes(router, options, tools)
  pictureRoutes(router, options)
  letterRoutes(router, options, tools)
  return router
}
