/** Words and helpers used by every page about people. */
import type { WebContext } from '../../context.ts'
import { drawBars, nameOf, odds, peopleFrame, roleWords } from './shared.ts'
import { nameActor } from '../shared/actor-names.ts'
import { namesDepartments } from '../shared/departments.ts'

export async function frame({ staff, agency }: Pick<WebContext, 'staff' | 'agency'>) {
  const names = await staff.names()
  return {
    ...peopleFrame,
    drawBars,
    odds,
    nameOf,
    roleWords,
    who: (actor: string) => nameActor(names, actor),
    sourceOf: (source: string) =>
      source.startsWith('contact:') ? 'from a contact' : `from ${source}`,
    departmentName: namesDepartments(agency())
  }
}
