/** Whose takes go past which case, by the table and by the ledger, both ways. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** A pass counts until the case ends or leaves its line. */
export async function checkPasses(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    with told as (
      select distinct on (case_id, actor) case_id, actor, data ->> 'reason' as reason
        from events as passed
      where kind = 'case.passed' and not exists (
        select from events as later where later.case_id = passed.case_id
          and later.turn > passed.turn and later.kind in ('case.closed', 'case.handed-off',
          'case.transferred', 'case.joined'))
      order by case_id, actor, turn desc
    )
    select case when told.case_id is null then 'case ' || pass.case_id || ' was passed by ' ||
      pass.actor || ', and the ledger does not say so'
      when pass.case_id is null then 'case ' || told.case_id || ' was passed by ' || told.actor ||
        ', and that is gone'
      else 'case ' || pass.case_id || ' was passed by ' || pass.actor ||
        ' for another reason than the ledger recorded' end as problem
    from told full join case_passes as pass on pass.case_id = told.case_id
      and pass.actor = told.actor
    where told.case_id is null or pass.case_id is null or pass.reason is distinct from told.reason
    limit ${limit}`.execute(db)
  return rows.map(({ problem }) => problem)
}
