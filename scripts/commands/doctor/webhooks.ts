/** Departments' own systems that are told what happens in their lines. */
import { sql } from 'kysely'
import type { Agency } from '../../../config/agency.ts'
import type { Db } from '../../../core/db/database.ts'
import { counted, describeAge, fail, ok, warn, type Check } from './check.ts'

/** Nothing where no department has one. */
export async function checkWebhooks(db: Db, agency: Agency | undefined): Promise<Check[]> {
  const hooked = agency?.departments.departments.filter(({ webhook }) => webhook).map(({ id }) => id) ?? []
  const { rows: [failures] } = await sql<{ count: number }>`select count(*)::int as count from webhook_failures where state = 'waiting'`.execute(db)
  if (hooked.length === 0 && failures!.count === 0) return []
  const lines = await db.selectFrom('webhook_lines').select(['department', 'state', 'reason', 'failing_since']).where('department', 'in', hooked.length > 0 ? hooked : ['']).execute()
  const troubled = lines.flatMap(({ department, state, reason, failing_since: since }): Check[] => {
    if (state === 'stopped') return [fail('webhooks', `${department}: stopped, because ${reason}`, `Mend the receiver, then \`evenhand webhooks start ${department}\`; nothing is lost.`)]
    return since ? [warn('webhooks', `${department}: not told for ${describeAge(Date.now() - since.getTime())}`, 'Look at the receiver and its address in departments.yaml; it is tried again by itself.')] : []
  })
  const waiting = failures!.count > 0 ? [warn('webhooks', `${counted(failures!.count, 'event')} not taken`, '`evenhand webhooks list` or the desk shows them; send each again or dismiss it.')] : []
  return troubled.length + waiting.length > 0 ? [...troubled, ...waiting] : [ok('webhooks', `${counted(hooked.length, 'department')}, all told`)]
}
