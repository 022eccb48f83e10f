import { Router } from 'express'
import { EvenhandError } from '../core/errors.ts'
import { actorOf, requireStaff, staffOf } from './gate.ts'
import type { HttpOptions } from './http-options.ts'
import { redirectWith, showPage, type PageTools } from './pages.ts'

/** Contacts listed while their documents are read; the rest is a number. */
const READING_SHOWN = 10

/** The agent's departments with one button each. There is no list to pick from: the line says which case is next. */
export function homeRouter({ desk, documents, agency, settings }: HttpOptions, tools: PageTools): Router {
  const router = Router()
  router.get('/', requireStaff(), async (request, response) => {
    const { departments: mine } = staffOf(response)
    const departments = agency().departments.departments.filter(({ id }) => mine.includes(id))
    const [waiting, held, reading] = await Promise.all([desk.countWaiting(departments.map(({ id }) => id)), desk.heldBy(actorOf(response)), documents.reading(READING_SHOWN)])
    const names = new Map(agency().departments.departments.map(({ id, name }) => [id, name]))
    showPage(tools, request, response, 'home', {
      title: 'Desk', current: '/desk', held, reading,
      departments: departments.map(({ id, name }) => ({ id, name, waiting: waiting.get(id) ?? 0 })),
      departmentName: (id: string) => names.get(id) ?? { en: id }
    })
  })
  router.post('/departments/:id/take', requireStaff(), async (request, response) => {
    const id = String(request.params['id'])
    if (!staffOf(response).departments.includes(id)) throw new EvenhandError('NOT_ALLOWED')
    const caseId = await desk.takeNext(id, actorOf(response))
    if (caseId) redirectWith(settings, response, `/desk/cases/${caseId}`, 'taken')
    else redirectWith(settings, response, '/desk', 'empty')
  })
  return router
}
