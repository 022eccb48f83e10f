/**
 * The forms that begin or end a session. Their token is out of date as soon as one signs in or out
 * in another tab.
 */
import type { Request, RequestHandler, Response } from 'express'
import { SESSION_COOKIE, VISIT_COOKIE } from '../shared/cookies.ts'
import type { FormProtection } from '../shared/csrf.ts'

const SESSION_FORMS = /^\/desk\/(sign-in|sign-out|setup\/[^/?]+)(\?|$)/

/** Checks form tokens, except that these forms go on with an outdated one and are told so. */
export function checkForms({ check }: FormProtection): RequestHandler {
  return (request, response, next) => {
    void check(request, response, (error?: unknown) => {
      const stale =
        (error as { code?: unknown } | undefined)?.code === 'EBADCSRFTOKEN' &&
        SESSION_FORMS.test(request.originalUrl)
      if (stale) response.locals['stale'] = true
      next(stale ? undefined : error)
    })
  }
}

/** Whether the form's token belongs to another session. */
export function isStale(response: Response): boolean {
  return response.locals['stale'] === true
}

/**
 * True if the browser itself says that a page of ours sent the form (no other site's page can set
 * this header), and it keeps cookies.
 */
export function isVouched(request: Request): boolean {
  return request.headers['sec-fetch-site'] === 'same-origin' && hasCookie(request)
}

/** Why a password has to be typed again. */
export function sayStale(request: Request): string {
  return hasCookie(request)
    ? 'You signed in or out in another window after this page was opened, so nothing was done with it. Please type the password once more.'
    : 'The browser did not send the cookie of this page: cookies are off, or it was closed since. Nothing was done with it. Please type the password once more; if this comes again, allow cookies for this site.'
}

function hasCookie(request: Request): boolean {
  const cookies = request.cookies as Record<string, string | undefined>
  return (cookies[VISIT_COOKIE] ?? cookies[SESSION_COOKIE]) !== undefined
}
