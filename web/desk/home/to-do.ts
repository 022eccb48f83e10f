/** What waits for a person beside the lines: duties, replies to look at, notes that name them. */
import type { Response } from 'express'
import { listOpenDuties } from '../../../core/outbox/duties.ts'
import { listProposed } from '../../../core/replies/proposed.ts'
import { unreadMentions } from '../../../core/replies/notes.ts'
import type { WebContext } from '../../context.ts'
import { actorOf, departmentsOf, staffOf } from '../shared/authorization.ts'
import { nameActor } from '../shared/actor-names.ts'

/** Of each kind on the first page; further duties are counted. */
const SHOWN = 20

export async function toDoModel(
  { db, agency, staff }: Pick<WebContext, 'db' | 'agency' | 'staff'>,
  response: Response
) {
  const me = staffOf(response)
  const all = agency().departments.departments.map(({ id }) => id)
  const departments = departmentsOf(me) ?? all
  const [duties, proposed, mentions, names] = await Promise.all([
    listOpenDuties(db, departments, SHOWN),
    listProposed(db, departments, actorOf(response), SHOWN),
    unreadMentions(db, me.id, SHOWN),
    staff.names()
  ])
  return { duties, proposed, mentions, who: (actor: string) => nameActor(names, actor) }
}
