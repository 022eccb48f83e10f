/** "Maria Gomez (by phone, November 3; call only)", for each person of a case who does not get a reply. */
import { recognitionOf } from '../../../config/schema.ts'
import type { CaseView } from '../../../core/cases/types.ts'
import type { ReplyWay } from '../../../core/outbox/reply-message.ts'
import { unheardBy, type Unheard } from '../../../core/replies/unheard.ts'
import type { WebContext } from '../../context.ts'
import { shortDay } from '../shared/short-time.ts'
import { channelName } from '../shared/words.ts'

export function unheardWords(
  { agency }: Pick<WebContext, 'agency'>,
  { contacts }: Pick<CaseView, 'contacts'>,
  to: { readonly contactId: string; readonly address?: string | undefined }
): string[] {
  const { departments } = agency()
  const { timeZone } = departments.agency
  return unheardBy(contacts, to, recognitionOf(departments).country).map(
    ({ name, at, channel, ways }) =>
      `${name ?? 'Somebody without a name'} (wrote ${shortDay(at, timeZone)} by ${channelName(channel)}; ${gave(ways)})`
  )
}

/** What they gave: a number is one thing, whether it is called or texted. */
function gave(ways: Unheard['ways']): string {
  const things = [...new Set(ways.map((way) => given[way]))]
  if (things.length === 0) return 'no address and no number'
  return things.length === 1 ? `${things[0]} only` : things.join(', ')
}

const given: Readonly<Record<ReplyWay, string>> = {
  mail: 'email',
  text: 'phone',
  call: 'phone',
  letter: 'postal address'
}
