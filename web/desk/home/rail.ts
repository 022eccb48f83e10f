/** The left column of the desk: my cases, my lines, and the one way to the next case. */
import type { Response } from 'express'
import { takingOf } from '../../../config/schema.ts'
import { dueDates } from '../../../core/clocks/of-cases.ts'
import { sayDue } from '../shared/due.ts'
import { ownCases, viewLines } from '../../../core/cases/rail.ts'
import type { WebContext } from '../../context.ts'
import { actorOf, staffOf } from '../shared/authorization.ts'

export async function railModel(
  { db, agency }: Pick<WebContext, 'db' | 'agency'>,
  response: Response
) {
  const { departments: all } = agency().departments
  const served = all.filter(({ id }) => staffOf(response).departments.includes(id))
  const [held, lines] = await Promise.all([
    ownCases(db, actorOf(response)),
    viewLines(
      db,
      served.map(({ id }) => id)
    )
  ])
  const shown = lines.map((line) => ({
    ...line,
    name: served.find(({ id }) => id === line.department)!.name,
    held: held.filter(({ department }) => department === line.department).length,
    mostHeld: takingOf(agency().departments, line.department)!.mostHeld
  }))
  const due = await dueDates(db, agency().departments, held)
  return {
    held,
    due: (caseId: string) => due.get(caseId),
    sayDue,
    lines: shown,
    longest: longestWaiting(shown),
    left: leftUntil
  }
}

/** The line in which somebody has waited the longest, of those from which one may take. */
function longestWaiting<Shown extends { oldest: Date | null; held: number; mostHeld: number }>(
  lines: readonly Shown[]
): Shown | undefined {
  return lines
    .filter(({ oldest }) => oldest !== null)
    .toSorted(
      (a, b) =>
        Number(a.held >= a.mostHeld) - Number(b.held >= b.mostHeld) ||
        a.oldest!.getTime() - b.oldest!.getTime()
    )[0]
}

/** "2 days 23 h", "40 min". */
export function leftUntil(until: Date, now = new Date()): string {
  const minutes = Math.max(0, Math.round((until.getTime() - now.getTime()) / 60_000))
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)]
  if (days > 0) return `${days} ${days === 1 ? 'day' : 'days'} ${hours} h`
  return hours > 0 ? `${hours} h` : `${minutes} min`
}
