/** Where a person's menu leads: at most five pages in the header, the rest under their name. */
import type { Agency } from '../../../config/agency.ts'
import { MOST_COUNTED, type DeskCounts } from '../../../core/cases/desk-counts.ts'
import type { StaffRole, Staff } from '../../../core/access/staff.ts'
import type { Link } from '../../../platform/pages/frame.ts'
import { peopleRoles } from '../people/shared.ts'
import { freeingRoles, mailroomRoles, quarantineRoles, staffRoles, webhookRoles } from './roles.ts'

interface Entry {
  readonly href: string
  readonly text: string
  readonly roles?: readonly StaffRole[]
  readonly counts?: { readonly of: keyof DeskCounts; readonly words: string }
}

/** More would not stay in one row beside the search field on a screen of 1100 px. */
const IN_HEADER = 5

/** By importance: what does not find room in the header is found under the person's name. */
const entries: readonly Entry[] = [
  { href: '/desk', text: 'Desk', counts: { of: 'held', words: 'cases you hold' } },
  {
    href: '/desk/mailroom',
    text: 'Mailroom',
    roles: mailroomRoles,
    counts: { of: 'trays', words: 'trays open' }
  },
  {
    href: '/desk/quarantine',
    text: 'Quarantine',
    roles: quarantineRoles,
    counts: { of: 'quarantined', words: 'to decide' }
  },
  { href: '/desk/people', text: 'People', roles: peopleRoles },
  { href: '/desk/held', text: 'Held cases', roles: freeingRoles },
  { href: '/desk/counter', text: 'Counter' },
  { href: '/desk/paused', text: 'Waiting for residents' },
  { href: '/desk/waits', text: 'Stated waits', roles: freeingRoles },
  { href: '/desk/transcribe', text: 'Transcription', roles: mailroomRoles },
  { href: '/desk/campaigns', text: 'Campaigns', roles: peopleRoles },
  { href: '/desk/slips', text: 'Receipts owed' },
  { href: '/desk/staff', text: 'Staff', roles: staffRoles },
  { href: '/desk/keys', text: 'Keys of other systems', roles: staffRoles },
  { href: '/desk/webhooks', text: 'Webhooks', roles: webhookRoles },
  { href: '/desk/mailboxes', text: 'Mailboxes', roles: staffRoles },
  { href: '/desk/access', text: 'Access log', roles: staffRoles }
]

/** The first page of a person's work; nobody begins at a page that has nothing for them. */
export function firstPage({ role, departments }: Staff): string {
  return role === 'mailroom' && departments.length === 0 ? '/desk/mailroom' : '/desk'
}

/** Pages in the header, and those under the person's name. */
export function menuOf(
  agency: Agency,
  staff: Staff,
  current: string,
  numbers?: DeskCounts
): { links: Link[]; accountLinks: Link[] } {
  const all = entries
    .filter(({ roles }) => !roles || roles.includes(staff.role))
    .filter(({ href }) => href !== '/desk/webhooks' || hasWebhooks(agency))
    .filter(({ href }) => href !== '/desk' || firstPage(staff) === '/desk')
    .map(({ href, text, counts }) => ({
      href,
      text,
      current: href === current,
      ...(counts && numbers ? { count: shown(counts, numbers) } : {})
    }))
  return { links: all.slice(0, IN_HEADER), accountLinks: all.slice(IN_HEADER) }
}

function hasWebhooks(agency: Agency): boolean {
  return agency.departments.departments.some(({ webhook }) => webhook)
}

function shown(
  { of, words }: NonNullable<Entry['counts']>,
  numbers: DeskCounts
): NonNullable<Link['count']> {
  return { name: of, text: countText(numbers[of]), words }
}

/** "99+" where more are there than are counted. */
export function countText(number: number): string {
  return number < MOST_COUNTED ? String(number) : `${MOST_COUNTED - 1}+`
}
