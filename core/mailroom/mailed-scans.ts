/**
 * Scans that a copier sends by mail: its files become a batch, stamped with the arrival of the
 * mail.
 */
import { settleAsBatch } from '../contacts/state.ts'
import type { TrailStep } from '../contacts/tables.ts'
import type { MailroomRuntime } from './runtime.ts'
import { appendEvents } from '../ledger/append.ts'
import { addScan } from './scans.ts'
import { finishScanning } from './scanning.ts'
import { logTray } from './tray.ts'

const ACTOR = 'system:mailroom'

/** Safe to run again: the mail gets one batch, with each of its files in it once. */
export async function takeMailedScans(
  runtime: MailroomRuntime,
  contactId: string,
  scans: readonly { readonly name: string; readonly bytes: Uint8Array }[]
): Promise<void> {
  const { db, blobs } = runtime
  const origin = `mail/${contactId}`
  const { id: batchId, state } = await logTray(db, runtime.agency(), {
    actor: ACTOR,
    origin,
    contactId
  })
  if (state === 'scanning') {
    for (const [index, { name, bytes }] of scans.entries())
      if (bytes.length > 0)
        await addScan(db, blobs, batchId, { name: `${index + 1} ${name}`, bytes, actor: ACTOR })
    await finishScanning(runtime, batchId, ACTOR)
  }
  const step: TrailStep = {
    step: 'mailroom',
    verdict: 'batch',
    reason: `its scans are batch ${batchId}`,
    evidence: { batch: batchId, scans: scans.length }
  }
  await db.transaction().execute(async (trx) => {
    if (await settleAsBatch(trx, contactId, step))
      await appendEvents(trx, [
        {
          kind: 'contact.set-aside',
          contactId,
          actor: ACTOR,
          data: { as: 'batch', batch: batchId }
        }
      ])
  })
}
