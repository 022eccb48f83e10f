/**
 * Which requests of the desk are recorded in the access log. This is decided from the URL path
 * alone, which holds ids and never search terms.
 */
import type { Request, RequestHandler, Response } from 'express'
import type { AccessRecord, AccessLog } from '../../../core/access/access-log.ts'
import type { Staff } from '../../../core/access/staff.ts'

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** Kinds of items that pages show, by the first part of their path. */
const shown: Readonly<Record<string, string>> = {
  cases: 'case',
  held: 'held-cases',
  paused: 'waiting-cases',
  people: 'person',
  quarantine: 'contact',
  transcribe: 'contact',
  mailroom: 'letter',
  campaigns: 'campaign',
  slips: 'slip',
  staff: 'account',
  keys: 'key',
  access: 'access-log'
}
/**
 * A refusal is recorded with the part of the desk it was about, and never with anything else from
 * the URL.
 */
const parts = new Set([...Object.keys(shown), 'departments', 'counter', 'webhooks', 'mailboxes'])
/** Lists that show what people wrote or who did what. Other lists show only counts and links. */
const lists = new Set(['quarantine', 'held', 'paused', 'access', 'staff', 'keys', 'campaigns'])

/** Records each request of a signed-in person once it is answered. */
export function recordAccess(log: AccessLog): RequestHandler {
  return (request, response, next) => {
    response.once('finish', () => {
      const access = accessOf(request, response)
      if (access) void log.record(access)
    })
    next()
  }
}

function accessOf(request: Request, response: Response): AccessRecord | undefined {
  const staff = response.locals['staff'] as Staff | undefined
  const what =
    staff &&
    (response.statusCode === 403
      ? refusalOf(request, response)
      : kindOf(request, response.statusCode))
  if (!staff || !what) return undefined
  return {
    actor: `staff:${staff.id}`,
    what,
    target: pathOf(request).match(ID)?.at(-1),
    address: request.ip ?? ''
  }
}

const searches: Readonly<Record<string, string>> = {
  '/desk/people': 'search.people',
  '/desk/search': 'search.cases'
}

const staleForms = new Set(['FORM_EXPIRED', 'FORM_OF_ANOTHER'])

/**
 * `refused.read.staff`, `refused.change.departments`; `refused.stale.…` if the request was refused
 * only because its form belonged to another session.
 */
function refusalOf(request: Request, response: Response): string {
  const how = staleForms.has(String(response.locals['refused']))
    ? 'stale'
    : request.method === 'GET' || request.method === 'HEAD'
      ? 'read'
      : 'change'
  const area = areaOf(request)
  return `refused.${how}.${parts.has(area) ? area : 'other'}`
}

function kindOf(request: Request, status: number): string | undefined {
  if (status !== 200 && status !== 206) return undefined
  const area = areaOf(request)
  // What is looked for comes in the body of a POST, which shows its results at once.
  if (request.method === 'POST') return searches[pathOf(request)]
  if (request.method !== 'GET') return undefined
  const thing = Object.hasOwn(shown, area) ? shown[area]! : undefined
  const path = pathOf(request)
  if (path.endsWith('/original')) return 'read.original'
  if (/\/(documents|pages|pictures|files?|searchable)(\/|$)/.test(path)) return 'read.document'
  if (area === 'slips' || ID.test(path)) return thing && `read.${thing}`
  return lists.has(area) ? `read.${area}` : undefined
}

/** The first part of the path below the desk. */
function areaOf(request: Request): string {
  return /^\/desk\/([a-z-]+)/.exec(pathOf(request))?.[1] ?? ''
}

function pathOf(request: Request): string {
  ID.lastIndex = 0
  return request.originalUrl.split('?', 1)[0]!
}
