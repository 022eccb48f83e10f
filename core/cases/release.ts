/** Lets contacts go on from quarantine, and has them settled. */
import { EvenhandError } from '../../platform/errors.ts'
import type { Runtime } from '../runtime.ts'
import { releaseContact } from '../contacts/quarantine.ts'
import { changedSince, type SeenContact } from '../contacts/quarantine-list.ts'
import { requireReason } from '../line/reasons.ts'

/** @throws CONTACT_CHANGED where it is not any more as it was seen; then nothing is done. */
export async function releaseSeen(
  { db, queues }: Pick<Runtime, 'db' | 'queues'>,
  { contactId, seen }: SeenContact,
  actor: string,
  reason: string
): Promise<void> {
  await releaseContact(db, contactId, actor, reason, seen)
  queues.enqueue('settle', [contactId])
}

/**
 * One after the other, so that one that somebody else decided meanwhile holds up none.
 * @throws CONTACT_CHANGED where one is not any more as it was seen before the first is released;
 * then nothing is done.
 */
export async function releaseAll(
  { db, queues }: Pick<Runtime, 'db' | 'queues'>,
  contacts: readonly SeenContact[],
  actor: string,
  reason: string
): Promise<void> {
  requireReason(reason)
  if (contacts.length === 0) throw new EvenhandError('CONTACT_NOT_QUARANTINED')
  if ((await changedSince(db, contacts)).length > 0) throw new EvenhandError('CONTACT_CHANGED')
  for (const { contactId, seen } of contacts) {
    await releaseContact(db, contactId, actor, reason, seen).catch((error: unknown) => {
      if (!(error instanceof EvenhandError && error.code === 'CONTACT_CHANGED')) throw error
    })
  }
  queues.enqueue(
    'settle',
    contacts.map(({ contactId }) => contactId)
  )
}
