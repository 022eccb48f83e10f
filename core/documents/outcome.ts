import { SURE } from './reader/sure-words.ts'
import type { Page } from './types.ts'

export type JudgedPage = Pick<
  Page,
  'number' | 'text' | 'confidence' | 'blank' | 'withheld' | 'unread'
>

export interface DocumentOutcome {
  readonly outcome: 'read' | 'withheld'
  /** Why nothing could be read, or what is missing. */
  readonly reason?: string
}

/** Pages named one by one; of more it is said how many. */
const NAMED = 3

/**
 * How the reading of a document ended, by its pages: withheld where none of them was read surely,
 * blank ones aside.
 */
export function outcomeOf(pages: readonly JudgedPage[]): DocumentOutcome {
  const lost = pages.filter(({ withheld }) => withheld !== undefined)
  const partly = pages.filter(
    ({ withheld, unread }) => withheld === undefined && unread !== undefined
  )
  const written = pages.filter(({ blank }) => !blank)
  const none = written.length > 0 && written.every(isUnread)
  if (none && lost.length > 0 && partly.length === 0)
    return { outcome: 'withheld', reason: lost[0]!.withheld! }
  if (none && partly.length === 1 && pages.length === 1)
    return { outcome: 'withheld', reason: partly[0]!.unread! }
  const missing = [
    ...(lost.length > 0
      ? [`${lost.length} of ${pages.length} pages could not be read: ${lost[0]!.withheld}`]
      : []),
    ...partly
      .slice(0, NAMED)
      .map(({ number, unread }) => (pages.length === 1 ? unread! : `Page ${number}: ${unread}`)),
    ...(partly.length > NAMED
      ? [`${partly.length - NAMED} more pages could not be read wholly or surely.`]
      : [])
  ]
  return {
    outcome: none ? 'withheld' : 'read',
    ...(missing.length > 0 ? { reason: missing.join(' ') } : {})
  }
}

function isUnread({ withheld, unread, text, confidence }: JudgedPage): boolean {
  return (
    withheld !== undefined || (unread !== undefined && (text.trim() === '' || confidence < SURE))
  )
}
