import { Router, type Request } from 'express'
import { publicUrl } from '../config/settings.ts'
import { EvenhandError } from '../core/errors.ts'
import { field, fieldList, idParam } from './fields.ts'
import { actorOf, requireStaff, staffOf } from './gate.ts'
import type { HttpOptions } from './http-options.ts'
import { redirectWith, showPage, staffRoles, type PageTools } from './pages.ts'
import { roles, type NewStaff } from './staff.ts'

/** Accounts, for administrators. A set-up link is shown once, to be handed over; it is kept nowhere. */
export function staffRouter(options: HttpOptions, tools: PageTools): Router {
  const { staff, settings, agency } = options
  const router = Router()
  const model = async (extra: { problems?: Problem[]; typed?: NewStaff } = {}) => ({
    title: extra.problems ? 'Error: Staff' : 'Staff', current: '/desk/staff', people: await staff.list(), roles, departments: agency().departments.departments,
    problems: extra.problems ?? [], typed: extra.typed ?? { email: '', name: '', role: 'agent', departments: [] }
  })
  router.use('/staff', requireStaff(staffRoles))
  router.get('/staff', async (request, response) => showPage(tools, request, response, 'staff', await model()))
  router.post('/staff', async (request, response) => {
    const typed = readPerson(request, options)
    const problems = checkPerson(typed)
    const added = problems.length === 0 ? await staff.invite(typed, actorOf(response)).catch(existing) : { problems }
    if (typeof added !== 'string') return showPage(tools, request, response, 'staff', await model({ problems: added.problems, typed }), 422)
    showPage(tools, request, response, 'staff-link', { title: 'Set-up link', current: '/desk/staff', person: typed, link: `${publicUrl(settings)}/desk/setup/${added}` })
  })
  router.post('/staff/:id/link', async (request, response) => {
    const id = idParam(request, 'id', 'STAFF_UNKNOWN')
    const token = await staff.inviteAgain(id, actorOf(response))
    const person = (await staff.list()).find((one) => one.id === id)
    showPage(tools, request, response, 'staff-link', { title: 'Set-up link', current: '/desk/staff', person, link: `${publicUrl(settings)}/desk/setup/${token}` })
  })
  router.post('/staff/:id/change', async (request, response) => {
    await staff.change(otherThanOneself(request, staffOf(response).id), readPerson(request, options), actorOf(response))
    redirectWith(settings, response, '/desk/staff', 'staff-changed')
  })
  router.post('/staff/:id/disable', async (request, response) => {
    await staff.disable(otherThanOneself(request, staffOf(response).id), actorOf(response))
    redirectWith(settings, response, '/desk/staff', 'staff-disabled')
  })
  return router
}

interface Problem { readonly field: string; readonly text: string }

/** Nobody locks themselves out: the last administrator can only be changed by another. */
function otherThanOneself(request: Request, self: string): string {
  const id = idParam(request, 'id', 'STAFF_UNKNOWN')
  if (id === self) throw new EvenhandError('NOT_ALLOWED')
  return id
}

function readPerson(request: Request, { agency }: HttpOptions): NewStaff {
  const known = new Set(agency().departments.departments.map(({ id }) => id))
  return {
    email: field(request, 'email', 254),
    name: field(request, 'name', 200),
    role: roles.find((role) => role === field(request, 'role', 20)) ?? 'agent',
    departments: fieldList(request, 'departments').filter((id) => known.has(id))
  }
}

function checkPerson({ email, name }: NewStaff): Problem[] {
  const problems: Problem[] = []
  if (!/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(email)) problems.push({ field: 'email', text: 'Please give an e-mail address such as name@example.com.' })
  if (name === '') problems.push({ field: 'name', text: 'Please give a name.' })
  return problems
}

function existing(error: unknown): { problems: Problem[] } {
  if (error instanceof EvenhandError && error.code === 'STAFF_EXISTS') return { problems: [{ field: 'email', text: error.message }] }
  throw error
}
