/** Closing a case with one of its department's outcomes, or in words of one's own. */
import { findOutcome, type Outcome } from '../../config/outcomes.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { inLanguage } from '../../platform/pages/language.ts'
import type { Db } from '../../platform/db/database.ts'
import { wasAnswered } from '../line/answered.ts'
import { closeWithin } from '../line/close.ts'
import type { Line } from '../line/line.ts'
import { optionalReason } from '../line/reasons.ts'
import { departmentOf } from '../line/view.ts'
import type { Runtime } from '../runtime.ts'

type Closer = Pick<Runtime, 'db' | 'agency'> & { readonly line: Pick<Line, 'close'> }

export interface Closing {
  /** Id of one of the department's outcomes; its resident reads the sentence. */
  readonly outcomeId?: string | undefined
  /** What it came to, for staff: instead of an outcome, or more exactly than its sentence. */
  readonly words?: string | undefined
  readonly note?: string | undefined
  /** Why it is closed without an answer. */
  readonly reason?: string | undefined
  /** Id of an answer that is sent with the closing and may still be on its way. */
  readonly answer?: string | undefined
}

/**
 * Closes a case that the actor holds. @throws OUTCOME_UNKNOWN, OUTCOME_NOT_ANSWERED,
 * REASON_REQUIRED without outcome and words, CASE_UNKNOWN, CASE_NOT_TAKEN
 */
export async function closeCase(
  { db, line, agency }: Closer,
  caseId: string,
  actor: string,
  { outcomeId, words, note, reason, answer }: Closing
): Promise<void> {
  const { departments } = agency()
  const [first = 'en'] = departments.agency.languages
  const outcome = outcomeId
    ? findOutcome(departments, (await departmentOf(db, caseId)) ?? '', outcomeId)
    : undefined
  if (outcomeId && !outcome) throw new EvenhandError('OUTCOME_UNKNOWN')
  const said = optionalReason(words ?? '')
  await line.close(caseId, actor, said || (outcome ? inLanguage(outcome.text, first, first) : ''), {
    note,
    reason,
    outcomeId: outcome?.id,
    answered: outcome?.answered ? { enqueued: answer } : undefined
  })
}

/**
 * The same for a person at the desk, who says why where no answer was sent. @throws
 * CLOSING_REASON_REQUIRED, and as closeCase
 */
export async function closeAtDesk(
  closer: Closer,
  caseId: string,
  actor: string,
  closing: Closing
): Promise<void> {
  const answered = closing.answer !== undefined || (await wasAnswered(closer.db, caseId))
  if (!answered && optionalReason(closing.reason ?? '') === '')
    throw new EvenhandError('CLOSING_REASON_REQUIRED')
  await closeCase(closer, caseId, actor, closing)
}

/** Closing a case in the transaction that sends its reply, and whether that was done. */
export function endingOf(
  agency: Runtime['agency'],
  caseId: string,
  actor: string,
  closing: Closing
): { end(trx: Db): Promise<void>; ended(): boolean } {
  let ended = false
  return {
    end: async (trx) => {
      const line: Closer['line'] = { close: (...given) => closeWithin(trx, ...given) }
      await closeAtDesk({ db: trx, agency, line }, caseId, actor, closing)
      ended = true
    },
    ended: () => ended
  }
}

/** What was typed: an outcome's id, or words. */
export function typedClosing(outcomes: readonly Outcome[], typed: string): Closing {
  return outcomes.some(({ id }) => id === typed.trim())
    ? { outcomeId: typed.trim() }
    : { words: typed }
}
