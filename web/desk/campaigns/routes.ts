/**
 * The same letter from many people: read once, each one counted and answered. Every case keeps its
 * own place.
 */
import { Router, type Request, type Response } from 'express'
import { ANSWER_LIMIT, answerAll, split, takeOut } from '../../../core/campaigns/answer.ts'
import {
  concerns,
  listCampaigns,
  viewCampaign,
  type CampaignMember,
  type CampaignView
} from '../../../core/campaigns/view.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { newId } from '../../../platform/ids.ts'
import { namesDepartments } from '../shared/departments.ts'
import { field, idParam } from '../shared/fields.ts'
import { actorOf, departmentsOf, requireStaff, staffOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { refusal } from '../shared/refusal.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { mergeRoles, peopleRoles } from '../people/shared.ts'
import { refuseForms } from '../unsent/refused.ts'
import { nameActor } from '../shared/actor-names.ts'

const LISTED = 100
const LETTERS_ON_PAGE = 50

const frame = { current: '/desk/campaigns', scripts: ['forms.js', 'desk.js'] }

export function campaignRouter(options: WebContext, tools: PageTools): Router {
  const { db, settings } = options
  const refuse = refuseForms(options, tools)
  const router = Router({ caseSensitive: true })
  router.use('/campaigns', requireStaff(peopleRoles))
  router.get('/campaigns', async (request, response) => {
    const mine = departmentsOf(staffOf(response))
    const found = await listCampaigns(db, {
      limit: LISTED,
      ...(mine ? { departments: mine } : {})
    })
    showPage(tools, request, response, 'campaigns/list', {
      ...frame,
      title: 'Campaigns',
      ...found,
      departmentName: namesDepartments(options.agency())
    })
  })
  router.get('/campaigns/:campaign', async (request, response) =>
    showOne(options, tools, request, response)
  )
  router.post(
    '/campaigns/:campaign/answer',
    requireStaff(mergeRoles),
    async (request, response) => {
      const campaignId = idParam(request, 'campaign', 'NOT_FOUND')
      const text = field(request, 'text', ANSWER_LIMIT + 1).replaceAll('\r\n', '\n')
      const page = `/desk/campaigns/${campaignId}`
      const answerId = field(request, 'answer', 40)
      await answerAll(options, campaignId, text, actorOf(response), answerId).then(
        () => redirectWith(settings, response, page, 'campaign-answered'),
        (error: unknown) =>
          refusal(error) === 'TEXT_REQUIRED'
            ? showOne(options, tools, request, response, text)
            : refuse(request, response, error, page)
      )
    }
  )
  router.post('/campaigns/:campaign/letters/:contact/out', async (request, response) => {
    const { campaignId, letters } = await findCampaign(options, request, response)
    const contact = idParam(request, 'contact', 'NOT_FOUND')
    const page = letters.length > 2 ? `/desk/campaigns/${campaignId}` : '/desk/campaigns'
    const out = async () => {
      if (!letters.some((letter) => letter.contactId === contact && mayRead(letter, response)))
        throw new EvenhandError('NOT_FOUND')
      await takeOut(db, contact, actorOf(response), field(request, 'reason'))
    }
    await out().then(
      () => redirectWith(settings, response, page, 'campaign-left'),
      (error: unknown) => refuse(request, response, error, page)
    )
  })
  router.post(
    '/campaigns/:campaign/merged/:part/apart',
    requireStaff(mergeRoles),
    async (request, response) => {
      const { campaignId, merged } = await findCampaign(options, request, response)
      const apart = async () => {
        const part = merged.find((one) => one.campaignId === request.params['part'])
        if (!part) throw new EvenhandError('NOT_FOUND')
        await split(db, part.campaignId, actorOf(response), field(request, 'reason'))
      }
      const page = `/desk/campaigns/${campaignId}`
      await apart().then(
        () => redirectWith(settings, response, page, 'campaign-split'),
        (error: unknown) => refuse(request, response, error, page)
      )
    }
  )
  return router
}

async function showOne(
  options: WebContext,
  tools: PageTools,
  request: Request,
  response: Response,
  typed?: string
): Promise<void> {
  const campaign = await findCampaign(options, request, response)
  const names = await options.staff.names()
  const page = pageOf(request)
  showPage(tools, request, response, 'campaigns/one', {
    ...frame,
    title: `Campaign of ${campaign.members} letters`,
    campaign,
    page,
    pages: Math.ceil(campaign.members / LETTERS_ON_PAGE),
    departmentName: namesDepartments(options.agency()),
    most: ANSWER_LIMIT,
    mayRead: (letter: CampaignMember) => mayRead(letter, response),
    mayAnswer: mergeRoles.includes(staffOf(response).role),
    parts: partsOf,
    who: (actor: string) => nameActor(names, actor),
    typed: typed ?? '',
    answerId: newId(),
    problems:
      typed === undefined
        ? []
        : [
            {
              field: 'text',
              text: `Answer: a text of at most ${ANSWER_LIMIT.toLocaleString('en')} characters is needed.`
            }
          ],
    status: typed === undefined ? 200 : 422
  })
}

/**
 * A campaign that concerns none of the person's departments gets the same answer as one that does
 * not exist.
 * @throws NOT_FOUND
 */
async function findCampaign(
  { db }: Pick<WebContext, 'db'>,
  request: Request,
  response: Response
): Promise<CampaignView> {
  const campaignId = idParam(request, 'campaign', 'NOT_FOUND')
  const mine = departmentsOf(staffOf(response))
  if (mine && !(await concerns(db, campaignId, mine))) throw new EvenhandError('NOT_FOUND')
  return viewCampaign(db, campaignId, {
    limit: LETTERS_ON_PAGE,
    offset: (pageOf(request) - 1) * LETTERS_ON_PAGE
  })
}

function pageOf(request: Request): number {
  const { page } = request.query
  return typeof page === 'string' && /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1
}

function mayRead({ department }: CampaignMember, response: Response): boolean {
  const mine = departmentsOf(staffOf(response))
  return mine === undefined || (department !== undefined && mine.includes(department))
}

/** Splits a letter into the shared wording and the person's own words, in reading order. */
export function partsOf({
  text,
  own
}: Pick<CampaignMember, 'text' | 'own'>): { text: string; own: boolean }[] {
  const parts: { text: string; own: boolean }[] = []
  let at = 0
  for (const { start, end } of own) {
    parts.push(
      { text: text.slice(at, start), own: false },
      { text: text.slice(start, end), own: true }
    )
    at = end
  }
  return [...parts, { text: text.slice(at), own: false }].filter((part) => part.text !== '')
}
