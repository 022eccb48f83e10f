/**
 * The page of a case after one of its forms was refused: a colleague was first, or a word is
 * missing. It comes back with what was typed, to be sent again where that can help.
 */
import type { Request, Response } from 'express'
import type { WebContext } from '../../context.ts'
import { staffOf } from '../shared/authorization.ts'
import { idParam } from '../shared/fields.ts'
import { redirectWith, type PageTools } from '../shared/pages.ts'
import { refusal } from '../shared/refusal.ts'
import { formModel, holdsWords, readUnsent } from '../unsent/form.ts'
import { over, type ComeBack } from '../unsent/refused.ts'
import { showCase } from './page.ts'

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
