/** The list of trays, and logging one, which fixes the place of every letter in it. */
import type { Request, Response, Router } from 'express'
import { formatLocalTime, parseLocalTime } from '../../../platform/local-time.ts'
import type { Batch, NewTray } from '../../../core/mailroom/types.ts'
import { field } from '../shared/fields.ts'
import { actorOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { formatAge } from '../shared/age.ts'
import { isRefusal } from '../shared/refusal.ts'
import { accountLine, batchPath, batchStates, workFrame, count } from './shared.ts'
import { nameActor } from '../shared/actor-names.ts'

/**
 * Trays shown per state. Of those in work, far more than a mailroom has on its tables; of those
 * released, those that somebody may still ask about.
 */
const SHOWN = { held: 100, scanning: 100, reading: 100, released: 12 } as const
/** A tray holds some hundred letters; a larger number than this is a typing error. */
const MOST_LETTERS = 99_999

interface Problem {
  readonly field: string
  readonly text: string
}
interface Typed {
  readonly expected: string
  readonly note: string
  readonly receivedAt: string
  readonly reason: string
}

export function trayRoutes(router: Router, options: WebContext, tools: PageTools): void {
  router.get('/mailroom', (request, response) => showTrays(options, tools, request, response))
  router.post('/mailroom/trays', async (request, response) => {
    const typed = readTyped(request)
    const zone = options.agency().departments.agency.timeZone
    const checked = checkTray(typed, zone)
    const logged =
      'problems' in checked
        ? checked
        : await options.mailroom
            .logTray({ actor: actorOf(response), ...checked.tray })
            .then((batch) => ({ batch }), refused)
    if ('problems' in logged)
      await showTrays(options, tools, request, response, { typed, problems: logged.problems })
    else redirectWith(options.settings, response, batchPath(logged.batch.id), 'tray-logged')
  })
}

function readTyped(request: Request): Typed {
  return {
    expected: field(request, 'expected', 10),
    note: field(request, 'note', 500),
    receivedAt: field(request, 'receivedAt', 30),
    reason: field(request, 'reason')
  }
}

function checkTray(
  typed: Typed,
  timeZone: string
): { tray: Omit<NewTray, 'actor'> } | { problems: Problem[] } {
  const problems: Problem[] = []
  const expected = Number(typed.expected)
  if (
    typed.expected !== '' &&
    !(/^\d+$/.test(typed.expected) && expected >= 1 && expected <= MOST_LETTERS)
  )
    problems.push({
      field: 'expected',
      text: 'Letters counted: enter a whole number from 1, or leave it empty.'
    })
  const receivedAt =
    typed.receivedAt === '' ? undefined : parseLocalTime(typed.receivedAt, timeZone)
  if (typed.receivedAt !== '' && !receivedAt)
    problems.push({
      field: 'receivedAt',
      text: 'Stamp: enter a date and a time, or leave it empty for now.'
    })
  if (receivedAt && typed.reason === '')
    problems.push({ field: 'reason', text: 'Say why the stamp is not now.' })
  if (problems.length > 0) return { problems }
  return {
    tray: {
      ...(typed.expected === '' ? {} : { expected }),
      ...(typed.note === '' ? {} : { note: typed.note }),
      ...(receivedAt ? { receivedAt, reason: typed.reason } : {})
    }
  }
}

function refused(error: unknown): { problems: Problem[] } {
  if (!isRefusal(error)) throw error
  return {
    problems: [
      { field: error.code === 'REASON_REQUIRED' ? 'reason' : 'receivedAt', text: error.message }
    ]
  }
}

async function showTrays(
  { mailroom, agency, staff }: Pick<WebContext, 'mailroom' | 'agency' | 'staff'>,
  tools: PageTools,
  request: Request,
  response: Response,
  { typed, problems = [] }: { readonly typed?: Typed; readonly problems?: readonly Problem[] } = {}
): Promise<void> {
  const states = Object.entries(SHOWN) as [Batch['state'], number][]
  const [batches, names] = await Promise.all([
    Promise.all(states.map(([state, limit]) => mailroom.listBatches({ state, limit }))),
    staff.names()
  ])
  const { timeZone } = agency().departments.agency
  showPage(tools, request, response, 'mailroom/trays', {
    ...workFrame,
    title: 'Mailroom',
    groups: groupTrays(batches.flat()),
    problems,
    states: batchStates,
    accountLine,
    count,
    age: formatAge,
    typed: typed ?? { expected: '', note: '', receivedAt: '', reason: '' },
    zone: timeZone,
    latest: formatLocalTime(new Date(), timeZone),
    path: batchPath,
    who: (actor: string) => nameActor(names, actor),
    status: problems.length > 0 ? 422 : 200
  })
}

/**
 * Trays that wait for a person come first, earliest stamp first. Finished ones come last, latest
 * first.
 */
function groupTrays(
  batches: readonly Batch[]
): { id: string; heading: string; empty: string; batches: Batch[] }[] {
  const pick = (...states: Batch['state'][]) =>
    batches
      .filter(({ state }) => states.includes(state))
      .toSorted((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime())
  return [
    { id: 'held', heading: 'Need a person', empty: '', batches: pick('held') },
    {
      id: 'open',
      heading: 'In work',
      empty: 'No tray is in work. Log one when the post comes.',
      batches: pick('scanning', 'reading')
    },
    {
      id: 'released',
      heading: 'Released lately',
      empty: '',
      batches: pick('released').toReversed()
    }
  ].filter(({ batches, empty }) => batches.length > 0 || empty !== '')
}
