/** On the page of a case: who its contacts are from, and which other contacts say the same. */
import type { Request, Response, Router } from 'express'
import type { CaseSuggestion } from '../../core/duplicates/review.ts'
import { EvenhandError } from '../../core/errors.ts'
import type { CaseView } from '../core.ts'
import { field } from '../fields.ts'
import { actorOf, staffOf } from '../gate.ts'
import type { HttpOptions } from '../http-options.ts'
import { refusal } from '../mailroom/shared.ts'
import { redirectWith, type Flash } from '../pages.ts'
import { departmentsOf, drawBars, nameOf, odds, roleWords } from './shared.ts'

type Find = (request: Request, response: Response) => Promise<CaseView>

/** What the case page shows of both, for someone who may see the case. */
export async function peopleModel({ people, campaigns }: HttpOptions, view: CaseView, response: Response) {
  const [linked, suggestions, inCampaigns] = await Promise.all([people.peopleOf(view.contacts.map(({ contactId }) => contactId)), people.suggestionsOf(view.caseId), campaigns.ofCase(view.caseId)])
  return {
    drawBars, odds, nameOf, roleWords, inCampaigns, suggestions: oneForEach(suggestions, view),
    peopleOn: (contactId: string) => linked.filter((link) => link.contactId === contactId),
    mayOpen: (link: CaseSuggestion) => mayOpen(link, response)
  }
}

/** The other contact is another department's business as long as it stands in that one's line. */
function mayOpen({ department }: CaseSuggestion, response: Response): boolean {
  const mine = departmentsOf(staffOf(response))
  return mine === undefined || (department !== undefined && mine.includes(department))
}

/** Another contact may say the same as several of this case: it is shown once. Those that are on this very case are shown with it. */
function oneForEach(suggestions: readonly CaseSuggestion[], { caseId, contacts }: CaseView): CaseSuggestion[] {
  const here = new Set(contacts.map(({ contactId }) => contactId))
  const others = suggestions.filter((link) => !(link.state === 'joined' && link.caseId === caseId && here.has(link.contactId)))
  return [...new Map(others.toReversed().map((link) => [link.contactId, link])).values()].toReversed()
}

/** Joining, declining, taking back: each for a link that this case shows, with a reason. */
export function suggestionRoutes(router: Router, options: HttpOptions, find: Find): void {
  const { people, settings } = options
  const acts: Record<string, { done: Flash; act(linkId: string, actor: string, reason: string): Promise<void> }> = {
    join: { done: 'matter-joined', act: (linkId, actor, reason) => people.join(linkId, actor, reason) },
    decline: { done: 'matter-declined', act: (linkId, actor, reason) => people.decline(linkId, actor, reason) }
  }
  for (const [verb, { done, act }] of Object.entries(acts)) {
    router.post(`/cases/:id/links/:link/${verb}`, async (request, response) => {
      const { caseId } = await find(request, response)
      const all = await people.suggestionsOf(caseId)
      const link = all.find(({ linkId }) => linkId === request.params['link'])
      if (!link || !mayOpen(link, response)) throw new EvenhandError('LINK_UNKNOWN')
      // What is said of one contact holds for each contact of this case that it was set beside.
      const open = all.filter(({ contactId, state }) => contactId === link.contactId && state === 'suggested')
      const decide = async () => { for (const { linkId } of open.length > 0 ? open : [link]) await act(linkId, actorOf(response), field(request, 'reason')) }
      const refused = await decide().then(() => undefined, refusal)
      redirectWith(settings, response, `/desk/cases/${caseId}`, refused ?? done)
    })
  }
  router.post('/cases/:id/contacts/:contact/apart', async (request, response) => {
    const { caseId, contacts } = await find(request, response)
    const contact = contacts.find(({ contactId, role }) => contactId === request.params['contact'] && role !== 'first')
    if (!contact) throw new EvenhandError('CONTACT_NOT_DUPLICATE')
    const refused = await people.undoDuplicate(contact.contactId, actorOf(response), field(request, 'reason')).then(() => undefined, refusal)
    redirectWith(settings, response, `/desk/cases/${caseId}`, refused ?? 'matter-apart')
  })
}
