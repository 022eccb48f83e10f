/** Nobody answers or ends a case over words that came after the page was loaded. */
import type { CaseView } from '../../../core/cases/types.ts'
import { viewCase } from '../../../core/cases/view.ts'
import type { Db } from '../../../platform/db/database.ts'
import { EvenhandError } from '../../../platform/errors.ts'

/** Which messages a page of a case shows; its forms carry it. */
export function shownMessages({ contacts }: Pick<CaseView, 'contacts'>): string {
  return `${contacts.length}.${contacts.at(-1)?.contactId ?? ''}`
}

/**
 * Refuses what was decided without one of the messages.
 * @param shown what the form carried; empty for one that shows no conversation
 * @throws CASE_HAS_NEWS
 */
export function requireShown(view: Pick<CaseView, 'contacts'>, shown: string): void {
  if (shown !== '' && shown !== shownMessages(view)) throw new EvenhandError('CASE_HAS_NEWS')
}

/** The same where the case is not at hand. @throws CASE_HAS_NEWS */
export async function requireShownIn(db: Db, caseId: string, shown: string): Promise<void> {
  const view = shown === '' ? undefined : await viewCase(db, caseId)
  if (view) requireShown(view, shown)
}
