/** What pages about people and matters share. */
import type { WaterfallBar } from '../../../core/matching/model.ts'
import { peopleOf, type ShownConstituent } from '../../../core/people/view.ts'
import type { StaffRole } from '../../../core/access/staff.ts'
import type { WebContext } from '../../context.ts'

export const peopleFrame = { current: '/desk/people', scripts: ['forms.js', 'desk.js'] }

/** Roles that may look people up and say who is who; agents only within their departments. */
export const peopleRoles: readonly StaffRole[] = ['agent', 'supervisor', 'admin']
/** Roles that may merge two people on record, and undo it. */
export const mergeRoles: readonly StaffRole[] = ['supervisor', 'admin']

export const roleWords = {
  sender: 'Sender',
  subject: 'Whom it is about',
  representative: 'Representative',
  writer: 'Who wrote it first'
} as const

/** Width of the drawing in pixels, with the middle at zero. */
const CHART = 240
/** Bits that fill one half of the drawing; single fields seldom weigh more. */
const HALF_BITS = 16

export interface DrawnBar extends WaterfallBar {
  readonly x: number
  readonly width: number
}

/** Bars with their positions: evidence for the same person to the right, against it to the left. */
export function drawBars(bars: readonly WaterfallBar[]): DrawnBar[] {
  return bars.map((bar) => {
    const width = Math.max(1, Math.round((Math.min(1, Math.abs(bar.bits) / HALF_BITS) * CHART) / 2))
    return { ...bar, width, x: bar.bits < 0 ? CHART / 2 - width : CHART / 2 }
  })
}

/** Log odds in bits as plain odds: "about 60 to 1 that it is the same person". */
export function odds(bits: number): string {
  const ratio = 2 ** Math.min(40, Math.abs(bits))
  const shown =
    ratio >= 1_000_000
      ? 'more than a million'
      : ratio < 1.5
        ? 'even'
        : Math.round(ratio).toLocaleString('en')
  if (shown === 'even') return 'even odds'
  return `${shown} to 1 ${bits >= 0 ? 'for' : 'against'} one person`
}

/** A constituent's name, or else whatever is known. */
export function nameOf({ constituentId, names, emails, phones, hashed }: ShownConstituent): string {
  return (
    names[0]?.value ??
    emails[0]?.value ??
    phones[0]?.value ??
    (hashed ? `Number ${constituentId}, kept as hashes only` : `Number ${constituentId}`)
  )
}

/** Who the sender of a contact is, or may be. */
export async function sendersOf({ db }: Pick<WebContext, 'db'>, contactId: string) {
  return (await peopleOf(db, [contactId])).filter(({ role }) => role === 'sender')
}
