/** Who is who: what machines would not decide, people on record, merges. Nothing here moves a case. */
import { Router, type Request, type Response } from 'express'
import { EvenhandError } from '../../core/errors.ts'
import type { Decision, PossiblePerson } from '../../core/people/review.ts'
import type { ConstituentView } from '../../core/people/view.ts'
import { field, idParam } from '../fields.ts'
import { actorOf, requireStaff, staffOf } from '../gate.ts'
import type { HttpOptions } from '../http-options.ts'
import { refusal } from '../mailroom/shared.ts'
import { redirectWith, showPage, type PageTools } from '../pages.ts'
import { departmentsOf, drawBars, mergeRoles, nameOf, odds, peopleFrame, peopleRoles, roleWords } from './shared.ts'
import { thresholdsModel } from './thresholds.ts'

export function peopleRouter(options: HttpOptions, tools: PageTools): Router {
  const { people, settings } = options
  const router = Router({ caseSensitive: true })
  router.use('/people', requireStaff(peopleRoles))
  router.get('/people', (request, response) => showHome(options, tools, request, response))
  // By POST, so that no name stands in an address or a log.
  router.post('/people', (request, response) => showHome(options, tools, request, response, field(request, 'who', 200)))
  router.get('/people/review/:contact/:role', async (request, response) => {
    const waiting = await findWaiting(options, request, response)
    if (!waiting) return redirectWith(settings, response, '/desk/people', 'person-decided-before')
    showPage(tools, request, response, 'people/review', { ...await frame(options), title: 'Who is this?', wide: true, waiting, total: await people.countPossible(departmentsOf(staffOf(response))) })
  })
  router.post('/people/review/:contact/:role', async (request, response) => {
    const waiting = await findWaiting(options, request, response)
    if (!waiting) return redirectWith(settings, response, '/desk/people', 'person-decided-before')
    await people.decide(waiting.contactId, waiting.role, decisionOf(request, waiting), actorOf(response), field(request, 'reason') || 'a person compared them')
    const next = field(request, 'do', 10) === 'next' ? (await people.listPossible(1, departmentsOf(staffOf(response)))).people[0] : undefined
    redirectWith(settings, response, next ? `/desk/people/review/${next.contactId}/${next.role}` : '/desk/people', 'person-decided')
  })
  router.get('/people/thresholds', requireStaff(mergeRoles), async (request, response) => {
    const { model, pairs } = await people.measure()
    showPage(tools, request, response, 'people/thresholds', { ...peopleFrame, drawBars, title: 'Thresholds of matching', ...thresholdsModel(pairs, model) })
  })
  personRoutes(router, options, tools)
  return router
}

function personRoutes(router: Router, options: HttpOptions, tools: PageTools): void {
  const { people, settings } = options
  const act = (path: string, done: 'link-undone' | 'people-merged' | 'people-unmerged', work: (request: Request, actor: string, id: string) => Promise<void>, roles = peopleRoles) => {
    router.post(path, requireStaff(roles), async (request, response) => {
      const { constituentId } = await findPerson(options, request, response)
      const refused = await work(request, actorOf(response), constituentId).then(() => undefined, refusal)
      redirectWith(settings, response, `/desk/people/${constituentId}`, refused ?? done)
    })
  }
  router.get('/people/:id', async (request, response) => {
    const person = await findPerson(options, request, response)
    const mine = departmentsOf(staffOf(response))
    showPage(tools, request, response, 'people/person', {
      ...await frame(options), title: nameOf(person), person, mayMerge: mergeRoles.includes(staffOf(response).role),
      mayOpen: ({ department }: ConstituentView['contacts'][number]) => mine === undefined || (department !== undefined && mine.includes(department))
    })
  })
  act('/people/:id/links/:link/undo', 'link-undone', async (request, actor, id) => {
    const link = (await people.view(id)).contacts.find(({ linkId }) => linkId === request.params['link'])
    if (!link) throw new EvenhandError('LINK_UNKNOWN')
    await people.undoLink(link.linkId, actor, field(request, 'reason'))
  })
  act('/people/:id/merge', 'people-merged', (request, actor, id) => people.merge(id, field(request, 'other', 18), actor, field(request, 'reason')), mergeRoles)
  act('/people/:id/merges/:merge/undo', 'people-unmerged', (request, actor) => people.unmerge(String(request.params['merge']), actor, field(request, 'reason')), mergeRoles)
}

async function showHome(options: HttpOptions, tools: PageTools, request: Request, response: Response, typed = ''): Promise<void> {
  const mine = departmentsOf(staffOf(response))
  const { total, people } = await options.people.listPossible(1, mine)
  const found = typed === '' ? undefined : await visible(options, response, await options.people.find(typed))
  showPage(tools, request, response, 'people/home', { ...await frame(options), title: 'People', total, people, typed, found, mayMeasure: mergeRoles.includes(staffOf(response).role) })
}

/** What every page about people says things with. */
async function frame({ staff, agency }: HttpOptions) {
  const names = await staff.names()
  const { departments } = agency().departments
  return {
    ...peopleFrame, drawBars, odds, nameOf, roleWords,
    who: (actor: string) => actor === 'machine' ? 'the machine' : names.get(actor) ?? actor,
    sourceOf: (source: string) => source.startsWith('contact:') ? 'from a contact' : `from ${source}`,
    departmentName: (id: string) => departments.find((department) => department.id === id)?.name ?? { en: id }
  }
}

function findWaiting({ people }: HttpOptions, request: Request, response: Response): Promise<PossiblePerson | undefined> {
  return people.findPossible(idParam(request, 'contact', 'NOT_FOUND'), String(request.params['role']), departmentsOf(staffOf(response)))
}

/** Only those who were put forward can be chosen here. @throws BAD_REQUEST */
function decisionOf(request: Request, { candidates }: PossiblePerson): Decision {
  const who = field(request, 'who', 20)
  if (who === 'new' || who === 'nobody') return { kind: who }
  if (!candidates.some(({ constituent }) => constituent.constituentId === who)) throw new EvenhandError('BAD_REQUEST')
  return { kind: 'same', constituentId: who }
}

/** Someone whom none of one's departments has to do with is as unknown as somebody who is not on record. @throws CONSTITUENT_UNKNOWN */
async function findPerson({ people }: HttpOptions, request: Request, response: Response): Promise<ConstituentView> {
  const person = await people.view(String(request.params['id']))
  if (!maySee(person, departmentsOf(staffOf(response)))) throw new EvenhandError('CONSTITUENT_UNKNOWN')
  return person
}

function maySee({ contacts }: ConstituentView, mine: readonly string[] | undefined): boolean {
  return mine === undefined || contacts.some(({ department }) => department !== undefined && mine.includes(department))
}

async function visible({ people }: HttpOptions, response: Response, found: Awaited<ReturnType<HttpOptions['people']['find']>>) {
  const mine = departmentsOf(staffOf(response))
  const views = await Promise.all(found.map(({ constituentId }) => people.view(constituentId)))
  return views.filter((view) => maySee(view, mine))
}
