/**
 * Undoing a wrong duplicate: the contact gets the case it would have had, at the place of its own
 * arrival.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { TrailStep } from '../contacts/tables.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId, newId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { undoJoinLocked } from '../line/join.ts'
import { lockForEntry } from '../line/locks.ts'
import { requireReason } from '../line/reasons.ts'
import type { Router } from '../routing/rules.ts'
import { loadReady } from './lookups.ts'
import { writeVerdicts, type EnteredCase } from './write.ts'

/**
 * Takes a contact out of the case it was joined to. If it had a case of its own, it goes back to
 * that. If settling joined it, it is routed by the rules now in force. The link between the two
 * contacts is marked as undone, and no machine makes it again. All in one transaction, so that none
 * is ever half undone. Returns what entered a line.
 * @throws REASON_REQUIRED, RECEIPT_UNKNOWN, CONTACT_NOT_DUPLICATE
 */
export async function undoDuplicate(
  db: Db,
  rules: Router,
  contactId: string,
  actor: string,
  reason: string
): Promise<EnteredCase[]> {
  const why = requireReason(reason)
  if (!isId(contactId)) throw new EvenhandError('RECEIPT_UNKNOWN')
  return db.transaction().execute(async (trx) => {
    const back = await undoJoins(trx, contactId, actor, why)
    const opened = back.length > 0 ? back : await openOwn(trx, rules, contactId, actor, why)
    const { rows: undone } = await sql<{ id: string }>`
      update case_links set state = 'undone', decided_by = ${actor}, decided_why = ${why},
        decided_at = clock_timestamp() where contact_id = ${contactId} and state = 'joined'
        returning id`.execute(trx)
    await appendEvents(
      trx,
      undone.map(({ id }) => ({
        kind: 'link.undone',
        contactId,
        actor,
        data: { link: id, reason: why }
      }))
    )
    return opened
  })
}

/**
 * The contact's own cases, one in each department it was addressed to: all of them come back, or
 * none.
 */
async function undoJoins(
  trx: Db,
  contactId: string,
  actor: string,
  why: string
): Promise<EnteredCase[]> {
  const joined = await trx
    .selectFrom('cases')
    .select(['id', 'department'])
    .where('contact_id', '=', contactId)
    .where('state', '=', 'joined')
    .orderBy('id')
    .execute()
  await lockForEntry(
    trx,
    joined.map(({ department }) => department)
  )
  for (const { id, department } of joined) await undoJoinLocked(trx, id, department, actor, why)
  return joined.map(({ id, department }) => ({ caseId: id, department }))
}

async function openOwn(
  trx: Db,
  rules: Router,
  contactId: string,
  actor: string,
  why: string
): Promise<EnteredCase[]> {
  const held = await trx
    .selectFrom('contacts')
    .select(['outcome', 'case_id'])
    .where('id', '=', contactId)
    .forUpdate()
    .executeTakeFirst()
  if (!held) throw new EvenhandError('RECEIPT_UNKNOWN')
  const [contact] = held.outcome === 'duplicate' ? await loadReady(trx, [contactId], 'settled') : []
  if (!contact) throw new EvenhandError('CONTACT_NOT_DUPLICATE')
  const decisions = rules.decide(contact.routing)
  await lockForEntry(
    trx,
    decisions.map(({ department }) => department)
  )
  await trx
    .deleteFrom('case_contacts')
    .where('contact_id', '=', contactId)
    .where('role', '=', 'duplicate')
    .execute()
  const trail: TrailStep[] = [
    {
      step: 'deduplicate',
      verdict: 'undone',
      reason: why,
      evidence: { by: actor, caseId: held.case_id }
    },
    ...decisions.map(({ department, reason, evidence, version, rule }) => ({
      step: 'route' as const,
      verdict: department,
      reason,
      evidence: { ...evidence, version, ...(rule ? { rule } : {}) }
    }))
  ]
  await appendEvents(trx, [
    {
      kind: 'contact.left',
      caseId: held.case_id ?? undefined,
      contactId,
      actor,
      data: { reason: why }
    }
  ])
  const { entered } = await writeVerdicts(
    trx,
    [
      {
        contact,
        kind: 'case',
        opens: decisions.map(({ department }) => ({ caseId: newId(), department })),
        trail
      }
    ],
    actor,
    'settleAnew'
  )
  await trx.updateTable('contacts').set({ own_case_id: null }).where('id', '=', contactId).execute()
  return entered
}
