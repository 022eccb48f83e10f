import { Router } from 'express'
import { EvenhandError, type ErrorCode } from '../core/errors.ts'
import { idParam } from './fields.ts'
import { actorOf, requireStaff } from './gate.ts'
import type { HttpOptions } from './http-options.ts'
import { redirectWith, showPage, webhookRoles, type Flash, type PageTools } from './pages.ts'

/** Departments' own systems: how far each has been told, and what a person has to decide. */
export function webhooksRouter(options: HttpOptions, tools: PageTools): Router {
  const { webhooks, settings } = options
  const router = Router()
  router.use('/webhooks', requireStaff(webhookRoles))
  router.get('/webhooks', async (request, response) => {
    const [hooks, { total, failures }] = await Promise.all([webhooks.list(), webhooks.failures()])
    showPage(tools, request, response, 'webhooks', { title: 'Webhooks', current: '/desk/webhooks', hooks, total, failures, names: namesOf(options) })
  })
  router.post('/webhooks/:department/start', async (request, response) => {
    redirectWith(settings, response, '/desk/webhooks', await attempt(webhooks.start(String(request.params['department']), actorOf(response)), 'webhook-started'))
  })
  router.post('/webhooks/events/:id/send', async (request, response) => {
    redirectWith(settings, response, '/desk/webhooks', await attempt(webhooks.sendAgain(idParam(request, 'id', 'WEBHOOK_UNKNOWN'), actorOf(response)), 'webhook-sent'))
  })
  router.post('/webhooks/events/:id/dismiss', async (request, response) => {
    redirectWith(settings, response, '/desk/webhooks', await attempt(webhooks.dismiss(idParam(request, 'id', 'WEBHOOK_UNKNOWN'), actorOf(response)), 'webhook-dismissed'))
  })
  return router
}

function namesOf({ agency }: HttpOptions): ReadonlyMap<string, Readonly<Record<string, string>>> {
  return new Map(agency().departments.departments.map(({ id, name }) => [id, name]))
}

/** What to say on the next page: that it is done, or why not. */
async function attempt(work: Promise<void>, done: Flash): Promise<Flash | ErrorCode> {
  try {
    await work
    return done
  } catch (error) {
    if (error instanceof EvenhandError && (error.code === 'WEBHOOK_REFUSED' || error.code === 'WEBHOOK_UNKNOWN')) return error.code
    throw error
  }
}
