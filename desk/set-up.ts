import { Router } from 'express'
import { EvenhandError } from '../core/errors.ts'
import { limitRate } from './channel-routes.ts'
import { field } from './fields.ts'
import type { HttpOptions } from './http-options.ts'
import { redirectWith, showPage, type PageTools } from './pages.ts'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './password.ts'
import { rawPassword } from './sign-in.ts'

/** Guessing 256-bit tokens is hopeless anyway; this keeps the hashing from being a burden. */
const VIEWS_PER_MINUTE = 30

/** The page behind a set-up link: choose a name and a password, once. */
export function setUpRouter({ staff, settings }: HttpOptions, tools: PageTools): Router {
  const router = Router()
  const shared = { title: 'Set up your account', least: MIN_PASSWORD_LENGTH }
  router.use('/setup/:token', limitRate(VIEWS_PER_MINUTE))
  router.get('/setup/:token', async (request, response) => {
    const person = await staff.findInvited(request.params.token)
    if (!person) throw new EvenhandError('SETUP_LINK_USED')
    showPage(tools, request, response, 'set-up', { ...shared, email: person.email, name: person.name, problems: [] })
  })
  router.post('/setup/:token', async (request, response) => {
    const person = await staff.findInvited(request.params.token)
    if (!person) throw new EvenhandError('SETUP_LINK_USED')
    const name = field(request, 'name', 200)
    const password = rawPassword(request.body)
    const problems = checkChoice(name, password, person.email)
    if (problems.length > 0) return showPage(tools, request, response, 'set-up', { ...shared, title: `Error: ${shared.title}`, email: person.email, name, problems }, 422)
    await staff.setUp(request.params.token, name, password)
    redirectWith(settings, response, '/desk/sign-in', 'set-up')
  })
  return router
}

function checkChoice(name: string, password: string, email: string): { field: string; text: string }[] {
  const problems = []
  if (name === '') problems.push({ field: 'name', text: 'Please give your name.' })
  if (password.length < MIN_PASSWORD_LENGTH) problems.push({ field: 'password', text: `The password needs at least ${MIN_PASSWORD_LENGTH} characters.` })
  if (password.length > MAX_PASSWORD_LENGTH) problems.push({ field: 'password', text: `The password may have at most ${MAX_PASSWORD_LENGTH} characters.` })
  if (password.toLowerCase().includes(email.toLowerCase())) problems.push({ field: 'password', text: 'The password must not contain your e-mail address.' })
  return problems
}
