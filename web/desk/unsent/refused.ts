/**
 * After a form was refused: a colleague was first, or what it is about is gone. Its page is shown
 * anew, and what was typed comes back on a page of its own, to be sent again where that can help.
 */
import type { Request, Response } from 'express'
import { isBlank } from '../../../platform/text/visible.ts'
import { catalogue, EvenhandError, type ErrorCode } from '../../../platform/errors.ts'
import type { WebContext } from '../../context.ts'
import { staffOf } from '../shared/authorization.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { refusal } from '../shared/refusal.ts'
import { caseNamed } from './case-named.ts'
import { formModel, readUnsent } from './form.ts'

/** Sent again, the form would be refused again: its words are there to be copied. */
export const over: ReadonlySet<ErrorCode> = new Set([
  'CASE_NOT_CLOSED',
  'CASE_NOT_HELD',
  'CASE_NOT_JOINED',
  'CASE_NOT_PAUSED',
  'CASE_NOT_TAKEN',
  'CASE_PARTS',
  'CASE_UNKNOWN',
  'CONSTITUENT_MERGED',
  'CONSTITUENT_UNKNOWN',
  'CONTACT_NOT_DUPLICATE',
  'CONTACT_NOT_QUARANTINED',
  'DUTY_SETTLED',
  'LINK_UNKNOWN',
  'NOT_FOUND',
  'REPLY_DECIDED',
  'REPLY_OWN'
])

/**
 * Shows the page of a case with the words of one of its forms.
 * @param place where on the page a form without words is shown again, such as `#duties`
 */
export type ComeBack = (
  request: Request,
  response: Response,
  error: unknown,
  place?: string
) => Promise<void>

/** @param page where the form was; nothing typed, it is shown with the reason */
export type Refuse = (
  request: Request,
  response: Response,
  error: unknown,
  page: string
) => Promise<void>

/** @throws from what it returns: an error that no person can do anything about */
export function refuseForms(
  options: Pick<WebContext, 'agency' | 'staff' | 'settings' | 'db'>,
  tools: PageTools
): Refuse {
  return async (request, response, error, page) => {
    const code = refusal(error)
    const unsent = readUnsent(request, staffOf(response).id)
    const form = await formModel(options, unsent, !over.has(code))
    const { status } = new EvenhandError(code)
    if (form.typed.every(({ value }) => isBlank(value))) {
      if (status === 400 || status === 404) throw error
      return redirectWith(options.settings, response, page, code)
    }
    showPage(tools, request, response, 'unsent/unsent', {
      title: 'Not sent yet',
      why: catalogue[code].text,
      form,
      page,
      about: await caseNamed(options, response, page),
      status
    })
  }
}
