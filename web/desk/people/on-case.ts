/** On a case's page: who its contacts are from, and which other contacts say the same. */
import type { Request, Response, Router } from 'express'
import { takeApart } from '../../../core/cases/take-apart.ts'
import { campaignsOfCase } from '../../../core/campaigns/view.ts'
import { countOthers, peopleOf } from '../../../core/people/view.ts'
import {
  declineSuggested,
  joinSuggested,
  suggestionsOf,
  type CaseSuggestion
} from '../../../core/settle/review-duplicate.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import type { CaseView } from '../../../core/cases/types.ts'
import { field } from '../shared/fields.ts'
import { actorOf, departmentsOf, staffOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { redirectWith, type Flash } from '../shared/pages.ts'
import type { ComeBack } from '../unsent/refused.ts'
import { drawBars, nameOf, odds, roleWords } from './shared.ts'

type Find = (request: Request, response: Response) => Promise<CaseView>

/** What the case page shows of both, if the person may see the case. */
export async function peopleModel(
  { db }: Pick<WebContext, 'db'>,
  view: CaseView,
  response: Response
) {
  const contactIds = view.contacts.map(({ contactId }) => contactId)
  const [linked, suggestions, inCampaigns] = await Promise.all([
    peopleOf(db, contactIds),
    suggestionsOf(db, view.caseId),
    campaignsOfCase(db, view.caseId)
  ])
  const writer = linked.find(
    ({ contactId, role, verdict }) =>
      contactId === contactIds[0] && role === 'sender' && verdict !== 'possible'
  )?.constituent
  return {
    writer,
    othersOfWriter: writer ? await countOthers(db, writer.constituentId, contactIds) : 0,
    drawBars,
    odds,
    nameOf,
    roleWords,
    inCampaigns,
    suggestions: oneForEach(suggestions, view),
    peopleOn: (contactId: string) => linked.filter((link) => link.contactId === contactId),
    mayOpen: (link: Pick<CaseSuggestion, 'department'>) => mayOpen(link, response)
  }
}

/**
 * While the other contact stands in another department's line, only that department may open it.
 */
function mayOpen({ department }: Pick<CaseSuggestion, 'department'>, response: Response): boolean {
  const mine = departmentsOf(staffOf(response))
  return mine === undefined || (department !== undefined && mine.includes(department))
}

/**
 * Another contact may say the same as several of this case; it is shown only once. Those already on
 * this case are shown with it.
 */
function oneForEach(
  suggestions: readonly CaseSuggestion[],
  { caseId, contacts }: CaseView
): CaseSuggestion[] {
  const here = new Set(contacts.map(({ contactId }) => contactId))
  const others = suggestions.filter(
    (link) => !(link.state === 'joined' && link.caseId === caseId && here.has(link.contactId))
  )
  return [
    ...new Map(others.toReversed().map((link) => [link.contactId, link])).values()
  ].toReversed()
}

/** Joining, declining and taking back, each with a reason, for links shown with this case. */
export function suggestionRoutes(
  router: Router,
  options: WebContext,
  comeBack: ComeBack,
  find: Find
): void {
  const { db, settings } = options
  const acts: Record<
    string,
    { done: Flash; act(linkId: string, actor: string, reason: string): Promise<void> }
  > = {
    join: {
      done: 'matter-joined',
      act: (linkId, actor, reason) => joinSuggested(options, linkId, actor, reason)
    },
    decline: {
      done: 'matter-declined',
      act: (linkId, actor, reason) => declineSuggested(db, linkId, actor, reason)
    }
  }
  for (const [verb, { done, act }] of Object.entries(acts)) {
    router.post(`/cases/:id/links/:link/${verb}`, async (request, response) => {
      const { caseId } = await find(request, response)
      const decide = async () => {
        for (const linkId of await decidedWith(db, caseId, request, response))
          await act(linkId, actorOf(response), field(request, 'reason'))
      }
      await decide().then(
        () => redirectWith(settings, response, `/desk/cases/${caseId}`, done),
        (error: unknown) => comeBack(request, response, error)
      )
    })
  }
  router.post('/cases/:id/contacts/:contact/apart', async (request, response) => {
    const view = await find(request, response)
    await takeApart(options, view, {
      joined: String(request.params['contact']),
      actor: actorOf(response),
      reason: field(request, 'reason')
    }).then(
      () => redirectWith(settings, response, `/desk/cases/${view.caseId}`, 'matter-apart'),
      (error: unknown) => comeBack(request, response, error)
    )
  })
}

/**
 * A decision about one contact applies to every contact of this case that it was compared with.
 * @throws LINK_UNKNOWN
 */
async function decidedWith(
  db: WebContext['db'],
  caseId: string,
  request: Request,
  response: Response
): Promise<string[]> {
  const all = await suggestionsOf(db, caseId)
  const link = all.find(({ linkId }) => linkId === request.params['link'])
  if (!link || !mayOpen(link, response)) throw new EvenhandError('LINK_UNKNOWN')
  const open = all.filter(
    ({ contactId, state }) => contactId === link.contactId && state === 'suggested'
  )
  return (open.length > 0 ? open : [link]).map(({ linkId }) => linkId)
}
