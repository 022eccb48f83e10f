/** The one place where errors become answers. */
import type { ErrorRequestHandler, Request, Response } from 'express'
import type { Agency } from '../config/agency.ts'
import { problemOf } from './problems.ts'
import { docsUrl } from './docs-url.ts'
import { asEvenhandError, EvenhandError } from '../platform/errors.ts'
import { LANGUAGE_COOKIE } from '../platform/pages/cookies.ts'
import { renderError } from '../platform/pages/error-page.ts'
import { residentFrame } from '../platform/pages/frame.ts'
import { pickLanguage } from '../platform/pages/language.ts'
import { protectForms, type FormProtection } from './desk/shared/csrf.ts'
import type { WebContext } from './context.ts'
import type { Log } from '../platform/logger.ts'
import { countsOf } from './desk/shared/counts.ts'
import { accountOf, deskFrame } from './desk/shared/pages.ts'
import type { Staff } from '../core/access/staff.ts'

/** Seconds: long enough for a restart, short enough that nobody gives up. */
const RETRY_AFTER_SECONDS: Partial<Record<number, number>> = { 429: 60, 503: 30 }

export function handleError({
  agency,
  log,
  settings,
  secret
}: Pick<WebContext, 'agency' | 'log' | 'settings' | 'secret'>): ErrorRequestHandler {
  const { token } = protectForms({ settings, secret })
  return (thrown: unknown, request, response, next) => {
    const error = toCatalogue(thrown)
    report(log, error, request)
    if (response.headersSent) return next(thrown)
    response.locals['refused'] = error.code
    if (error.code === 'SIGN_IN_REQUIRED' && request.method === 'GET')
      return response.redirect(
        303,
        `/desk/sign-in?next=${encodeURIComponent(request.originalUrl.slice(0, 1_000))}`
      )
    response.status(error.status).set({ 'cache-control': 'no-store', ...retryAfter(error) })
    if (isApi(request))
      return response
        .set(challenge(error))
        .type('application/problem+json')
        .send(JSON.stringify(problemOf(error, docsUrl(settings))))
    if (request.accepts(['html', 'json']) === 'json')
      response.type('application/problem+json').send(JSON.stringify(problem(error)))
    else if (isDesk(request))
      response.type('html').send(deskErrorPage(error, request, response, agency(), token))
    else response.type('html').send(errorPage(error, request, agency()))
  }
}

/** Logs an error that an administrator has to look into. */
export function report(log: Log, error: EvenhandError, { method }: Request): void {
  if (error.report) log.error({ err: error, code: error.code, method }, 'a request failed')
}

/** The Retry-After header, for errors after which trying again helps. */
export function retryAfter({ status }: EvenhandError): Record<string, string> {
  const seconds = RETRY_AFTER_SECONDS[status]
  return seconds === undefined ? {} : { 'retry-after': String(seconds) }
}

function isDesk(request: Request): boolean {
  return /^\/desk(\/|$)/.test(request.originalUrl)
}

function isApi(request: Request): boolean {
  return /^\/v1(\/|$)/.test(request.originalUrl)
}

/** RFC 6750 section 3: a client without a valid key is told which kind is expected. */
function challenge({ code }: EvenhandError): Record<string, string> {
  return code === 'KEY_REQUIRED' ? { 'www-authenticate': 'Bearer realm="evenhand"' } : {}
}

/** RFC 9457. */
function problem(error: EvenhandError): object {
  return { type: 'about:blank', title: error.message, status: error.status, code: error.code }
}

/** The person stays signed in: the page keeps their name and the navigation. */
function deskErrorPage(
  error: EvenhandError,
  request: Request,
  response: Response,
  agency: Agency,
  csrfToken: FormProtection['token']
): string {
  const frame = {
    ...deskFrame(agency, response.locals['staff'] as Staff | undefined, '', countsOf(response)),
    account: accountOf({ csrfToken }, request, response)
  }
  return renderError(error.code, frame, { href: '/desk', text: 'Back to the desk' })
}

function errorPage(error: EvenhandError, request: Request, agency: Agency): string {
  const { lang } = request.query
  const cookies = request.cookies as Record<string, string | undefined> | undefined
  const wish = {
    query: typeof lang === 'string' ? lang : undefined,
    cookie: cookies?.[LANGUAGE_COOKIE],
    accept: request.headers['accept-language']
  }
  const frame = residentFrame(agency, pickLanguage(wish, agency.departments.agency.languages), '')
  return renderError(
    error.code,
    { ...frame, languages: [] },
    { href: '/', text: frame.t('page.home') }
  )
}

/** Errors of Express and its parsers have a status. All others are our own or unexpected. */
export function toCatalogue(thrown: unknown): EvenhandError {
  if (thrown instanceof EvenhandError) return thrown
  const { status, code } = thrown as { status?: unknown; code?: unknown }
  if (code === 'EBADCSRFTOKEN') return new EvenhandError('FORM_EXPIRED')
  if (status === 413) return new EvenhandError('INTAKE_TOO_LARGE')
  if (status === 404) return new EvenhandError('NOT_FOUND')
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new EvenhandError('BAD_REQUEST')
  return asEvenhandError(thrown)
}
