import { Router } from 'express'
import { requireStaff } from '../shared/authorization.ts'

/** Says that somebody is still there; that the session was used is noted with every request. */
export function stayRouter(): Router {
  const router = Router()
  router.post('/stay', requireStaff(), (_request, response) => {
    response.status(204).end()
  })
  return router
}
