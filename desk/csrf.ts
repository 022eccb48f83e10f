/** Every form of the desk carries a token that only our pages know, bound to the session (csrf-csrf: signed double submit). */
import { randomBytes } from 'node:crypto'
import { doubleCsrf } from 'csrf-csrf'
import type { Request, RequestHandler, Response } from 'express'
import { cookieOptions, CSRF_COOKIE, SESSION_COOKIE, setDeskCookie, VISIT_COOKIE } from './cookies.ts'
import type { HttpOptions } from './http-options.ts'
import { hashToken } from './staff.ts'

export interface FormProtection {
  readonly check: RequestHandler
  token(request: Request, response: Response): string
}

export function protectForms({ settings, secret }: Pick<HttpOptions, 'settings' | 'secret'>): FormProtection {
  const key = Buffer.from(secret('desk-csrf')).toString('base64url')
  const { doubleCsrfProtection, generateCsrfToken } = doubleCsrf({
    getSecret: () => key,
    getSessionIdentifier: identify,
    cookieName: CSRF_COOKIE,
    cookieOptions: cookieOptions(settings),
    getCsrfTokenFromRequest: (request) => (request.body as Record<string, unknown> | undefined)?.['_csrf'] as string | undefined
  })
  return {
    check: doubleCsrfProtection,
    token(request, response) {
      if (!cookiesOf(request)[SESSION_COOKIE] && !cookiesOf(request)[VISIT_COOKIE]) beginVisit(request, response, settings)
      return generateCsrfToken(request, response)
    }
  }
}

function identify(request: Request): string {
  return hashToken(cookiesOf(request)[SESSION_COOKIE] ?? cookiesOf(request)[VISIT_COOKIE] ?? '')
}

/** The cookie is set for the browser and for the rest of this request. */
function beginVisit(request: Request, response: Response, settings: HttpOptions['settings']): void {
  const visit = randomBytes(16).toString('base64url')
  setDeskCookie(response, settings, VISIT_COOKIE, visit)
  cookiesOf(request)[VISIT_COOKIE] = visit
}

function cookiesOf(request: Request): Record<string, string | undefined> {
  return request.cookies as Record<string, string | undefined>
}
