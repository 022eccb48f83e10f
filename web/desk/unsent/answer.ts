/**
 * Handles a form that cannot be accepted because its session has ended or is another one now, or
 * because something failed on our side. What was typed is shown again, to be checked and sent with
 * one click. It is never sent automatically, and nobody sees what somebody else typed. Passwords and
 * files are not kept. What was typed about a case that went to another department meanwhile is shown
 * to be copied.
 */
import type { ErrorRequestHandler, Request, Response } from 'express'
import { EvenhandError, type ErrorCode } from '../../../platform/errors.ts'
import { report, retryAfter, toCatalogue } from '../../error-handler.ts'
import type { WebContext } from '../../context.ts'
import type { Staff } from '../../../core/access/staff.ts'
import type { FormProtection } from '../shared/csrf.ts'
import { showPage, type PageTools } from '../shared/pages.ts'
import { seal, unseal, type Unsent } from './kept.ts'
import { caseNamed } from './case-named.ts'
import { pageOf } from './deeds.ts'
import { formModel, holdsWords, mayHoldFiles, readUnsent } from './form.ts'

/** Forms that begin or end a session hold nothing worth keeping. */
const UNKEPT = /^\/desk\/(sign-|setup\/)/

export function answerUnsent(
  options: WebContext,
  tools: PageTools,
  forms: FormProtection
): ErrorRequestHandler {
  const { secret, log } = options
  return async (thrown: unknown, request, response, next) => {
    const code = stoppedBy(thrown, request)
    if (
      !code ||
      request.method !== 'POST' ||
      UNKEPT.test(request.originalUrl) ||
      response.headersSent ||
      request.accepts(['html', 'json']) === 'json'
    )
      return next(thrown)
    const from = forms.cameFrom(request)
    const staff = response.locals['staff'] as Staff | undefined
    const error = toCatalogue(thrown)
    if (!from && (staff || error.report)) return next(thrown)
    if (staff && from!.staffId !== staff.id) return next(new EvenhandError('FORM_OF_ANOTHER'))
    response.locals['refused'] = code
    if (error.report) {
      // The database may be away, so that nobody can say who it is: it is their own form.
      report(log, error, request)
      response.set(retryAfter(error))
      return showUnsent(options, tools, request, response, readUnsent(request, from!.staffId), {
        why: 'trouble',
        status: error.status
      })
    }
    if (staff)
      return showUnsent(options, tools, request, response, readUnsent(request, staff.id), {
        why: code === 'CASE_UNKNOWN' ? 'elsewhere' : from!.thisSession ? 'cookie' : 'anew',
        status: code === 'CASE_UNKNOWN' ? 404 : 403
      })
    const unsent = from && readUnsent(request, from.staffId)
    const kept = unsent && seal(unsent, secret(PURPOSE))
    showPage(tools, request, response, 'accounts/sign-in', {
      title: 'Sign in',
      email: '',
      next: pageOf(request.originalUrl),
      problem: undefined,
      kept,
      ended: kept ? 'kept' : unsent ? 'too-long' : 'lost',
      filesGone: mayHoldFiles(request) !== undefined,
      status: new EvenhandError('SIGN_IN_REQUIRED').status
    })
  }
}

const PURPOSE = 'desk-unsent'

function stoppedBy(thrown: unknown, request: Request): ErrorCode | undefined {
  const { code, report: isOurs } = toCatalogue(thrown)
  if (code === 'FORM_EXPIRED' || code === 'SIGN_IN_REQUIRED') return code
  const isElsewhere = code === 'CASE_UNKNOWN' && CASE_FORM.test(request.originalUrl)
  return (isElsewhere || isOurs) && holdsWords(request) ? code : undefined
}

/** Forms of a case. */
const CASE_FORM = /^\/desk\/cases\/[0-9a-f-]{36}\/./

/**
 * What a sign-in form carries for the person who has just signed in. Another person's is ignored.
 */
export function keptFor(
  { secret }: Pick<WebContext, 'secret'>,
  sealed: string,
  { id }: Staff
): Unsent | 'of another' | undefined {
  const unsent = unseal(sealed, secret(PURPOSE))
  return unsent && unsent.staffId !== id ? 'of another' : unsent
}

const whys = {
  'signed-in': 'You are signed in again.',
  elsewhere: 'There is no such case, or it is with another department by now.',
  anew: 'You signed out and in again after the page of this form was opened.',
  cookie: 'The browser did not send the cookie that belongs to this form.',
  trouble:
    'Something failed on our side, and this may not be done. Wait a moment, and look at the page in another window whether it is.'
} as const

/** Shows the form as filled in, to be sent again. */
export async function showUnsent(
  options: Pick<WebContext, 'agency' | 'staff' | 'db'>,
  tools: PageTools,
  request: Request,
  response: Response,
  unsent: Unsent,
  { why, status = 200 }: { readonly why: keyof typeof whys; readonly status?: number }
): Promise<void> {
  const elsewhere = why === 'elsewhere'
  showPage(tools, request, response, 'unsent/unsent', {
    title: 'Not sent yet',
    why: whys[why],
    // An answer of the database can be lost after it has done its work.
    unsure: why === 'trouble',
    form: await formModel(options, unsent, !elsewhere),
    page: elsewhere ? '/desk' : pageOf(unsent.action),
    about: await caseNamed(options, response, pageOf(unsent.action)),
    status
  })
}
