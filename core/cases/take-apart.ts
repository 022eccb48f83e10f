/** Taking apart what was joined into a case. */
import { EvenhandError } from '../../platform/errors.ts'
import { parseReceipt } from '../contacts/receipts.ts'
import type { Line } from '../line/line.ts'
import type { Router } from '../routing/rules.ts'
import type { Runtime } from '../runtime.ts'
import { undoDuplicate } from '../settle/review-duplicate.ts'
import type { CaseView } from './types.ts'

interface Apart {
  /** Receipt or id of a joined contact, or id of a case that was split off and joined again. */
  readonly joined: string
  readonly actor: string
  readonly reason: string
}

/**
 * Puts what was joined into a case back at its own place, as a case of its own.
 * @throws REASON_REQUIRED, CONTACT_NOT_DUPLICATE where nothing of that name was joined into it
 */
export async function takeApart(
  runtime: Pick<Runtime, 'db' | 'queues'> & { readonly line: Line; router(): Router },
  { parts, contacts }: Pick<CaseView, 'parts' | 'contacts'>,
  { joined, actor, reason }: Apart
): Promise<void> {
  const part = parts.find(({ caseId }) => caseId === joined)
  if (part) return runtime.line.undoJoin(part.caseId, actor, reason)
  const receipt = parseReceipt(joined)
  const contact = contacts.find(
    (one) => one.role !== 'first' && (one.contactId === joined || one.receipt === receipt)
  )
  if (!contact) throw new EvenhandError('CONTACT_NOT_DUPLICATE')
  await undoDuplicate(runtime, contact.contactId, actor, reason)
}
