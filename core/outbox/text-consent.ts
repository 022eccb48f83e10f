/** Whether a number may be sent texts: decided by the STOP and START that the person sent. */
import type { Db } from '../../platform/db/database.ts'

/** Must be called at the moment of sending. */
export async function mayText(db: Db, address: string): Promise<boolean> {
  const row = await db
    .selectFrom('text_consents')
    .select('allowed')
    .where('address', '=', address)
    .executeTakeFirst()
  return row?.allowed ?? true
}
