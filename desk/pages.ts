/** What staff pages share: frame, messages after a redirect, the forms' token. */
import type { Request, Response } from 'express'
import type { Agency } from '../config/agency.ts'
import type { Settings } from '../config/settings.ts'
import { catalogue, type ErrorCode } from '../core/errors.ts'
import { baseFrame, type Frame } from '../core/pages/frame.ts'
import { render } from '../core/pages/render.ts'
import { clearDeskCookie, FLASH_COOKIE, setDeskCookie } from './cookies.ts'
import { peopleRoles } from './people/shared.ts'
import type { Role, Staff } from './staff.ts'

/** Said once after a redirect. The cookie holds the key, never a text. */
const flashes = {
  taken: 'This is the next case. It is yours until you finish it or give it back.',
  empty: 'Nobody is waiting in this line for you.',
  returned: 'The case is back at its place in line.',
  passed: 'The case is back at its place in line. Your next cases go past it.',
  transferred: 'The case now waits in the other department, at the place its arrival earned.',
  'handed-off': 'The case was handed off.',
  closed: 'The case is closed.',
  reopened: 'The case is open again, at its original place in line.',
  released: 'The contact goes on to its line, at the place its arrival earned.',
  'staff-changed': 'The account was changed.',
  'staff-disabled': 'The account can no longer sign in.',
  'key-disabled': 'The key opens nothing any more.',
  'webhook-started': 'The department’s system is being told again, from where it stopped.',
  'webhook-sent': 'The event was taken.',
  'webhook-dismissed': 'The event is off the list.',
  'set-up': 'Your account is ready. Please sign in.',
  'signed-out': 'You are signed out.',
  'slip-given': 'It is on record that the slip was handed over or mailed.',
  'tray-logged': 'The tray is logged and its stamp is set. Print separator sheets, or add scans.',
  'scans-kept': 'The scans are kept.',
  'scanning-finished': 'No more scans are expected. The pages are being read.',
  'sheet-changed': 'The sheet was changed.',
  'sheet-turned': 'The sheet was turned.',
  'letter-saved': 'The letter was saved.',
  'letters-done': 'That was the last letter of this tray.',
  'enclosure-logged': 'The enclosure is logged. A second person has to confirm it.',
  'enclosure-confirmed': 'The enclosure is confirmed.',
  'tray-released': 'The letters go on to their lines, at the place their stamp earned.',
  transcribed: 'The text is saved. The contact goes on to its line, at the place its arrival earned.',
  'transcribed-last': 'The text is saved, and nothing else is waiting to be written down.',
  'person-decided': 'It is on record who it is. Its place in line is as it was.',
  'person-decided-before': 'Nothing was changed: somebody has decided it meanwhile, or it is not yours to see.',
  'link-undone': 'The link is taken back.',
  'people-merged': 'The two are one person now. It can be taken apart again.',
  'people-unmerged': 'The two stand as they stood.',
  'matter-joined': 'The later case joined the earlier one, which keeps its place.',
  'matter-declined': 'They stay apart, and no machine suggests it again.',
  'matter-apart': 'The contact has a case of its own, at the place its arrival earned.',
  'campaign-answered': 'The answer goes to each of them, by the channel they wrote by.',
  'campaign-split': 'The two campaigns stand apart again; no machine merges them.',
  'campaign-left': 'The letter stands alone now; no machine puts it back.',
  unreadable: 'The contact goes on to its line with the original, at the place its arrival earned.'
} as const
export type Flash = keyof typeof flashes

interface DeskFrame extends Frame {
  readonly account: { name: string; token: string } | undefined
  readonly flash: { kind: 'success' | 'error'; text: string } | undefined
}

/** Staff pages are in English; names of departments and forms are the agency's own. */
export function deskFrame(agency: Agency, staff: Staff | undefined, current = ''): Omit<DeskFrame, 'account' | 'flash'> {
  const links = [
    { href: '/desk', text: 'Desk', roles: undefined },
    { href: '/desk/counter', text: 'Counter', roles: undefined },
    { href: '/desk/people', text: 'People', roles: peopleRoles },
    { href: '/desk/campaigns', text: 'Campaigns', roles: peopleRoles },
    { href: '/desk/mailroom', text: 'Mailroom', roles: mailroomRoles },
    { href: '/desk/transcribe', text: 'Transcription', roles: mailroomRoles },
    { href: '/desk/quarantine', text: 'Quarantine', roles: quarantineRoles },
    { href: '/desk/staff', text: 'Staff', roles: staffRoles },
    { href: '/desk/keys', text: 'Keys', roles: staffRoles },
    ...(agency.departments.departments.some(({ webhook }) => webhook) ? [{ href: '/desk/webhooks', text: 'Webhooks', roles: webhookRoles }] : [])
  ]
  return {
    ...baseFrame(agency, 'en'),
    homeHref: '/desk',
    links: staff ? links.filter(({ roles }) => !roles || roles.includes(staff.role)).map(({ href, text }) => ({ href, text, current: href === current })) : [],
    languages: [],
    scripts: ['forms.js', 'desk.js']
  }
}

/** Who may see and release what machines could not decide. */
export const quarantineRoles: readonly Role[] = ['mailroom', 'supervisor', 'admin']
/** Who handles paper, and writes down what machines could not read. */
export const mailroomRoles: readonly Role[] = ['mailroom', 'supervisor', 'admin']
export const staffRoles: readonly Role[] = ['admin']
/** Who sees to departments' own systems. */
export const webhookRoles: readonly Role[] = ['supervisor', 'admin']

export interface PageTools {
  readonly agency: () => Agency
  readonly settings: Settings
  /** A token for the forms of this page. */
  readonly csrfToken: (request: Request, response: Response) => string
}

/** Answers with a staff page. */
export function showPage(tools: PageTools, request: Request, response: Response, template: string, data: { title: string; current?: string; scripts?: readonly string[] } & Record<string, unknown>, status = 200): void {
  const staff = response.locals['staff'] as Staff | undefined
  const token = tools.csrfToken(request, response)
  const frame: DeskFrame = {
    ...deskFrame(tools.agency(), staff, data.current),
    account: staff && { name: staff.name, token },
    flash: takeFlash(tools, request, response)
  }
  response.status(status).type('html').send(render(`desk/${template}`, { ...frame, token, ...data }))
}

/** Sends the browser on (303) with a message for the next page. */
export function redirectWith(settings: Settings, response: Response, to: string, flash: Flash | ErrorCode): void {
  setDeskCookie(response, settings, FLASH_COOKIE, flash, 60_000)
  response.redirect(303, to)
}

function takeFlash({ settings }: PageTools, request: Request, response: Response): DeskFrame['flash'] {
  const key = (request.cookies as Record<string, string | undefined>)[FLASH_COOKIE]
  if (key === undefined) return undefined
  clearDeskCookie(response, settings, FLASH_COOKIE)
  if (Object.hasOwn(flashes, key)) return { kind: 'success', text: flashes[key as Flash] }
  return Object.hasOwn(catalogue, key) ? { kind: 'error', text: catalogue[key as ErrorCode].text } : undefined
}
