/** All keys of the desk on one page, and the switch that turns single keys off (WCAG 2.2, 2.1.4). */
import { Router } from 'express'
import type { WebContext } from '../../context.ts'
import { requireStaff } from '../shared/authorization.ts'
import { setDeskCookie } from '../shared/cookies.ts'
import { KEYS_COOKIE } from '../shared/keys-off.ts'
import { field } from '../shared/fields.ts'
import { showPage, type PageTools } from '../shared/pages.ts'

const YEAR_MS = 365 * 24 * 3_600_000

const keys = [
  ['n', 'Take the next case'],
  ['r', 'Write the reply'],
  ['i', 'Write a note for staff'],
  ['e', 'Close the case'],
  ['b', 'Give the case back'],
  ['p', 'Pass it over'],
  ['t', 'Transfer it'],
  ['h', 'Hand it off'],
  ['w', 'Let it wait for its resident'],
  ['s', 'Split it: two matters in one'],
  ['j', 'Join it with another case'],
  ['/', 'Search'],
  ['?', 'This page'],
  ['Ctrl Enter', 'In the reply or note: send it, and go on'],
  ['Alt Shift D', 'To the desk'],
  ['Alt Shift C', 'To the counter']
] as const

export function shortcutsRouter(
  { settings }: Pick<WebContext, 'settings'>,
  tools: PageTools
): Router {
  const router = Router()
  router.use('/shortcuts', requireStaff())
  router.get('/shortcuts', (request, response) =>
    showPage(tools, request, response, 'home/shortcuts', {
      title: 'Keyboard',
      current: '/desk/shortcuts',
      keys
    })
  )
  router.post('/shortcuts', (request, response) => {
    const chosen = field(request, 'keys', 3) === 'off' ? 'off' : 'on'
    setDeskCookie(response, settings, { name: KEYS_COOKIE, value: chosen, maxAge: YEAR_MS })
    response.redirect(303, '/desk/shortcuts')
  })
  return router
}
