/**
 * Every form of the desk carries a token bound to the session (csrf-csrf: signed double submit),
 * and a signed mark of the person it was made for.
 */
import { randomBytes } from 'node:crypto'
import { doubleCsrf } from 'csrf-csrf'
import type { Request, RequestHandler, Response } from 'express'
import {
  cookieOptions,
  CSRF_COOKIE,
  SESSION_COOKIE,
  setDeskCookie,
  VISIT_COOKIE
} from './cookies.ts'
import type { WebContext } from '../../context.ts'
import { hashToken, type Staff } from '../../../core/access/staff.ts'
import { isOfSession, markForm, ownerOf, tokenOf } from './form-owner.ts'

/** Who filled in a submitted form, as far as the form proves it. */
export interface CameFrom {
  readonly staffId: string
  /** True if the form was made in the present session. */
  readonly thisSession: boolean
}

export interface FormProtection {
  readonly check: RequestHandler
  /** The same for a form that a page parses itself; its fields become the request's body. */
  checkFields(
    request: Request,
    response: Response,
    fields: ReadonlyMap<string, string>
  ): Promise<void>
  token(request: Request, response: Response): string
  /** Undefined if the form proves nothing. */
  cameFrom(request: Request): CameFrom | undefined
}

export function protectForms({
  settings,
  secret
}: Pick<WebContext, 'settings' | 'secret'>): FormProtection {
  const key = Buffer.from(secret('desk-csrf')).toString('base64url')
  const ownerKey = secret('desk-form-owner')
  const { doubleCsrfProtection, generateCsrfToken } = doubleCsrf({
    getSecret: () => key,
    getSessionIdentifier: identify,
    cookieName: CSRF_COOKIE,
    cookieOptions: cookieOptions(settings),
    getCsrfTokenFromRequest: (request) => tokenOf(sentToken(request))
  })
  return {
    check: doubleCsrfProtection,
    checkFields(request, response, fields) {
      request.body = Object.fromEntries(fields)
      return new Promise((resolve, reject) => {
        void doubleCsrfProtection(request, response, (error?: unknown) =>
          error ? reject(error as Error) : resolve()
        )
      })
    },
    token(request, response) {
      const token = made.get(request) ?? make(request, response)
      made.set(request, token)
      return token
    },
    cameFrom(request) {
      const owner = ownerOf(sentToken(request), ownerKey)
      return owner && { staffId: owner.staffId, thisSession: isOfSession(owner, identify(request)) }
    }
  }

  function make(request: Request, response: Response): string {
    if (!cookiesOf(request)[SESSION_COOKIE] && !cookiesOf(request)[VISIT_COOKIE])
      beginVisit(request, response, settings)
    const staff = response.locals['staff'] as Staff | undefined
    return markForm(
      generateCsrfToken(request, response),
      ownerKey,
      staff && { staffId: staff.id, session: identify(request) }
    )
  }
}

function sentToken(request: Request): unknown {
  return (request.body as Record<string, unknown> | undefined)?.['_csrf']
}

/**
 * One token per request: the browser keeps only the last cookie set, and every form of a page must
 * match it.
 */
const made = new WeakMap<Request, string>()

function identify(request: Request): string {
  return hashToken(cookiesOf(request)[SESSION_COOKIE] ?? cookiesOf(request)[VISIT_COOKIE] ?? '')
}

/** Sets the cookie for the browser and for the rest of this request. */
function beginVisit(request: Request, response: Response, settings: WebContext['settings']): void {
  const visit = randomBytes(16).toString('base64url')
  setDeskCookie(response, settings, { name: VISIT_COOKIE, value: visit })
  cookiesOf(request)[VISIT_COOKIE] = visit
}

function cookiesOf(request: Request): Record<string, string | undefined> {
  return request.cookies as Record<string, string | undefined>
}
