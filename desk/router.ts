import express, { Router } from 'express'
import type { HttpOptions } from './http-options.ts'
import { campaignRouter } from './campaigns/routes.ts'
import { caseRouter } from './cases.ts'
import { counterRouter, takeDownRouter } from './counter.ts'
import { protectForms } from './csrf.ts'
import { recogniseStaff } from './gate.ts'
import { homeRouter } from './home.ts'
import { keysRouter } from './keys-page.ts'
import { mailroomRouter } from './mailroom/routes.ts'
import { uploadRouter } from './mailroom/upload.ts'
import type { PageTools } from './pages.ts'
import { peopleRouter } from './people/routes.ts'
import { quarantineRouter } from './quarantine.ts'
import { setUpRouter } from './set-up.ts'
import { signInRouter } from './sign-in.ts'
import { slipRouter } from './slips.ts'
import { staffRouter } from './staff-pages.ts'
import { webhooksRouter } from './webhooks-page.ts'
import { transcribeRouter } from './transcribe/routes.ts'

/** A reason or note has at most 2,000 characters; a text written down 100,000, each up to nine bytes in a form. */
const MAX_BODY = '1mb'

/** Staff pages. Every POST carries a token bound to the session; nothing is kept by browsers. */
export function deskRouter(options: HttpOptions): Router {
  const router = Router({ caseSensitive: true })
  router.use((_request, response, next) => {
    response.set('cache-control', 'no-store')
    next()
  })
  router.use(express.urlencoded({ extended: false, limit: MAX_BODY, parameterLimit: 100 }))
  router.use(recogniseStaff(options.sessions))
  const csrf = protectForms(options)
  const tools: PageTools = { agency: options.agency, settings: options.settings, csrfToken: csrf.token }
  // Forms with files carry their token in the body, so that they check it themselves once it is read.
  router.use(uploadRouter(options, tools, csrf), takeDownRouter(options, tools, csrf))
  router.use(csrf.check)
  router.use(signInRouter(options, tools), setUpRouter(options, tools))
  router.use(homeRouter(options, tools), caseRouter(options, tools), quarantineRouter(options, tools), staffRouter(options, tools), keysRouter(options, tools), webhooksRouter(options, tools))
  router.use(mailroomRouter(options, tools), transcribeRouter(options, tools), counterRouter(options, tools), slipRouter(options, tools))
  router.use(peopleRouter(options, tools), campaignRouter(options, tools))
  return router
}
