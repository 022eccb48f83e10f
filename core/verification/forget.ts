import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { leadingCase } from '../contacts/leading-case.ts'

/** How long an ended case may come back and still be told of. */
const ENDED_DAYS = 90

/**
 * Forgets addresses that nothing needs any more: codes after the day for which they are counted,
 * stopped updates, and updates of cases that ended long ago. Answers how many.
 */
export async function forgetProofs(db: Db, most: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from address_proofs where id in (
      select proof.id from address_proofs proof
        join contacts on contacts.id = proof.contact_id
        left join cases on cases.id = ${leadingCase}
      where proof.asked_at < now() - interval '1 day' and (proof.told_event is null
        or proof.stopped_at is not null or (cases.state in ('closed', 'handed-off')
          and cases.updated_at < now() - make_interval(days => ${ENDED_DAYS})))
      limit ${most})`.execute(db)
  return Number(numAffectedRows ?? 0)
}
