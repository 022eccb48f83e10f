/** One case: everything that belongs to it, and what its holder may do with it. */
import { findDepartment } from '../../../config/departments.ts'
import { Router, type Request } from 'express'
import { maySeeCase } from '../../../core/access/case-access.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { readOriginal } from '../../../core/cases/files.ts'
import { joinByHand } from '../../../core/cases/join-by-hand.ts'
import { takeApart } from '../../../core/cases/take-apart.ts'
import { waitForResident } from '../../../core/cases/wait.ts'
import { closeAtDesk } from '../../../core/cases/closing.ts'
import { decideOriginator, originatorDecisions } from '../../../core/people/originator.ts'
import { startOfDay } from '../../../platform/local-time.ts'
import { conversationRouter } from './conversation-routes.ts'
import { casePages } from './come-back.ts'
import { contactOf, findCase } from './find.ts'
import { documentRoutes } from '../documents/routes.ts'
import { field } from '../shared/fields.ts'
import { sendFile } from '../../send-file.ts'
import { actorOf, requireStaff, staffOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { redirectWith, type Flash, type PageTools } from '../shared/pages.ts'
import { requireShown } from './shown-messages.ts'
import { freeRoute } from '../held/free.ts'
import { suggestionRoutes } from '../people/on-case.ts'

type Act = (caseId: string, actor: string, request: Request) => Promise<void>

export function caseRouter(options: WebContext, tools: PageTools): Router {
  const { settings } = options
  const router = Router()
  router.use('/cases', requireStaff())
  const { show, comeBack } = casePages(options, tools)
  router.get('/cases/:id', show)
  router.get('/cases/:id/contacts/:contact/original', async (request, response) => {
    sendFile(response, await readOriginal(options, await contactOf(options, request, response)))
  })
  router.use(
    documentRoutes(options, tools, (request, response) => contactOf(options, request, response))
  )
  router.use(conversationRouter(options, comeBack))
  suggestionRoutes(router, options, comeBack, (request, response) =>
    findCase(options, request, response)
  )
  freeRoute(router, options, tools, comeBack)
  router.post('/cases/:id/contacts/:contact/originator', async (request, response) => {
    const { caseId } = await findCase(options, request, response)
    const contactId = await contactOf(options, request, response)
    const typed = field(request, 'said', 10)
    const said = originatorDecisions.find((one) => one === typed) ?? 'refused'
    await decideOriginator(options.db, contactId, said, actorOf(response)).then(
      () => redirectWith(settings, response, `/desk/cases/${caseId}`, `originator-${said}`),
      (error: unknown) => comeBack(request, response, error)
    )
  })
  router.post('/cases/:id/join', async (request, response) => {
    const { caseId } = await findCase(options, request, response)
    await joinByHand(options, {
      caseId,
      receipt: field(request, 'receipt', 60),
      actor: actorOf(response),
      reason: reason(request),
      maySee: (department) => maySeeCase(staffOf(response), { department, heldBy: undefined })
    }).then(
      (joined) => redirectWith(settings, response, `/desk/cases/${joined}`, 'matter-joined'),
      (error: unknown) => comeBack(request, response, aboutReceipt(error))
    )
  })
  router.post('/cases/:id/parts/:part/apart', async (request, response) => {
    const view = await findCase(options, request, response)
    await takeApart(options, view, {
      joined: String(request.params['part']),
      actor: actorOf(response),
      reason: reason(request)
    }).then(
      () => redirectWith(settings, response, `/desk/cases/${view.caseId}`, 'part-apart'),
      (error: unknown) => comeBack(request, response, error)
    )
  })
  for (const [verb, { act, done, stays }] of Object.entries(verbs(options))) {
    router.post(`/cases/:id/${verb}`, async (request, response) => {
      const view = await findCase(options, request, response)
      const to = stays ? `/desk/cases/${view.caseId}` : '/desk'
      const acting = async () => {
        await requireShown(options.db, view.caseId, field(request, 'shown', 60))
        await act(view.caseId, actorOf(response), request)
      }
      await acting().then(
        () => redirectWith(settings, response, to, done),
        (error: unknown) => comeBack(request, response, error)
      )
    })
  }
  return router
}

function verbs(options: WebContext): Record<string, { act: Act; done: Flash; stays?: boolean }> {
  const { line, agency } = options
  /** @throws DEPARTMENT_UNKNOWN */
  const known = <T extends string | undefined>(id: T): T => {
    if (id === undefined || findDepartment(agency().departments, id)) return id
    throw new EvenhandError('DEPARTMENT_UNKNOWN')
  }
  return {
    return: {
      act: (id, actor, request) => line.giveBack(id, actor, reason(request)),
      done: 'returned'
    },
    pass: { act: (id, actor, request) => line.pass(id, actor, reason(request)), done: 'passed' },
    split: {
      act: async (id, actor, request) => {
        await line.split(id, actor, reason(request), {
          contactId: field(request, 'contact', 40) || undefined,
          into: known(field(request, 'into', 40) || undefined)
        })
      },
      done: 'split',
      stays: true
    },
    pause: {
      act: (id, actor, request) =>
        waitForResident(options, id, {
          actor,
          reason: reason(request),
          until: reminderOf(request, agency().departments.agency.timeZone)
        }),
      done: 'paused'
    },
    resume: {
      act: (id, actor, request) => line.resume(id, actor, reason(request)),
      done: 'resumed',
      stays: true
    },
    transfer: {
      act: async (id, actor, request) => {
        const to = field(request, 'department', 40)
        await line.transfer(id, actor, known(to), reason(request))
      },
      done: 'transferred'
    },
    'hand-off': {
      act: (id, actor, request) =>
        line.handOff(id, actor, field(request, 'to', 200), reason(request)),
      done: 'handed-off'
    },
    close: {
      act: (id, actor, request) =>
        closeAtDesk(options, id, actor, {
          outcomeId: field(request, 'outcomeId', 40),
          words: field(request, 'outcome', 200),
          note: field(request, 'note'),
          reason: reason(request)
        }),
      done: 'closed'
    },
    reopen: {
      act: (id, actor, request) => line.reopen(id, actor, reason(request)),
      done: 'reopened',
      stays: true
    }
  }
}

/** The morning of the typed day; a day that is none is refused as one that is over. */
function reminderOf(request: Request, timeZone: string): Date {
  return startOfDay(field(request, 'until', 10), timeZone, 0) ?? new Date(0)
}

/** Of joining: this case is there, so it is the typed receipt that leads to none, and can be mended. */
function aboutReceipt(error: unknown): unknown {
  const isUnknown = error instanceof EvenhandError && error.code === 'CASE_UNKNOWN'
  return isUnknown ? new EvenhandError('RECEIPT_UNKNOWN') : error
}

function reason(request: Request): string {
  return field(request, 'reason')
}
