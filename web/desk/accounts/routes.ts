import { Router, type Request, type Response } from 'express'
import { publicUrl } from '../../../config/settings.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { field, fieldList, idParam } from '../shared/fields.ts'
import { actorOf, requireStaff, staffOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { staffRoles } from '../shared/roles.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { roles, type NewStaff } from '../../../core/access/staff.ts'

/**
 * Staff accounts, for administrators. A set-up link is shown once, to be passed on; it is not
 * stored.
 */
export function staffRouter(options: WebContext, tools: PageTools): Router {
  const { staff, settings, agency } = options
  const router = Router()
  const model = async (
    response: Response,
    extra: { problems?: Problem[]; typed?: NewStaff } = {}
  ) => ({
    title: extra.problems ? 'Error: Staff' : 'Staff',
    current: '/desk/staff',
    people: await staff.list(),
    self: staffOf(response).id,
    roles,
    departments: agency().departments.departments,
    problems: extra.problems ?? [],
    typed: extra.typed ?? { email: '', name: '', role: 'agent', departments: [] }
  })
  router.use('/staff', requireStaff(staffRoles))
  router.get('/staff', async (request, response) =>
    showPage(tools, request, response, 'accounts/staff', await model(response))
  )
  router.post('/staff', async (request, response) => {
    const typed = readPerson(request, options)
    const problems = checkPerson(typed)
    const added =
      problems.length === 0
        ? await staff.invite(typed, actorOf(response)).catch(existing)
        : { problems }
    if (typeof added !== 'string')
      return showPage(tools, request, response, 'accounts/staff', {
        ...(await model(response, { problems: added.problems, typed })),
        status: 422
      })
    showPage(tools, request, response, 'accounts/staff-link', {
      title: 'Set-up link',
      current: '/desk/staff',
      person: typed,
      link: `${publicUrl(settings)}/desk/setup/${added}`
    })
  })
  router.post('/staff/:id/link', async (request, response) => {
    const id = otherThanOneself(request, staffOf(response).id)
    const token = await staff.inviteAgain(id, actorOf(response)).catch(refusedChange)
    if (typeof token !== 'string')
      return redirectWith(settings, response, '/desk/staff', token.refused)
    const person = (await staff.list()).find((one) => one.id === id)
    showPage(tools, request, response, 'accounts/staff-link', {
      title: 'Set-up link',
      current: '/desk/staff',
      person,
      link: `${publicUrl(settings)}/desk/setup/${token}`
    })
  })
  router.post('/staff/:id/change', async (request, response) => {
    const refused = await staff
      .change(
        otherThanOneself(request, staffOf(response).id),
        readPerson(request, options),
        actorOf(response)
      )
      .catch(refusedChange)
    redirectWith(settings, response, '/desk/staff', refused?.refused ?? 'staff-changed')
  })
  router.post('/staff/:id/disable', async (request, response) => {
    const done = await staff
      .disable(otherThanOneself(request, staffOf(response).id), actorOf(response))
      .catch(refusedChange)
    if ('refused' in done) return redirectWith(settings, response, '/desk/staff', done.refused)
    options.line.freed(done)
    redirectWith(settings, response, '/desk/staff', 'staff-disabled')
  })
  router.post('/staff/:id/enable', async (request, response) => {
    await staff.enable(otherThanOneself(request, staffOf(response).id), actorOf(response))
    redirectWith(settings, response, '/desk/staff', 'staff-enabled')
  })
  return router
}

interface Problem {
  readonly field: string
  readonly text: string
}

/** Administrators cannot change themselves, so that nobody locks themselves out. */
function otherThanOneself(request: Request, self: string): string {
  const id = idParam(request, 'id', 'STAFF_UNKNOWN')
  if (id === self) throw new EvenhandError('OWN_ACCOUNT')
  return id
}

function readPerson(request: Request, { agency }: Pick<WebContext, 'agency'>): NewStaff {
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
  if (!/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(email))
    problems.push({
      field: 'email',
      text: 'Please give an e-mail address such as name@example.com.'
    })
  if (name === '') problems.push({ field: 'name', text: 'Please give a name.' })
  return problems
}

/** What the list shows about a change that was refused. */
function refusedChange(error: unknown): { refused: 'STAFF_DISABLED' | 'LAST_ADMIN' } {
  if (
    error instanceof EvenhandError &&
    (error.code === 'STAFF_DISABLED' || error.code === 'LAST_ADMIN')
  )
    return { refused: error.code }
  throw error
}

function existing(error: unknown): { problems: Problem[] } {
  if (error instanceof EvenhandError && error.code === 'STAFF_EXISTS')
    return { problems: [{ field: 'email', text: error.message }] }
  throw error
}
