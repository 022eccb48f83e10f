/** Finds out who makes a request, and whether they may. */
import type { RequestHandler, Response } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import { SESSION_COOKIE } from './cookies.ts'
import type { SessionStore } from '../../../core/access/sessions.ts'
import type { StaffRole, Staff } from '../../../core/access/staff.ts'

/** Loads the session of the cookie, if there is one. */
/** What a page asks for by itself keeps no session alive. */
const EVENTS_PATH = '/events'

export function recogniseStaff(sessions: SessionStore): RequestHandler {
  return async (request, response, next) => {
    const token = (request.cookies as Record<string, string | undefined>)[SESSION_COOKIE]
    if (token)
      response.locals['staff'] = await sessions.find(token, {
        isActive: request.path !== EVENTS_PATH
      })
    next()
  }
}

/** Lets only signed-in people through, and of these only the given roles. */
export function requireStaff(roles?: readonly StaffRole[]): RequestHandler {
  return (_request, response, next) => {
    const { role } = staffOf(response)
    if (roles && !roles.includes(role)) throw new EvenhandError('NOT_ALLOWED')
    next()
  }
}

/** @throws EvenhandError SIGN_IN_REQUIRED */
export function staffOf(response: Response): Staff {
  const staff = response.locals['staff'] as Staff | undefined
  if (!staff) throw new EvenhandError('SIGN_IN_REQUIRED')
  return staff
}

/** The signed-in person, as the ledger names them. */
export function actorOf(response: Response): string {
  return `staff:${staffOf(response).id}`
}

/** The departments whose contacts the user may see; undefined for all. */
export function departmentsOf({ role, departments }: Staff): readonly string[] | undefined {
  return role === 'supervisor' || role === 'admin' ? undefined : departments
}
