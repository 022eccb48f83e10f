/** One case: everything that belongs to it, and what its holder may do with it. */
import { Router, type Request, type Response } from 'express'
import { listKeys } from '../core/api-keys.ts'
import type { CaseEvent } from '../core/contacts.ts'
import { EvenhandError } from '../core/errors.ts'
import type { CaseContact, CaseView } from './core.ts'
import { documentRoutes } from './documents/routes.ts'
import type { Paper } from './documents/papers.ts'
import { field, idParam } from './fields.ts'
import { sendFile } from './files.ts'
import { actorOf, requireStaff, staffOf } from './gate.ts'
import type { HttpOptions } from './http-options.ts'
import { redirectWith, showPage, type Flash, type PageTools } from './pages.ts'
import { peopleModel, suggestionRoutes } from './people/on-case.ts'
import type { Staff } from './staff.ts'

type Act = (caseId: string, actor: string, request: Request) => Promise<void>

export function caseRouter(options: HttpOptions, tools: PageTools): Router {
  const { desk, settings } = options
  const router = Router()
  router.use('/cases', requireStaff())
  router.get('/cases/:id', async (request, response) => {
    const view = await findCase(options, request, response)
    showPage(tools, request, response, 'case', await caseModel(options, view, response))
  })
  router.get('/cases/:id/contacts/:contact/original', async (request, response) => {
    sendFile(response, await desk.original(await contactOf(options, request, response)))
  })
  router.use(documentRoutes(options, tools, (request, response) => contactOf(options, request, response)))
  suggestionRoutes(router, options, (request, response) => findCase(options, request, response))
  for (const [verb, { act, done, stays }] of Object.entries(verbs(options))) {
    router.post(`/cases/:id/${verb}`, async (request, response) => {
      const { caseId } = await findCase(options, request, response)
      const refused = await act(caseId, actorOf(response), request).then(() => undefined, refusal)
      redirectWith(settings, response, refused || stays ? `/desk/cases/${caseId}` : '/desk', refused ?? done)
    })
  }
  return router
}

function verbs({ desk, agency }: HttpOptions): Record<string, { act: Act; done: Flash; stays?: boolean }> {
  return {
    return: { act: (id, actor, request) => desk.giveBack(id, actor, reason(request)), done: 'returned' },
    pass: { act: (id, actor, request) => desk.pass(id, actor, reason(request)), done: 'passed' },
    transfer: {
      act: async (id, actor, request) => {
        const to = field(request, 'department', 40)
        if (!agency().departments.departments.some((department) => department.id === to)) throw new EvenhandError('DEPARTMENT_UNKNOWN')
        await desk.transfer(id, actor, to, reason(request))
      },
      done: 'transferred'
    },
    'hand-off': { act: (id, actor, request) => desk.handOff(id, actor, field(request, 'to', 200), reason(request)), done: 'handed-off' },
    close: { act: (id, actor, request) => desk.close(id, actor, field(request, 'outcome', 200), field(request, 'note')), done: 'closed' },
    reopen: { act: (id, actor, request) => desk.reopen(id, actor, reason(request)), done: 'reopened', stays: true }
  }
}

function reason(request: Request): string {
  return field(request, 'reason')
}

/** What the actor can mend is shown on the case's page; the rest is the error handler's. */
function refusal(error: unknown) {
  if (error instanceof EvenhandError && error.status < 500) return error.code
  throw error
}

/** A case of another department is as unknown as one that does not exist. */
async function findCase({ desk }: HttpOptions, request: Request, response: Response): Promise<CaseView> {
  const view = await desk.viewCase(idParam(request, 'id', 'CASE_UNKNOWN'))
  if (!view || !maySee(staffOf(response), view)) throw new EvenhandError('CASE_UNKNOWN')
  return view
}

function maySee(staff: Staff, view: CaseView): boolean {
  return staff.role === 'supervisor' || staff.role === 'admin' || view.heldBy === `staff:${staff.id}` || staff.departments.includes(view.department)
}

/** Files are read by way of a case one may see. */
async function contactOf(options: HttpOptions, request: Request, response: Response): Promise<string> {
  const { contacts } = await findCase(options, request, response)
  const contact = idParam(request, 'contact', 'NOT_FOUND')
  if (!contacts.some(({ contactId }) => contactId === contact)) throw new EvenhandError('NOT_FOUND')
  return contact
}

/** The ledger's words as a colleague would say them. */
const eventWords: Readonly<Record<string, string>> = {
  'case.entered': 'came into the line', 'case.taken': 'taken', 'case.returned': 'given back', 'case.passed': 'passed over', 'case.transferred': 'transferred',
  'case.handed-off': 'handed off', 'case.reopened': 'reopened', 'case.closed': 'closed', 'case.joined': 'joined into an earlier case', 'case.unjoined': 'put back at its own place', 'contact.joined': 'another contact joined', 'contact.left': 'a contact went back to a case of its own'
}

/** Pages of documents shown on a case's page, over all its contacts: a picture each to load. */
const PAGES_ON_CASE = 12
/** Characters of a contact's text on a case's page: twenty-five dense pages. */
const TEXT_ON_CASE = 100_000

/** The contacts' documents, with pages of the first ones. */
async function papersOf({ documents }: HttpOptions, view: CaseView): Promise<Map<string, Paper[]>> {
  const papers = new Map<string, Paper[]>()
  let left = PAGES_ON_CASE
  for (const { contactId, envelope } of view.contacts) {
    if (!envelope || envelope.documents.length === 0) continue
    const found = await documents.papers(contactId, left)
    left -= found.reduce((sum, { pages }) => sum + pages.length, 0)
    papers.set(contactId, found)
  }
  return papers
}

async function caseModel(options: HttpOptions, view: CaseView, response: Response) {
  const { agency, staff, db } = options
  const { departments } = agency().departments
  const names = new Map([...await staff.names(), ...(await listKeys(db)).map(({ actor, name }) => [actor, name] as const)])
  const papers = await papersOf(options, view)
  return {
    ...await peopleModel(options, view, response),
    papers,
    wide: [...papers.values()].flat().some(({ pages }) => pages.length > 0),
    textShown: TEXT_ON_CASE,
    /** Its documents are what it says: they are shown at once. */
    isPaper: ({ channel, envelope }: CaseContact) => channel === 'fax' || channel === 'postal' || envelope?.documents.some(({ text }) => text?.startsWith(envelope.text.slice(0, 100))),
    title: `Case ${view.receipt}`,
    view,
    mine: view.heldBy === actorOf(response),
    ended: view.state === 'closed' || view.state === 'handed-off',
    happened: (event: CaseEvent) => eventWords[event.kind] ?? event.kind,
    who: (actor: string) => names.get(actor) ?? actor,
    departmentName: (id: string) => departments.find((department) => department.id === id)?.name ?? { en: id },
    otherDepartments: departments.filter(({ id }) => id !== view.department),
    /** The question as the resident read it, where the form still has it. */
    question: (form: unknown, id: string) => agency().forms.find((known) => known.id === form)?.fields.find((known) => known.id === id)?.label ?? { en: id },
    answer: (form: unknown, id: string, value: string) =>
      agency().forms.find((known) => known.id === form)?.fields.find((known) => known.id === id)?.options?.find((option) => option.value === value)?.label ?? { en: value }
  }
}
