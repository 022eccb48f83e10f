/** A copier's mail: what it brought is a batch, stamped when the mail was accepted. */
import { sql } from 'kysely'
import type { TrailStep } from '../db/tables.ts'
import type { Ground } from '../ground.ts'
import { appendEvents } from '../ledger.ts'
import { addScan } from './scans.ts'
import { finishScanning } from './scanning.ts'
import { logTray } from './tray.ts'

const ACTOR = 'system:mailroom'

/** Safe to run again: the mail has one batch, and each of its files is in it once. */
export async function takeMailedScans(ground: Ground, contactId: string, scans: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<void> {
  const { db, blobs } = ground
  const origin = `mail/${contactId}`
  const { id: batchId, state } = await logTray(db, ground.agency(), { actor: ACTOR, origin, contactId })
  if (state === 'scanning') {
    for (const [index, { name, bytes }] of scans.entries()) if (bytes.length > 0) await addScan(db, blobs, batchId, { name: `${index + 1} ${name}`, bytes, actor: ACTOR })
    await finishScanning(ground, batchId, ACTOR)
  }
  const step: TrailStep = { step: 'mailroom', verdict: 'batch', reason: `its scans are batch ${batchId}`, evidence: { batch: batchId, scans: scans.length } }
  await db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx.updateTable('contacts').set({ state: 'settled', outcome: 'batch', kind: 'message', trail: sql`trail || ${JSON.stringify([step])}::jsonb`, updated_at: sql`now()` })
      .where('id', '=', contactId).where('state', '=', 'accepted').executeTakeFirst()
    if (numUpdatedRows > 0n) await appendEvents(trx, [{ kind: 'contact.set-aside', contactId, actor: ACTOR, data: { as: 'batch', batch: batchId } }])
  })
}
