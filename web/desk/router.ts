import { Router } from 'express'
import type { WebContext } from '../context.ts'
import { recordAccess } from './access/record.ts'
import { accessRouter } from './access/routes.ts'
import { campaignRouter } from './campaigns/routes.ts'
import { composeRouter } from './cases/compose.ts'
import { caseRouter } from './cases/routes.ts'
import { counterRouter, takeDownRouter } from './counter/routes.ts'
import { countForMenu } from './shared/counts.ts'
import { protectForms } from './shared/csrf.ts'
import { recogniseStaff } from './shared/authorization.ts'
import { heldRouter } from './held/routes.ts'
import { waitsRouter } from './waits/routes.ts'
import { eventsRouter } from './home/events.ts'
import { shortcutsRouter } from './home/shortcuts.ts'
import { pausedRouter } from './paused/routes.ts'
import { homeRouter } from './home/routes.ts'
import { keysRouter } from './keys/routes.ts'
import { mailboxesRouter } from './mailboxes/routes.ts'
import { mailroomRouter } from './mailroom/routes.ts'
import { uploadRouter } from './mailroom/upload.ts'
import type { PageTools } from './shared/pages.ts'
import { peopleRouter } from './people/routes.ts'
import { whoRouter } from './people/who.ts'
import { quarantineRouter } from './quarantine/routes.ts'
import { setUpRouter } from './accounts/set-up.ts'
import { checkForms } from './accounts/session-forms.ts'
import { signInRouter } from './accounts/sign-in.ts'
import { stayRouter } from './accounts/stay.ts'
import { searchRouter } from './search/routes.ts'
import { slipRouter } from './slips/routes.ts'
import { staffRouter } from './accounts/routes.ts'
import { webhooksRouter } from './webhooks/routes.ts'
import { transcribeRouter } from './transcribe/routes.ts'
import { answerUnsent } from './unsent/answer.ts'

/**
 * Bytes: a reason or note has at most 2,000 characters, a transcript 100,000, each up to nine bytes
 * in a form.
 */
const MAX_BODY_BYTES = 1024 ** 2
/** The longest form, with its choices, has some forty fields. */
const MAX_FIELDS = 100

/** Staff pages. Every POST carries a token bound to the session; browsers cache nothing. */
export function deskRouter(options: WebContext): Router {
  const router = Router({ caseSensitive: true })
  router.use((_request, response, next) => {
    response.set('cache-control', 'no-store')
    next()
  })
  router.use(options.bodies.form(MAX_BODY_BYTES, MAX_FIELDS))
  router.use(recogniseStaff(options.sessions), recordAccess(options.access), countForMenu(options))
  const csrf = protectForms(options)
  const tools: PageTools = {
    agency: options.agency,
    settings: options.settings,
    csrfToken: csrf.token
  }
  // Forms with files carry their token in the body, so these routes check it themselves after
  // reading the body.
  router.use(
    uploadRouter(options, tools, csrf),
    takeDownRouter(options, tools, csrf),
    composeRouter(options, csrf)
  )
  router.use(checkForms(csrf))
  router.use(signInRouter(options, tools, csrf), setUpRouter(options, tools), stayRouter())
  router.use(
    homeRouter(options, tools),
    shortcutsRouter(options, tools),
    eventsRouter(options),
    caseRouter(options, tools),
    searchRouter(options, tools),
    heldRouter(options, tools),
    pausedRouter(options, tools),
    waitsRouter(options, tools),
    quarantineRouter(options, tools),
    staffRouter(options, tools),
    accessRouter(options, tools),
    keysRouter(options, tools),
    webhooksRouter(options, tools),
    mailboxesRouter(options, tools)
  )
  router.use(
    mailroomRouter(options, tools),
    transcribeRouter(options, tools),
    counterRouter(options, tools),
    slipRouter(options, tools)
  )
  router.use(
    peopleRouter(options, tools),
    whoRouter(options, tools),
    campaignRouter(options, tools)
  )
  router.use(answerUnsent(options, tools, csrf))
  return router
}
