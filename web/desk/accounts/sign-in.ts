import { Router, type Request, type Response } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import { clearDeskCookie, CSRF_COOKIE, SESSION_COOKIE, setDeskCookie } from '../shared/cookies.ts'
import type { FormProtection } from '../shared/csrf.ts'
import { DEVICE_COOKIE, DEVICE_MS } from '../../../core/access/devices.ts'
import { field } from '../shared/fields.ts'
import type { WebContext } from '../../context.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { SESSION_HOURS, type SignedIn } from '../../../core/access/sessions.ts'
import type { Staff } from '../../../core/access/staff.ts'
import { keptFor, showUnsent } from '../unsent/answer.ts'
import { MAX_SEALED } from '../unsent/kept.ts'
import { safeNext } from './safe-next.ts'
import { isStale, isVouched, sayStale } from './session-forms.ts'

/** Signing in and out. */
export function signInRouter(options: WebContext, tools: PageTools, forms: FormProtection): Router {
  const { sessions, settings, access } = options
  const router = Router()
  router.get('/sign-in', (request, response) => {
    showPage(tools, request, response, 'accounts/sign-in', {
      title: 'Sign in',
      email: '',
      next: safeNext(request.query['next']),
      problem: undefined
    })
  })
  router.post('/sign-in', async (request, response) => {
    const email = field(request, 'email', 254)
    const [next, kept] = [safeNext(field(request, 'next')), field(request, 'kept', MAX_SEALED)]
    // If the person has signed in meanwhile in another window, the request is already fulfilled.
    if (isStale(response) && staffIn(response)?.email === email.toLowerCase())
      return goOn(options, tools, request, response, { next, kept })
    if (isStale(response) && !isVouched(request))
      return showPage(tools, request, response, 'accounts/sign-in', {
        title: 'Sign in',
        email,
        next,
        kept,
        problem: undefined,
        stale: sayStale(request),
        status: 403
      })
    try {
      const cookies = request.cookies as Record<string, string | undefined>
      const signedIn = await sessions.signIn(email, rawPassword(request.body), {
        address: request.ip ?? '',
        device: cookies[DEVICE_COOKIE]
      })
      beginSession(request, response, settings, signedIn)
      response.locals['staff'] = await sessions.find(signedIn.token)
      await goOn(options, tools, request, response, { next, kept })
    } catch (error) {
      if (!(error instanceof EvenhandError && error.code === 'SIGN_IN_FAILED')) throw error
      showPage(tools, request, response, 'accounts/sign-in', {
        title: 'Error: Sign in',
        email,
        next,
        kept,
        problem: error.message,
        status: error.status
      })
    }
  })
  router.post('/sign-out', async (request, response) => {
    const staff = staffIn(response)
    if (
      isStale(response) &&
      staff &&
      !isVouched(request) &&
      forms.cameFrom(request)?.staffId !== staff.id
    )
      throw new EvenhandError('FORM_EXPIRED')
    const token = (request.cookies as Record<string, string | undefined>)[SESSION_COOKIE]
    if (token) await sessions.signOut(token)
    if (staff)
      await access.record({
        actor: `staff:${staff.id}`,
        what: 'sign-in.out',
        target: staff.id,
        address: request.ip ?? ''
      })
    clearDeskCookie(response, settings, SESSION_COOKIE)
    clearDeskCookie(response, settings, CSRF_COOKIE)
    redirectWith(settings, response, '/desk/sign-in', 'signed-out')
  })
  return router
}

function staffIn(response: Response): Staff | undefined {
  return response.locals['staff'] as Staff | undefined
}

/** Goes to the page they wanted, or back to what they had typed before they had to sign in. */
async function goOn(
  options: WebContext,
  tools: PageTools,
  request: Request,
  response: Response,
  { next, kept }: { readonly next: string; readonly kept: string }
): Promise<void> {
  const staff = staffIn(response)
  const unsent = staff && kept ? keptFor(options, kept, staff) : undefined
  if (unsent === 'of another') redirectWith(options.settings, response, '/desk', 'FORM_OF_ANOTHER')
  else if (unsent) await showUnsent(options, tools, request, response, unsent, { why: 'signed-in' })
  else response.redirect(303, next)
}

/** A new session needs a new form token, also on the page that answers this request. */
function beginSession(
  request: Request,
  response: Response,
  settings: WebContext['settings'],
  { token, device }: SignedIn
): void {
  setDeskCookie(response, settings, {
    name: SESSION_COOKIE,
    value: token,
    maxAge: SESSION_HOURS * 3_600_000
  })
  setDeskCookie(response, settings, { name: DEVICE_COOKIE, value: device, maxAge: DEVICE_MS })
  clearDeskCookie(response, settings, CSRF_COOKIE)
  const cookies = request.cookies as Record<string, string | undefined>
  cookies[SESSION_COOKIE] = token
  delete cookies[CSRF_COOKIE]
}

/** Exactly as typed: spaces at the ends of a password count. */
export function rawPassword(body: unknown): string {
  const password = (body as Record<string, unknown> | undefined)?.['password']
  return typeof password === 'string' ? password : ''
}
