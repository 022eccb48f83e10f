/** Nobody answers or ends a case over words that came after the page was loaded. */
import type { CaseView } from '../../../core/cases/types.ts'
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
