import type { Agency } from '../../config/agency.ts'
import type { Frame } from '../../platform/pages/frame.ts'

/**
 * How an answer is heard without a code: by the agency's own telephone and counter, where it says
 * them, or as a letter.
 */
export function waysToHear(
  { departments }: Agency,
  { t, say }: Pick<Frame, 't' | 'say'>
): string[] {
  const { phone, counter } = departments.agency
  const ways = [
    ...(phone ? [t('answer.call', { phone })] : []),
    ...(counter ? [t('answer.counter', { counter: say(counter) })] : [])
  ]
  return [...(ways.length > 0 ? ways : [t('answer.write')]), t('answer.letter')]
}
