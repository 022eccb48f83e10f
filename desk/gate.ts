/** Who is asking, and whether they may. */
import type { RequestHandler, Response } from 'express'
import { EvenhandError } from '../core/errors.ts'
import { SESSION_COOKIE } from './cookies.ts'
import type { SessionStore } from './sessions.ts'
import type { Role, Staff } from './staff.ts'

/** Finds the session behind the cookie, if there is one. */
export function recogniseStaff(sessions: SessionStore): RequestHandler {
  return async (request, response, next) => {
    const token = (request.cookies as Record<string, string | undefined>)[SESSION_COOKIE]
    if (token) response.locals['staff'] = await sessions.find(token)
    next()
  }
}

/** Lets through only those who are signed in, and of these only the roles named. */
export function requireStaff(roles?: readonly Role[]): RequestHandler {
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

/** As the ledger names them. */
export function actorOf(response: Response): string {
  return `staff:${staffOf(response).id}`
}
