/** One field to find a case by: its receipt, a name, an address, words, what staff wrote. */
import { Router, type Request, type Response } from 'express'
import { channelKinds, type ChannelKind } from '../../../core/envelope.ts'
import { caseStates, type CaseState } from '../../../core/line/tables.ts'
import { QUERY_LIMIT } from '../../../core/search/query.ts'
import { searchCases, type SearchFilter } from '../../../core/search/search.ts'
import { startOfDay } from '../../../platform/local-time.ts'
import type { WebContext } from '../../context.ts'
import { departmentsOf, requireStaff, staffOf } from '../shared/authorization.ts'
import { namesDepartments } from '../shared/departments.ts'
import { field } from '../shared/fields.ts'
import { showPage, type PageTools } from '../shared/pages.ts'
import { channelWords, stateWords } from '../shared/words.ts'

const fields = ['q', 'department', 'state', 'channel', 'from', 'to'] as const
type Asked = Readonly<Record<(typeof fields)[number], string>>

/** What was asked for travels in the body, so that no name is in a URL, a history or a log. */
export function searchRouter(options: WebContext, tools: PageTools): Router {
  const router = Router()
  router.get('/search', requireStaff(), (request, response) =>
    show(options, tools, request, response)
  )
  router.post('/search', requireStaff(), (request, response) =>
    show(options, tools, request, response)
  )
  return router
}

async function show(
  options: WebContext,
  tools: PageTools,
  request: Request,
  response: Response
): Promise<void> {
  const { db, agency } = options
  const asked = Object.fromEntries(
    fields.map((name) => [name, field(request, name, QUERY_LIMIT)])
  ) as Asked
  const { departments, agency: us } = agency().departments
  const mine = departmentsOf(staffOf(response))
  const before = dateOf(field(request, 'before', 40))
  const result =
    asked.q === ''
      ? undefined
      : await searchCases(db, asked.q, {
          languages: us.languages,
          ...filterOf(asked, mine, us.timeZone),
          ...(before ? { before } : {})
        })
  showPage(tools, request, response, 'search/search', {
    title: 'Search',
    current: '/desk/search',
    asked,
    result,
    departments: departments.filter(({ id }) => mine?.includes(id) ?? true),
    departmentName: namesDepartments(agency()),
    channels: channelWords,
    states: stateWords
  })
}

function filterOf(
  { department, state, channel, from, to }: Asked,
  mine: readonly string[] | undefined,
  zone: string
): SearchFilter {
  const allowed = department !== '' && (mine?.includes(department) ?? true)
  const until = startOfDay(to, zone, 1)
  return {
    departments: allowed ? [department] : mine,
    state: caseStates.find((known): known is CaseState => known === state),
    channel: channelKinds.find((known): known is ChannelKind => known === channel),
    from: startOfDay(from, zone, 0),
    ...(until ? { before: until } : {})
  }
}

function dateOf(text: string): Date | undefined {
  const date = new Date(text)
  return text === '' || Number.isNaN(date.getTime()) ? undefined : date
}
