import { Router } from 'express'
import { EvenhandError, type ErrorCode } from '../../../platform/errors.ts'
import {
  dismiss,
  listFailures,
  listWebhooks,
  sendAgain,
  startLine
} from '../../../core/webhooks/failures.ts'
import { idParam } from '../shared/fields.ts'
import { actorOf, requireStaff } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { webhookRoles } from '../shared/roles.ts'
import { redirectWith, showPage, type Flash, type PageTools } from '../shared/pages.ts'

/** Departments' own systems: how far each has received events, and what a person must decide. */
export function webhooksRouter(options: WebContext, tools: PageTools): Router {
  const { settings } = options
  const router = Router()
  router.use('/webhooks', requireStaff(webhookRoles))
  router.get('/webhooks', async (request, response) => {
    const [hooks, { total, failures }] = await Promise.all([
      listWebhooks(options),
      listFailures(options.db)
    ])
    showPage(tools, request, response, 'webhooks/webhooks', {
      title: 'Webhooks',
      current: '/desk/webhooks',
      hooks,
      total,
      failures,
      names: namesOf(options)
    })
  })
  router.post('/webhooks/:department/start', async (request, response) => {
    redirectWith(
      settings,
      response,
      '/desk/webhooks',
      await attempt(
        startLine(options, String(request.params['department']), actorOf(response)),
        'webhook-started'
      )
    )
  })
  router.post('/webhooks/events/:id/send', async (request, response) => {
    redirectWith(
      settings,
      response,
      '/desk/webhooks',
      await attempt(
        sendAgain(options, idParam(request, 'id', 'WEBHOOK_UNKNOWN'), actorOf(response)),
        'webhook-sent'
      )
    )
  })
  router.post('/webhooks/events/:id/dismiss', async (request, response) => {
    redirectWith(
      settings,
      response,
      '/desk/webhooks',
      await attempt(
        dismiss(options.db, idParam(request, 'id', 'WEBHOOK_UNKNOWN'), actorOf(response)),
        'webhook-dismissed'
      )
    )
  })
  return router
}

function namesOf({
  agency
}: Pick<WebContext, 'agency'>): ReadonlyMap<string, Readonly<Record<string, string>>> {
  return new Map(agency().departments.departments.map(({ id, name }) => [id, name]))
}

/** The message for the next page: that it is done, or why not. */
async function attempt(work: Promise<void>, done: Flash): Promise<Flash | ErrorCode> {
  try {
    await work
    return done
  } catch (error) {
    if (
      error instanceof EvenhandError &&
      (error.code === 'WEBHOOK_REFUSED' || error.code === 'WEBHOOK_UNKNOWN')
    )
      return error.code
    throw error
  }
}
