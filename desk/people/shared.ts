/** What pages about people and matters share. */
import type { Bar } from '../../core/matching/model.ts'
import type { ShownConstituent } from '../../core/people/view.ts'
import type { Role, Staff } from '../staff.ts'

export const peopleFrame = { current: '/desk/people', scripts: ['forms.js', 'desk.js'] }

/** Who may look people up and say who is who; agents within their departments. */
export const peopleRoles: readonly Role[] = ['agent', 'supervisor', 'admin']
/** Who may make one of two people on record, and take it back. */
export const mergeRoles: readonly Role[] = ['supervisor', 'admin']

/** The departments whose contacts someone may see; undefined for all. */
export function departmentsOf({ role, departments }: Staff): readonly string[] | undefined {
  return role === 'supervisor' || role === 'admin' ? undefined : departments
}

export const roleWords = { sender: 'Sender', subject: 'Whom it is about', representative: 'Representative' } as const

/** Width of the drawing in pixels, with the middle at zero. */
const CHART = 240
/** Bits that fill one half; single fields seldom weigh more. */
const HALF_BITS = 16

export interface DrawnBar extends Bar {
  readonly x: number
  readonly width: number
}

/** Bars with where to draw them: for the same person to the right, against to the left. */
export function drawBars(bars: readonly Bar[]): DrawnBar[] {
  return bars.map((bar) => {
    const width = Math.max(1, Math.round(Math.min(1, Math.abs(bar.bits) / HALF_BITS) * CHART / 2))
    return { ...bar, width, x: bar.bits < 0 ? CHART / 2 - width : CHART / 2 }
  })
}

/** Log odds in bits as people bet: "about 60 to 1 that it is the same person". */
export function odds(bits: number): string {
  const ratio = 2 ** Math.min(40, Math.abs(bits))
  const shown = ratio >= 1_000_000 ? 'more than a million' : ratio < 1.5 ? 'even' : Math.round(ratio).toLocaleString('en')
  if (shown === 'even') return 'even odds'
  return `${shown} to 1 ${bits >= 0 ? 'for' : 'against'} one person`
}

/** What a constituent is called: a name, else whatever is there. */
export function nameOf({ constituentId, names, emails, phones, hashed }: ShownConstituent): string {
  return names[0]?.value ?? emails[0]?.value ?? phones[0]?.value ?? (hashed ? `Number ${constituentId}, kept as hashes only` : `Number ${constituentId}`)
}
