/** Departments' own systems that are told what happens in their lines. */
import type { Agency } from '../../config/agency.ts'
import { countNotTaken, viewHooks } from '../../core/webhooks/failures.ts'
import type { Db } from '../../platform/db/database.ts'
import { counted, describeAge, fail, ok, warn, type Check } from './check.ts'

/** Nothing where no department has one. */
export async function checkWebhooks(db: Db, agency: Agency | undefined): Promise<Check[]> {
  const hooked =
    agency?.departments.departments.filter(({ webhook }) => webhook).map(({ id }) => id) ?? []
  const failures = await countNotTaken(db)
  if (hooked.length === 0 && failures === 0) return []
  const lines = await viewHooks(db, hooked)
  const troubled = lines.flatMap(({ department, state, reason, failingSince: since }): Check[] => {
    if (state === 'stopped')
      return [
        fail(
          'webhooks',
          `${department}: stopped, because ${reason}`,
          `Mend the receiver, then \`evenhand webhooks start ${department}\`; nothing is lost.`
        )
      ]
    return since
      ? [
          warn(
            'webhooks',
            `${department}: not told for ${describeAge(Date.now() - since.getTime())}`,
            'Look at the receiver and its address in departments.yaml; it is tried again by itself.'
          )
        ]
      : []
  })
  const waiting =
    failures > 0
      ? [
          warn(
            'webhooks',
            `${counted(failures, 'event')} not taken`,
            '`evenhand webhooks list` or the desk shows them; send each again or dismiss it.'
          )
        ]
      : []
  return troubled.length + waiting.length > 0
    ? [...troubled, ...waiting]
    : [ok('webhooks', `${counted(hooked.length, 'department')}, all told`)]
}
