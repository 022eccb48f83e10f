/**
 * The page of a case after one of its forms was refused: a colleague was first, or a word is
 * missing. It comes back with what was typed, to be sent again where that can help.
 */
import type { Request, Response } from 'express'
import type { ErrorCode } from '../../../platform/errors.ts'
import type { WebContext } from '../../context.ts'
import { staffOf } from '../shared/authorization.ts'
import { idParam } from '../shared/fields.ts'
import { redirectWith, type PageTools } from '../shared/pages.ts'
import { refusal } from '../shared/refusal.ts'
import { formModel, holdsWords, readUnsent } from '../unsent/form.ts'
import { showCase } from './page.ts'

/** Sent again, the form would be refused again: its words are there to be copied. */
const over: ReadonlySet<ErrorCode> = new Set([
  'CASE_NOT_CLOSED',
  'CASE_NOT_JOINED',
  'CASE_NOT_PAUSED',
  'CASE_NOT_TAKEN',
  'CASE_PARTS',
  'CONTACT_NOT_DUPLICATE',
  'DUTY_SETTLED',
  'NOT_FOUND',
  'REPLY_DECIDED',
  'REPLY_OWN'
])

/** @param place where on the page a form without words is shown again, such as `#duties` */
export type ComeBack = (
  request: Request,
  response: Response,
  error: unknown,
  place?: string
) => Promise<void>

export function casePages(
  options: WebContext,
  tools: PageTools
): { show(request: Request, response: Response): Promise<void>; comeBack: ComeBack } {
  return {
    show: (request, response) => showCase(options, tools, request, response),
    comeBack: async (request, response, error, place = '') => {
      const code = refusal(error)
      const page = `/desk/cases/${idParam(request, 'id', 'CASE_UNKNOWN')}${place}`
      if (!holdsWords(request)) return redirectWith(options.settings, response, page, code)
      const unsent = readUnsent(request, staffOf(response).id)
      const form = await formModel(options, unsent, !over.has(code))
      await showCase(options, tools, request, response, { code, form })
    }
  }
}
