/** Giving a case back to its place for whoever holds it. */
import type { Router } from 'express'
import type { WebContext } from '../../context.ts'
import { actorOf, requireStaff } from '../shared/authorization.ts'
import { field, idParam } from '../shared/fields.ts'
import { redirectWith, type PageTools } from '../shared/pages.ts'
import { freeingRoles } from '../shared/roles.ts'
import { refuseForms, type ComeBack } from '../unsent/refused.ts'

/** The form stands on the page of the case and on the list of held ones, and comes back there. */
export function freeRoute(
  router: Router,
  options: WebContext,
  tools: PageTools,
  comeBack: ComeBack
): void {
  const refuse = refuseForms(options, tools)
  router.post('/cases/:id/free', requireStaff(freeingRoles), async (request, response) => {
    const caseId = idParam(request, 'id', 'CASE_UNKNOWN')
    const listed = field(request, 'back', 10) === 'held'
    const page = listed ? '/desk/held' : `/desk/cases/${caseId}`
    await options.line
      .free(caseId, {
        actor: actorOf(response),
        reason: field(request, 'reason'),
        holder: field(request, 'holder', 200) || undefined
      })
      .then(
        () => redirectWith(options.settings, response, page, 'freed'),
        (error: unknown) =>
          listed ? refuse(request, response, error, page) : comeBack(request, response, error)
      )
  })
}
