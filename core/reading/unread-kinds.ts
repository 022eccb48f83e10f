/** Files that no machine looks at are named as such with the contact. */
import type { EnvelopeDraft } from '../envelope.ts'
import type { Translation } from '../intake/channel.ts'
import { traitsOf } from '../intake/traits.ts'

/**
 * Says with each file that no reader looks at why. What is heard and written down by people
 * (recordings of calls) is no such file.
 */
export function withUnread({ kind, envelope }: Translation): EnvelopeDraft {
  if (kind !== 'message' || traitsOf(envelope.channel).medium === 'voice') return envelope
  const documents = envelope.documents.map((document) => {
    const reason = document.text === undefined ? unreadKind(document.mediaType) : undefined
    return reason === undefined || document.withheld !== undefined
      ? document
      : { ...document, withheld: reason }
  })
  return { ...envelope, documents }
}

/**
 * Why a kind of file is never read here, to be said with it; undefined for what readers look at.
 */
function unreadKind(mediaType: string): string | undefined {
  if (mediaType.startsWith('audio/')) return 'It is a sound, and no machine listens to it here.'
  if (mediaType.startsWith('video/')) return 'It is a film, and no machine watches it here.'
  return mediaType === 'application/ms-tnef' || mediaType === 'application/vnd.ms-tnef'
    ? 'It is an envelope of Outlook (winmail.dat), which is not opened here.'
    : undefined
}
