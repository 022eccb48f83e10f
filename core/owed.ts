/** What is owed to senders besides the receipt of a case. */
import { newId } from './ids.ts'
import type { Db } from './db/database.ts'

/** A contact by its delivery's identity. */
export async function identityOf(db: Db, channel: string, source: string, externalId: string): Promise<{ id: string; receipt: string } | undefined> {
  return db.selectFrom('contacts').select(['id', 'receipt']).where('channel', '=', channel).where('source', '=', source).where('external_id', '=', externalId).executeTakeFirst()
}

/** Notes that the receipt is to be texted; once for each contact, however often it is asked for. */
export async function oweTextReceipt(db: Db, contactId: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db.insertInto('outbound').values({ id: newId(), contact_id: contactId, kind: 'receipt-by-text' })
    .onConflict((conflict) => conflict.columns(['contact_id', 'kind']).doNothing()).executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}
