/** Shared by staff pages: frame, messages after a redirect, form tokens. */
import type { Request, Response } from 'express'
import type { Agency } from '../../../config/agency.ts'
import type { Settings } from '../../../config/settings.ts'
import { catalogue, type ErrorCode } from '../../../platform/errors.ts'
import { baseFrame, type Frame, type Link } from '../../../platform/pages/frame.ts'
import { render } from '../../../platform/pages/render.ts'
import { clearDeskCookie, FLASH_COOKIE, setDeskCookie } from './cookies.ts'
import { heading } from './heading.ts'
import { firstPage, menuOf } from './menu.ts'
import { keysOff } from './keys-off.ts'
import { countsOf } from './counts.ts'
import { shortTime } from './short-time.ts'
import { channelIcon, channelName, fileKind, languageName } from './words.ts'
import type { DeskCounts } from '../../../core/cases/desk-counts.ts'
import { IDLE_SECONDS } from '../../../core/access/sessions.ts'
import type { Staff } from '../../../core/access/staff.ts'

/** Messages shown once after a redirect. The cookie holds the key, never a text. */
const flashes = {
  taken: 'This is the next case. It is yours until you finish it or give it back.',
  empty: 'Nobody is waiting in this line for you.',
  returned: 'The case is back at its place in line.',
  passed: 'The case is back at its place in line. Your next cases go past it.',
  transferred: 'The case now waits in the other department, at the place its arrival earned.',
  'handed-off': 'The case was handed off.',
  closed: 'The case is closed.',
  paused:
    'The case waits for its resident. It keeps its place, and comes back with their answer or on the day.',
  resumed: 'The case is back at its place in line.',
  split: 'The other matter has a case of its own, at the place that its message’s arrival earned.',
  'part-apart': 'It has a case of its own again, at its old place.',
  'draft-kept': 'Your draft is kept.',
  'draft-discarded': 'The words kept from another window are gone.',
  'sent-before':
    'Nothing was sent: another window of yours has sent these words meanwhile. They stand above.',
  'kept-before': 'Another window of yours has saved this note meanwhile. It stands above.',
  'files-kept': 'The files are kept with your draft.',
  'reply-sent': 'The reply is on its way. What becomes of it is shown with it.',
  'reply-letter': 'The letter is ready: print it, and say here when it is in the mail.',
  'reply-call': 'The call is on the list of what to do, until somebody says how it went.',
  'reply-call-closed': 'The case is closed. The call is on the list of what to do.',
  'reply-call-closed-next':
    'The case is closed; the call is on the list of what to do. This is the next case; it is yours.',
  'reply-call-closed-empty':
    'The case is closed; the call is on the list of what to do. Nobody else is waiting.',
  'reply-proposed': 'The reply waits until a colleague has looked at it.',
  'reply-closed': 'The reply is on its way, and the case is closed.',
  'reply-closed-next':
    'The reply is on its way, and the case is closed. This is the next case; it is yours.',
  'reply-closed-empty': 'The reply is on its way, and the case is closed. Nobody else is waiting.',
  'reply-approved': 'The reply is on its way.',
  'reply-filed': 'The reply is written to a file, not sent: nothing is set up to send it.',
  'reply-filed-closed':
    'The reply is written to a file, not sent: nothing is set up to send it. The case is closed.',
  'reply-filed-closed-next':
    'The reply is written to a file, not sent: nothing is set up to send it. The case is closed. This is the next case; it is yours.',
  'reply-filed-closed-empty':
    'The reply is written to a file, not sent: nothing is set up to send it. The case is closed. Nobody else is waiting.',
  'reply-sent-back': 'The reply went back to its writer, with your words.',
  'note-kept': 'The note is kept. It is never sent.',
  'note-for-nobody':
    'The note is kept, but nobody is told: no colleague who may open this case has a name that follows an @. To tell one, write another note and choose them under Tell.',
  'mentions-read': 'Marked as read.',
  'duty-settled': 'It is on record how this was settled.',
  freed: 'The case is back at its place in line, and its holder is on record with your reason.',
  reopened: 'The case is open again, at its first place in line.',
  'released-all': 'The contacts go on to their lines, at the places their arrivals earned.',
  discarded: 'The contact is put aside. It is kept, and can be taken up again.',
  'discarded-all': 'The contacts are put aside. They are kept, and can be taken up again.',
  restored: 'The contact waits here again, at its place.',
  released: 'The contact goes on to its line, at the place its arrival earned.',
  'staff-changed': 'The account was changed.',
  'staff-disabled':
    'The account can no longer sign in. Cases it held are back at their places in line.',
  'staff-enabled':
    'The account is open again, without a password. Make a set-up link for its owner.',
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
  'late-parted': 'The late scans are in this tray of their own now, stamped with the time of now.',
  'tray-released': 'The letters go on to their lines, at the place their stamp earned.',
  transcribed:
    'The text is saved. The contact goes on to its line, at the place its arrival earned.',
  'transcribed-last': 'The text is saved, and nothing else is waiting to be written down.',
  'person-decided': 'It is on record who it is. Its place in line is as it was.',
  'person-decided-before':
    'Nothing was changed: somebody has decided it meanwhile, or it is not yours to see.',
  'originator-accepted':
    'It is from that person now. Replies go to them, and not to who passed it on.',
  'originator-refused': 'It stays with who sent it.',
  'originator-taken-back': 'It is as before, and waits for somebody to say who wrote it.',
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
  readonly account:
    { name: string; initials: string; token: string; idleSeconds: number } | undefined
  /** Pages under the person's name. */
  readonly accountLinks: readonly Link[]
  channelName(channel: string): string
  channelIcon(channel: string): string
  languageName(tag: string): string
  fileKind(mediaType: string): string
  /** A time of today by the clock, another one with its day. */
  shortTime(time: Date): string
  /** The agency's, for times that a script writes. */
  readonly timeZone: string
  readonly heading: typeof heading
  readonly flash: { kind: 'success' | 'error'; text: string } | undefined
}

/** Staff pages are in English; names of departments and forms are the agency's own. */
export function deskFrame(
  agency: Agency,
  staff: Staff | undefined,
  current = '',
  counts?: DeskCounts
): Omit<DeskFrame, 'account' | 'flash'> {
  return {
    ...baseFrame(agency, 'en'),
    homeHref: staff ? firstPage(staff) : '/desk',
    ...(staff ? menuOf(agency, staff, current, counts) : { links: [], accountLinks: [] }),
    languages: [],
    area: 'desk',
    channelName,
    channelIcon,
    languageName,
    fileKind,
    timeZone: agency.departments.agency.timeZone,
    shortTime: (time) => shortTime(time, agency.departments.agency.timeZone),
    heading,
    styles: ['base.css', 'desk.css', 'paper.css'],
    scripts: ['forms.js', 'desk.js', 'live.js', 'idle.js']
  }
}

export interface PageTools {
  readonly agency: () => Agency
  readonly settings: Settings
  /** A token for the forms of this page. */
  readonly csrfToken: (request: Request, response: Response) => string
}

/**
 * The person that a page of the desk names, with the token for signing out. Also used when a
 * request ends in an error.
 */
export function accountOf(
  { csrfToken }: Pick<PageTools, 'csrfToken'>,
  request: Request,
  response: Response
): DeskFrame['account'] {
  const staff = response.locals['staff'] as Staff | undefined
  return (
    staff && {
      name: staff.name,
      initials: initialsOf(staff.name),
      token: csrfToken(request, response),
      idleSeconds: IDLE_SECONDS
    }
  )
}

/** "Ana Maria Whitfield" is AW. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase()
}

/** What a page shows. The rest is for its template. */
interface PageData extends Record<string, unknown> {
  readonly title: string
  /** The link of the menu that it stands under. */
  readonly current?: string
  readonly scripts?: readonly string[]
  /** Of the HTTP response; 200 if not said. */
  readonly status?: number
}

/** Answers with a staff page. */
export function showPage(
  tools: PageTools,
  request: Request,
  response: Response,
  template: string,
  { status = 200, ...data }: PageData
): void {
  const staff = response.locals['staff'] as Staff | undefined
  const token = tools.csrfToken(request, response)
  const frame: DeskFrame = {
    ...deskFrame(tools.agency(), staff, data.current, countsOf(response)),
    account: accountOf(tools, request, response),
    flash: takeFlash(tools, request, response)
  }
  response
    .status(status)
    .type('html')
    .send(render(`web/desk/${template}`, { ...frame, token, keysOff: keysOff(request), ...data }))
}

/** Redirects the browser (303) with a message for the next page. */
export function redirectWith(
  settings: Settings,
  response: Response,
  to: string,
  flash: Flash | ErrorCode
): void {
  setDeskCookie(response, settings, { name: FLASH_COOKIE, value: flash, maxAge: 60_000 })
  response.redirect(303, to)
}

function takeFlash(
  { settings }: PageTools,
  request: Request,
  response: Response
): DeskFrame['flash'] {
  const key = (request.cookies as Record<string, string | undefined>)[FLASH_COOKIE]
  if (key === undefined) return undefined
  clearDeskCookie(response, settings, FLASH_COOKIE)
  if (Object.hasOwn(flashes, key)) return { kind: 'success', text: flashes[key as Flash] }
  return Object.hasOwn(catalogue, key)
    ? { kind: 'error', text: catalogue[key as ErrorCode].text }
    : undefined
}
