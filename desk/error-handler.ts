/** The one place where errors become answers. */
import type { ErrorRequestHandler, Request } from 'express'
import type { Agency } from '../config/agency.ts'
import type { Settings } from '../config/settings.ts'
import { problemOf } from '../core/api/problems.ts'
import { docsUrl } from '../core/api/serve.ts'
import { asEvenhandError, EvenhandError } from '../core/errors.ts'
import type { Log } from '../core/logger.ts'
import { LANGUAGE_COOKIE } from '../core/pages/cookies.ts'
import { renderError } from '../core/pages/error-page.ts'
import { residentFrame } from '../core/pages/frame.ts'
import { pickLanguage } from '../core/pages/language.ts'
import { deskFrame } from './pages.ts'

/** Long enough for a restart, short enough that nobody gives up. */
const RETRY_AFTER_SECONDS: Partial<Record<number, number>> = { 429: 60, 503: 30 }

export function handleError({ agency, log, settings }: { agency: () => Agency; log: Log; settings: Settings }): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const error = toCatalogue(thrown)
    if (error.report) log.error({ err: error, code: error.code, method: request.method }, 'a request failed')
    if (response.headersSent) return next(thrown)
    if (error.code === 'SIGN_IN_REQUIRED' && request.method === 'GET') return response.redirect(303, `/desk/sign-in?next=${encodeURIComponent(request.originalUrl.slice(0, 200))}`)
    const retryAfter = RETRY_AFTER_SECONDS[error.status]
    if (retryAfter !== undefined) response.set('retry-after', String(retryAfter))
    response.status(error.status).set('cache-control', 'no-store')
    if (isApi(request)) return response.set(challenge(error)).type('application/problem+json').send(JSON.stringify(problemOf(error, docsUrl(settings))))
    if (request.accepts(['html', 'json']) === 'json') response.type('application/problem+json').send(JSON.stringify(problem(error)))
    else response.type('html').send(errorPage(error, request, agency()))
  }
}

function isApi(request: Request): boolean {
  return /^\/v1(\/|$)/.test(request.originalUrl)
}

/** RFC 6750 section 3: who shows no key, or one that is none, hears which kind is expected. */
function challenge({ code }: EvenhandError): Record<string, string> {
  return code === 'KEY_REQUIRED' ? { 'www-authenticate': 'Bearer realm="evenhand"' } : {}
}

/** RFC 9457. */
function problem(error: EvenhandError): object {
  return { type: 'about:blank', title: error.message, status: error.status, code: error.code }
}

function errorPage(error: EvenhandError, request: Request, agency: Agency): string {
  if (/^\/desk(\/|$)/.test(request.originalUrl)) return renderError(error.code, deskFrame(agency, undefined), { href: '/desk', text: 'Back to the desk' })
  const { lang } = request.query
  const cookies = request.cookies as Record<string, string | undefined> | undefined
  const wish = { query: typeof lang === 'string' ? lang : undefined, cookie: cookies?.[LANGUAGE_COOKIE], accept: request.headers['accept-language'] }
  const frame = residentFrame(agency, pickLanguage(wish, agency.departments.agency.languages), '')
  return renderError(error.code, { ...frame, languages: [] }, { href: '/', text: frame.t('page.home') })
}

/** Errors of Express and its parsers carry a status; the rest is ours or unexpected. */
export function toCatalogue(thrown: unknown): EvenhandError {
  if (thrown instanceof EvenhandError) return thrown
  const { status, code } = thrown as { status?: unknown; code?: unknown }
  if (code === 'EBADCSRFTOKEN') return new EvenhandError('FORM_EXPIRED')
  if (status === 413) return new EvenhandError('INTAKE_TOO_LARGE')
  if (status === 404) return new EvenhandError('NOT_FOUND')
  if (typeof status === 'number' && status >= 400 && status < 500) return new EvenhandError('BAD_REQUEST')
  return asEvenhandError(thrown)
}
