import { Router, type Request } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import { setDeskCookie } from '../shared/cookies.ts'
import { DEVICE_COOKIE, DEVICE_MS } from '../../../core/access/devices.ts'
import { field } from '../shared/fields.ts'
import type { WebContext } from '../../context.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../../../core/access/password.ts'
import { isStale, isVouched, sayStale } from './session-forms.ts'
import { rawPassword } from './sign-in.ts'

/** The page behind a set-up link: choose a name and a password, once. */
export function setUpRouter(
  { staff, sessions, settings, guesses }: WebContext,
  tools: PageTools
): Router {
  const router = Router()
  const shared = { title: 'Set up your account', least: MIN_PASSWORD_LENGTH }
  const findInvited = async ({ params, ip }: Request<{ token: string }>) => {
    const person = await staff.findInvited(params.token)
    if (person) return person
    await guesses.count('link', ip ?? '')
    throw new EvenhandError('SETUP_LINK_USED')
  }
  router.get('/setup/:token', async (request, response) => {
    const person = await findInvited(request)
    showPage(tools, request, response, 'accounts/set-up', {
      ...shared,
      email: person.email,
      name: person.name,
      problems: []
    })
  })
  router.post('/setup/:token', async (request, response) => {
    const person = await findInvited(request)
    const name = field(request, 'name', 200)
    const password = rawPassword(request.body)
    const problems =
      isStale(response) && !isVouched(request)
        ? [{ field: 'password', text: sayStale(request) }]
        : checkChoice(name, password, person.email)
    if (problems.length > 0)
      return showPage(tools, request, response, 'accounts/set-up', {
        ...shared,
        title: `Error: ${shared.title}`,
        email: person.email,
        name,
        problems,
        status: 422
      })
    const { id } = await staff.setUp(request.params.token, name, password)
    setDeskCookie(response, settings, {
      name: DEVICE_COOKIE,
      value: sessions.deviceFor(id),
      maxAge: DEVICE_MS
    })
    redirectWith(settings, response, '/desk/sign-in', 'set-up')
  })
  return router
}

function checkChoice(
  name: string,
  password: string,
  email: string
): { field: string; text: string }[] {
  const problems = []
  if (name === '') problems.push({ field: 'name', text: 'Please give your name.' })
  if (password.length < MIN_PASSWORD_LENGTH)
    problems.push({
      field: 'password',
      text: `The password needs at least ${MIN_PASSWORD_LENGTH} characters.`
    })
  if (password.length > MAX_PASSWORD_LENGTH)
    problems.push({
      field: 'password',
      text: `The password may have at most ${MAX_PASSWORD_LENGTH} characters.`
    })
  if (password.toLowerCase().includes(email.toLowerCase()))
    problems.push({ field: 'password', text: 'The password must not contain your e-mail address.' })
  return problems
}
