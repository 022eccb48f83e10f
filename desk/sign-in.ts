import { Router, type Response } from 'express'
import { EvenhandError } from '../core/errors.ts'
import { limitRate } from './channel-routes.ts'
import { clearDeskCookie, CSRF_COOKIE, SESSION_COOKIE, setDeskCookie } from './cookies.ts'
import { field } from './fields.ts'
import type { HttpOptions } from './http-options.ts'
import { redirectWith, showPage, type PageTools } from './pages.ts'
import { SESSION_HOURS } from './sessions.ts'

/** Attempts of one address in a minute, whatever account they try. */
const ATTEMPTS_PER_MINUTE = 10

/** Signing in and out. */
export function signInRouter({ sessions, settings }: HttpOptions, tools: PageTools): Router {
  const router = Router()
  router.get('/sign-in', (request, response) => {
    showPage(tools, request, response, 'sign-in', { title: 'Sign in', email: '', next: safeNext(request.query['next']), problem: undefined })
  })
  router.post('/sign-in', limitRate(ATTEMPTS_PER_MINUTE), async (request, response) => {
    const email = field(request, 'email', 254)
    const next = safeNext(field(request, 'next'))
    try {
      const token = await sessions.signIn(email, rawPassword(request.body))
      beginSession(response, settings, token)
      response.redirect(303, next)
    } catch (error) {
      if (!(error instanceof EvenhandError && error.code === 'SIGN_IN_FAILED')) throw error
      showPage(tools, request, response, 'sign-in', { title: 'Error: Sign in', email, next, problem: error.message }, error.status)
    }
  })
  router.post('/sign-out', async (request, response) => {
    const token = (request.cookies as Record<string, string | undefined>)[SESSION_COOKIE]
    if (token) await sessions.signOut(token)
    clearDeskCookie(response, settings, SESSION_COOKIE)
    clearDeskCookie(response, settings, CSRF_COOKIE)
    redirectWith(settings, response, '/desk/sign-in', 'signed-out')
  })
  return router
}

/** A new session has a new form token too. */
function beginSession(response: Response, settings: HttpOptions['settings'], token: string): void {
  setDeskCookie(response, settings, SESSION_COOKIE, token, SESSION_HOURS * 3_600_000)
  clearDeskCookie(response, settings, CSRF_COOKIE)
}

/** Only pages of the desk: an address made by someone else must not lead anywhere else after signing in. */
function safeNext(asked: unknown): string {
  return typeof asked === 'string' && /^\/desk(\/[\w/-]*)?$/.test(asked) && !asked.includes('//') && !asked.startsWith('/desk/sign-') ? asked : '/desk'
}

/** As typed: blanks at the ends of a password count. */
export function rawPassword(body: unknown): string {
  const password = (body as Record<string, unknown> | undefined)?.['password']
  return typeof password === 'string' ? password : ''
}
