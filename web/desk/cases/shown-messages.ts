/** Nobody answers or ends a case over words that came after the page was loaded. */
import { findMessages, markMessages } from '../../../core/cases/messages.ts'
import type { CaseView } from '../../../core/cases/types.ts'
import type { Db } from '../../../platform/db/database.ts'
import { EvenhandError } from '../../../platform/errors.ts'

/** Which messages a page of a case shows; its forms carry it. */
export function shownMessages({ contacts }: Pick<CaseView, 'contacts'>): string {
  return markMessages(contacts.map(({ contactId }) => contactId))
}

/**
 * Refuses what was decided without one of the messages.
 * @param shown what the form carried; empty for one that shows no conversation
 * @throws CASE_HAS_NEWS
 */
export async function requireShown(db: Db, caseId: string, shown: string): Promise<void> {
  if (shown === '') return
  const there = await findMessages(db, caseId)
  if (there?.mark !== shown) throw new EvenhandError('CASE_HAS_NEWS')
}
