import { Router } from 'express'
import { takingOf } from '../../../config/schema.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { firstPage } from '../shared/menu.ts'
import { actorOf, requireStaff, staffOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { railModel } from './rail.ts'
import { toDoModel } from './to-do.ts'

/** Contacts listed while their documents are being read; further ones are only counted. */
const READING_SHOWN = 10

/**
 * The agent's cases and lines, with one button for the next. There is no list to choose from: the line decides
 * which case is next.
 */
export function homeRouter(options: WebContext, tools: PageTools): Router {
  const { documents, agency, settings } = options
  const router = Router()
  router.get('/', requireStaff(), async (request, response) => {
    const first = firstPage(staffOf(response))
    if (first !== '/desk') return response.redirect(303, first)
    const [rail, reading] = await Promise.all([
      railModel(options, response),
      documents.reading(READING_SHOWN)
    ])
    const names = new Map(agency().departments.departments.map(({ id, name }) => [id, name]))
    showPage(tools, request, response, 'home/home', {
      title: 'Desk',
      current: '/desk',
      rail,
      toDo: await toDoModel(options, response),
      reading,
      departmentName: (id: string) => names.get(id) ?? { en: id }
    })
  })
  router.post('/departments/:id/take', requireStaff(), async (request, response) => {
    const id = String(request.params['id'])
    if (!staffOf(response).departments.includes(id)) throw new EvenhandError('NOT_ALLOWED')
    const taking = takingOf(agency().departments, id)
    if (!taking) throw new EvenhandError('DEPARTMENT_UNKNOWN')
    const taken = await options.line
      .takeNext({ department: id, actor: actorOf(response), ...taking })
      .catch(heldTooMany)
    if (taken === 'CASES_HELD') redirectWith(settings, response, '/desk', taken)
    else if (taken) redirectWith(settings, response, `/desk/cases/${taken.caseId}`, 'taken')
    else redirectWith(settings, response, '/desk', 'empty')
  })
  return router
}

/** Shown above the cases they hold. */
function heldTooMany(error: unknown): 'CASES_HELD' {
  if (error instanceof EvenhandError && error.code === 'CASES_HELD') return error.code
  throw error
}
