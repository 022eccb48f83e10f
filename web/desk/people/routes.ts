/**
 * Who is who: contacts whose person a machine did not decide, people on record, merges. Nothing
 * here moves a case.
 */
import { Router, type Request, type Response } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import type { PersonDecision } from '../../../core/people/review.ts'
import {
  countPossible,
  findPossible,
  listPossible,
  type PossiblePerson
} from '../../../core/people/possible.ts'
import {
  constituentView,
  type ConstituentView,
  type ShownConstituent
} from '../../../core/people/view.ts'
import { field, idParam } from '../shared/fields.ts'
import { actorOf, departmentsOf, requireStaff, staffOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { stateWords } from '../shared/words.ts'
import { frame } from './frame.ts'
import { drawBars, mergeRoles, nameOf, peopleFrame, peopleRoles } from './shared.ts'
import { refuseForms } from '../unsent/refused.ts'
import { thresholdsModel } from './thresholds.ts'

/** Contacts listed that wait for a person to say who they are from. */
const LISTED = 20

export function peopleRouter(options: WebContext, tools: PageTools): Router {
  const { db, people, settings } = options
  const refuse = refuseForms(options, tools)
  const router = Router({ caseSensitive: true })
  router.use('/people', requireStaff(peopleRoles))
  router.get('/people', (request, response) => showHome(options, tools, request, response))
  // A POST, so that no name is in a URL or a log.
  router.post('/people', (request, response) =>
    showHome(options, tools, request, response, field(request, 'who', 200))
  )
  router.get('/people/review/:contact/:role', async (request, response) => {
    const waiting = await findWaiting(options, request, response)
    if (!waiting) return redirectWith(settings, response, '/desk/people', 'person-decided-before')
    showPage(tools, request, response, 'people/review', {
      ...(await frame(options)),
      title: 'Who is this?',
      waiting,
      total: await countPossible(db, departmentsOf(staffOf(response)))
    })
  })
  router.post('/people/review/:contact/:role', async (request, response) => {
    const waiting = await findWaiting(options, request, response)
    if (!waiting) return redirectWith(settings, response, '/desk/people', 'person-decided-before')
    const decide = async () => {
      await people.decide(
        waiting,
        decisionOf(request, waiting),
        actorOf(response),
        field(request, 'reason') || 'a person compared them'
      )
      const more = field(request, 'do', 10) === 'next'
      return more
        ? (await listPossible(db, 1, departmentsOf(staffOf(response)))).people[0]
        : undefined
    }
    await decide().then(
      (next) =>
        redirectWith(
          settings,
          response,
          next ? `/desk/people/review/${next.contactId}/${next.role}` : '/desk/people',
          'person-decided'
        ),
      (error: unknown) =>
        refuse(request, response, error, `/desk/people/review/${waiting.contactId}/${waiting.role}`)
    )
  })
  router.get('/people/thresholds', requireStaff(mergeRoles), async (request, response) => {
    const { model, pairs } = await people.measure()
    showPage(tools, request, response, 'people/thresholds', {
      ...peopleFrame,
      drawBars,
      title: 'Thresholds of matching',
      ...thresholdsModel(pairs, model)
    })
  })
  personRoutes(router, options, tools)
  return router
}

function personRoutes(router: Router, options: WebContext, tools: PageTools): void {
  const { db, people, settings } = options
  const refuse = refuseForms(options, tools)
  const act = (
    path: string,
    done: 'link-undone' | 'people-merged' | 'people-unmerged',
    work: (request: Request, actor: string, id: string) => Promise<void>,
    roles = peopleRoles
  ) => {
    router.post(path, requireStaff(roles), async (request, response) => {
      const { constituentId } = await findPerson(options, request, response)
      const page = `/desk/people/${constituentId}`
      await work(request, actorOf(response), constituentId).then(
        () => redirectWith(settings, response, page, done),
        (error: unknown) => refuse(request, response, error, page)
      )
    })
  }
  router.get('/people/:id', async (request, response) => {
    const person = await findPerson(options, request, response)
    const mine = departmentsOf(staffOf(response))
    showPage(tools, request, response, 'people/person', {
      ...(await frame(options)),
      title: nameOf(person),
      person,
      stateWords,
      mayMerge: mergeRoles.includes(staffOf(response).role),
      mayOpen: ({ department }: ConstituentView['contacts'][number]) =>
        mine === undefined || (department !== undefined && mine.includes(department))
    })
  })
  act('/people/:id/links/:link/undo', 'link-undone', async (request, actor, id) => {
    const link = (await constituentView(db, id)).contacts.find(
      ({ linkId }) => linkId === request.params['link']
    )
    if (!link) throw new EvenhandError('LINK_UNKNOWN')
    await people.undoLink(link.linkId, actor, field(request, 'reason'))
  })
  act(
    '/people/:id/merge',
    'people-merged',
    (request, actor, id) =>
      people.merge(id, field(request, 'other', 18), actor, field(request, 'reason')),
    mergeRoles
  )
  act(
    '/people/:id/merges/:merge/undo',
    'people-unmerged',
    (request, actor) =>
      people.unmerge(String(request.params['merge']), actor, field(request, 'reason')),
    mergeRoles
  )
}

async function showHome(
  options: WebContext,
  tools: PageTools,
  request: Request,
  response: Response,
  typed = ''
): Promise<void> {
  const mine = departmentsOf(staffOf(response))
  const { total, people } = await listPossible(options.db, LISTED, mine)
  const found =
    typed === '' ? undefined : await visible(options, response, await options.people.find(typed))
  showPage(tools, request, response, 'people/home', {
    ...(await frame(options)),
    title: 'People',
    total,
    people,
    typed,
    found,
    mayMeasure: mergeRoles.includes(staffOf(response).role)
  })
}

function findWaiting(
  { db }: Pick<WebContext, 'db'>,
  request: Request,
  response: Response
): Promise<PossiblePerson | undefined> {
  return findPossible(
    db,
    idParam(request, 'contact', 'NOT_FOUND'),
    String(request.params['role']),
    departmentsOf(staffOf(response))
  )
}

/** Only suggested people can be chosen here. @throws BAD_REQUEST */
function decisionOf(request: Request, { candidates }: PossiblePerson): PersonDecision {
  const who = field(request, 'who', 20)
  if (who === 'new' || who === 'nobody') return { kind: who }
  if (!candidates.some(({ constituent }) => constituent.constituentId === who))
    throw new EvenhandError('BAD_REQUEST')
  return { kind: 'same', constituentId: who }
}

/**
 * A person who has nothing to do with the user's departments gets the same answer as one who is not
 * on record. @throws CONSTITUENT_UNKNOWN
 */
async function findPerson(
  { db }: Pick<WebContext, 'db'>,
  request: Request,
  response: Response
): Promise<ConstituentView> {
  const person = await constituentView(db, String(request.params['id']))
  if (!maySee(person, departmentsOf(staffOf(response))))
    throw new EvenhandError('CONSTITUENT_UNKNOWN')
  return person
}

function maySee({ contacts }: ConstituentView, mine: readonly string[] | undefined): boolean {
  return (
    mine === undefined ||
    contacts.some(({ department }) => department !== undefined && mine.includes(department))
  )
}

async function visible(
  { db }: Pick<WebContext, 'db'>,
  response: Response,
  found: readonly ShownConstituent[]
) {
  const mine = departmentsOf(staffOf(response))
  const views = await Promise.all(
    found.map(({ constituentId }) => constituentView(db, constituentId))
  )
  return views.filter((view) => maySee(view, mine))
}
