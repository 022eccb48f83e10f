import { Router, type Request } from 'express'
import { ACCESS_DAYS, listAccess } from '../../../core/access/access-log.ts'
import { requireStaff } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { staffRoles } from '../shared/roles.ts'
import { showPage, type PageTools } from '../shared/pages.ts'
import { nameActor } from '../shared/actor-names.ts'

/** Entries on one page. */
const ON_PAGE = 50

/** Kinds of entries to filter by, with their labels. */
const kinds: Readonly<Record<string, string>> = {
  'sign-in': 'Signing in and out',
  'sign-in.failed': 'Failed sign-ins',
  refused: 'Refused',
  read: 'Everything read',
  'read.case': 'Cases read',
  'read.contact': 'Contacts read',
  'read.person': 'People looked at',
  'read.document': 'Documents read',
  'read.original': 'Originals downloaded',
  search: 'Searches'
}

const sentences: Readonly<Record<string, string>> = {
  'sign-in.ok': 'signed in',
  'sign-in.failed': 'failed to sign in',
  'sign-in.paused': 'was refused while failures pause it',
  'sign-in.out': 'signed out',
  'search.people': 'searched people',
  'search.cases': 'searched cases'
}

/** Labels of the parts of the desk, by first part of the path, as in the navigation. */
const parts: Readonly<Record<string, string>> = {
  cases: 'Cases',
  people: 'People',
  quarantine: 'Quarantine',
  transcribe: 'Transcription',
  mailroom: 'Mailroom',
  campaigns: 'Campaigns',
  slips: 'Slips',
  staff: 'Staff',
  keys: 'Keys',
  access: 'Access log',
  departments: 'Lines of departments',
  counter: 'Counter',
  webhooks: 'Webhooks'
}

/** Who signed in, who was refused, who read what: for administrators. */
export function accessRouter(
  { db, staff }: Pick<WebContext, 'db' | 'staff'>,
  tools: PageTools
): Router {
  const router = Router()
  router.use('/access', requireStaff(staffRoles))
  router.get('/access', async (request, response) => {
    const asked = readQuery(request)
    const [entries, names] = [
      await listAccess(db, { ...asked, limit: ON_PAGE + 1 }),
      await staff.names()
    ]
    const shown = entries.slice(0, ON_PAGE)
    const older =
      entries.length > ON_PAGE
        ? new URLSearchParams({
            ...(asked.what ? { what: asked.what } : {}),
            ...(asked.actor ? { who: asked.actor } : {}),
            before: shown.at(-1)!.id
          }).toString()
        : undefined
    showPage(tools, request, response, 'access/log', {
      title: 'Access log',
      current: '/desk/access',
      entries: shown,
      older,
      asked,
      kinds,
      names,
      days: ACCESS_DAYS,
      nameOf: (actor: string | undefined) =>
        actor === undefined ? 'Somebody not signed in' : nameActor(names, actor),
      say,
      targetOf: (target: string | undefined) =>
        target === undefined ? '' : (names.get(`staff:${target}`) ?? target)
    })
  })
  return router
}

function say(what: string): string {
  return sentences[what] ?? sayRefused(what) ?? what.replace('.', ' ').replaceAll('-', ' ')
}

/**
 * Which part of the desk was refused, and whether it was to be read or changed. Entries of earlier
 * releases lack this.
 */
function sayRefused(what: string): string | undefined {
  const [kind, how, area = ''] = what.split('.')
  if (kind !== 'refused') return undefined
  const part = `“${parts[area] ?? 'another page'}”`
  if (how === 'read') return `was refused the page ${part}, which the account may not open`
  if (how === 'change') return `was refused an act under ${part}, which the account may not do`
  return how === 'stale'
    ? `was refused a form under ${part} that did not belong to the session`
    : 'was refused'
}

function readQuery({ query }: Request): { what?: string; actor?: string; before?: string } {
  const { what, who, before } = query
  return {
    ...(typeof what === 'string' && Object.hasOwn(kinds, what) ? { what } : {}),
    ...(typeof who === 'string' && /^(staff|key):[0-9a-f-]{36}$/.test(who) ? { actor: who } : {}),
    ...(typeof before === 'string' && /^\d{1,18}$/.test(before) ? { before } : {})
  }
}
