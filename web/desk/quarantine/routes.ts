import { Router, type Request, type Response } from 'express'
import { catalogue, EvenhandError, type ErrorCode } from '../../../platform/errors.ts'
import { readOriginal } from '../../../core/cases/files.ts'
import { releaseAll, releaseSeen } from '../../../core/cases/release.ts'
import { isQuarantined } from '../../../core/contacts/quarantine.ts'
import {
  changedSince,
  discard,
  membersOf,
  pageQuarantine,
  restore,
  type Changed,
  type QuarantineFilter,
  type SeenContact
} from '../../../core/contacts/quarantine-list.ts'
import { field, idParam } from '../shared/fields.ts'
import { sendFile } from '../../send-file.ts'
import { actorOf, requireStaff } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { quarantineRoles } from '../shared/roles.ts'
import { redirectWith, showPage, type Flash, type PageTools } from '../shared/pages.ts'
import { formatWait } from '../shared/age.ts'
import { refusal } from '../shared/refusal.ts'
import { tellGroups } from './tell.ts'
import { nameActor } from '../shared/actor-names.ts'

/** Groups, or members of one, per page. */
const ON_PAGE = 25
/**
 * Characters for 500 contacts: numbers of up to 18 digits, each with up to six of its steps, and
 * separators.
 */
const SHOWN_LENGTH = 500 * 26

/**
 * Contacts that wait for a person because a machine must not decide. They keep their place in line.
 */
export function quarantineRouter(options: WebContext, tools: PageTools): Router {
  const { db } = options
  const router = Router()
  router.use('/quarantine', requireStaff(quarantineRoles))
  router.get('/quarantine', (request, response) =>
    showQuarantine(options, tools, request, response)
  )
  router.get('/quarantine/:id/original', async (request, response) => {
    const id = idParam(request, 'id', 'NOT_FOUND')
    if (!(await isQuarantined(db, id))) throw new EvenhandError('CONTACT_NOT_QUARANTINED')
    sendFile(response, await readOriginal(options, id))
  })
  const act =
    (
      done: Flash,
      find: (request: Request) => Promise<readonly SeenContact[]>,
      work: (contacts: readonly SeenContact[], actor: string, reason: string) => Promise<unknown>
    ) =>
    async (request: Request, response: Response) => {
      const contacts = await find(request)
      const flash = await work(contacts, actorOf(response), field(request, 'reason')).then(
        () => done,
        refusal
      )
      if (flash === 'CONTACT_CHANGED')
        await showQuarantine(options, tools, request, response, {
          changed: await changedSince(db, contacts),
          asked: contacts
        })
      else
        redirectWith(
          options.settings,
          response,
          linkTo(readFilter(request), { page: pageQuery(request) }),
          flash
        )
    }
  const several = (request: Request) => membersOf(db, field(request, 'shown', SHOWN_LENGTH))
  router.post(
    '/quarantine/release',
    act('released-all', several, (contacts, actor, reason) =>
      releaseAll(options, contacts, actor, reason)
    )
  )
  router.post(
    '/quarantine/discard',
    act('discarded-all', several, (contacts, actor, reason) => discard(db, contacts, actor, reason))
  )
  router.post(
    '/quarantine/:id/release',
    act('released', one, ([contact], actor, reason) =>
      releaseSeen(options, contact!, actor, reason)
    )
  )
  router.post(
    '/quarantine/:id/discard',
    act('discarded', one, (contacts, actor, reason) => discard(db, contacts, actor, reason))
  )
  router.post(
    '/quarantine/:id/restore',
    act('restored', one, ([contact], actor, reason) => restore(db, contact!, actor, reason))
  )
  return router
}

/** A request from a page whose contents have changed in the meantime. */
interface Overtaken {
  readonly changed: readonly Changed[]
  readonly asked: readonly SeenContact[]
}

/** The contact named in the URL, as the page showed it. */
function one(request: Request): Promise<readonly SeenContact[]> {
  return Promise.resolve([
    {
      contactId: idParam(request, 'id', 'NOT_FOUND'),
      seen: Number(/^\d{1,6}$/.exec(field(request, 'seen', 7))?.[0] ?? 0)
    }
  ])
}

async function showQuarantine(
  options: WebContext,
  tools: PageTools,
  request: Request,
  response: Response,
  overtaken?: Overtaken
): Promise<void> {
  const { staff } = options
  const [filter, page] = [readFilter(request), readPage(request)]
  const found = await pageQuarantine(options.db, filter, page, ON_PAGE, timeZoneOf(options))
  if (found.groupCount === 0 && !overtaken && (page > 1 || filter.group !== undefined)) {
    const last = await lastPage(options, filter)
    if (last) return response.redirect(303, linkTo(last.filter, { page: last.page }))
  }
  const pages = Math.max(1, Math.ceil(found.groupCount / ON_PAGE))
  const asked = new Set(overtaken?.asked.map(({ contactId }) => contactId))
  const problem =
    overtaken &&
    sayChanged(overtaken, await staff.names(), (at) =>
      new Intl.DateTimeFormat('en', {
        timeStyle: 'short',
        timeZone: timeZoneOf(options)
      }).format(at)
    )
  showPage(tools, request, response, 'quarantine/quarantine', {
    title: problem ? 'Error: Quarantine' : 'Quarantine',
    current: '/desk/quarantine',
    ...found,
    groups: await tellGroups(options, found.groups),
    codes: nameCodes(found.codes),
    filter,
    page,
    pages,
    problem,
    // What was typed stays with the contact it was about.
    reason: (contactId: string) => (asked.has(contactId) ? field(request, 'reason') : ''),
    query: linkTo(filter, { page: pageQuery(request) }).split('?')[1] ?? '',
    linkTo: (change: Record<string, string>) => linkTo(filter, change),
    age: (since: Date) => formatWait(Date.now() - since.getTime()),
    status: problem ? 409 : 200
  })
}

/**
 * Where to go if this page is now empty: the last page there is, or all groups if nothing is left
 * of this one.
 */
async function lastPage(
  options: WebContext,
  filter: QuarantineFilter
): Promise<{ filter: QuarantineFilter; page: string } | undefined> {
  const { groupCount } = await pageQuarantine(options.db, filter, 1, ON_PAGE, timeZoneOf(options))
  if (groupCount > 0)
    return { filter, page: groupCount > ON_PAGE ? String(Math.ceil(groupCount / ON_PAGE)) : '' }
  const { group, ...all } = filter
  return group === undefined ? undefined : { filter: all, page: '' }
}

const deeds: Readonly<Record<string, string>> = {
  'contact.discarded': 'put aside',
  'contact.restored': 'taken up again',
  'contact.released': 'released to its line',
  'contact.transcribed': 'written down'
}

/**
 * "It was put aside by Ana Díaz at 10:32 (Advertising)"; for several, each kind once, with its
 * count.
 */
function sayChanged(
  { changed, asked }: Overtaken,
  names: ReadonlyMap<string, string>,
  time: (at: Date) => string
): string {
  const kinds = Map.groupBy(
    changed,
    ({ kind, actor }) =>
      `${deeds[kind] ?? 'changed'}${deeds[kind] ? ` by ${nameActor(names, actor)}` : ''}`
  )
  const what = [...kinds]
    .slice(0, 5)
    .map(
      ([deed, [first, ...more]]) =>
        `${asked.length === 1 ? 'this contact' : String(more.length + 1)} ${more.length === 0 ? 'was' : 'were'} ${deed} at ${time(first!.at)}${first!.reason && deed !== 'changed' ? ` (“${first!.reason.slice(0, 200)}”)` : ''}`
    )
  return `Nothing was done. Since your page was made, ${what.join('; ') || 'this contact was changed'}. The page below is as it stands now.`
}

function timeZoneOf({ agency }: Pick<WebContext, 'agency'>): string {
  return agency().departments.agency.timeZone
}

function pageQuery(request: Request): string {
  return readPage(request) === 1 ? '' : String(readPage(request))
}

function readFilter({ query }: Request): QuarantineFilter {
  const text = (name: string, pattern: RegExp) =>
    typeof query[name] === 'string' && pattern.test(query[name]) ? { [name]: query[name] } : {}
  return {
    ...text('channel', /^[a-z0-9]{1,20}$/),
    ...text('code', /^[A-Z_]{1,40}$/),
    ...text('group', /^[0-9a-f]{32}$/),
    ...(query['show'] === 'discarded' ? { discarded: true } : {})
  }
}

function readPage({ query }: Request): number {
  const page =
    typeof query['page'] === 'string' && /^\d{1,6}$/.test(query['page']) ? Number(query['page']) : 1
  return Math.max(1, page)
}

/** A link to this page with one parameter changed; an empty value removes it. */
function linkTo(
  { discarded, ...filter }: QuarantineFilter,
  change: Record<string, string>
): string {
  const query = Object.entries({
    ...filter,
    ...(discarded ? { show: 'discarded' } : {}),
    ...change
  }).filter(([, value]) => value !== '')
  return query.length === 0
    ? '/desk/quarantine'
    : `/desk/quarantine?${new URLSearchParams(query).toString()}`
}

/**
 * Codes with their names, sorted by name. The name is the first part of the catalogue's sentence,
 * without what to do about it.
 */
function nameCodes(codes: readonly string[]): readonly { code: string; name: string }[] {
  return codes
    .map((code) => ({ code, name: nameOf(code) }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))
}

function nameOf(code: string): string {
  return Object.hasOwn(catalogue, code)
    ? catalogue[code as ErrorCode].text.split(/[;.](?=\s|$)/, 1)[0]!
    : code
}
