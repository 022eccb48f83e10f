import type { Party } from '../../core/envelope.ts'
import type { Body } from './body.ts'
import { documentName } from './documents.ts'
import { first, readable } from './headers.ts'
import { senderOf } from './sender.ts'
import { subjectOf } from './evidence.ts'
import type { Part } from './parts.ts'

type Forwarded = Body['forwarded'][number]

/** All forwarded mails in a mail, including those inside others, in order. */
export function allForwarded({ forwarded }: Body): readonly Forwarded[] {
  return forwarded.flatMap((one) => [one, ...allForwarded(one.body)])
}

/**
 * The mail's own words, then those of each forwarded mail under its document's name. Authors are
 * left out, because routing reads this text.
 */
export function wholeText(body: Body): string {
  const sections = allForwarded(body).map(({ part, root, body: { text } }) => {
    const [name, subject] = [documentName(part, 1), subjectOf(root.fields)]
    return [`[${name}]`, ...(subject ? [subject, ''] : []), text].join('\n').trim()
  })
  return [body.text, ...sections].filter(Boolean).join('\n\n')
}

/** The documents of a mail, then those of each forwarded one. */
export function wholeDocuments(body: Body): {
  documents: readonly Part[]
  shown: ReadonlySet<Part>
} {
  const bodies = [body, ...allForwarded(body).map((one) => one.body)]
  return {
    documents: bodies.flatMap(({ documents }) => documents),
    shown: new Set(bodies.flatMap(({ shown }) => [...shown]))
  }
}

/** Most parties kept per mail; a forwarded thread has a few authors. */
const WRITERS = 10

/**
 * Authors of the forwarded mails, each once. A person who forwards their own mail is already the
 * sender.
 */
export function writersOf(body: Body, sender: Pick<Party, 'emails'>): Party[] {
  const known = new Set(sender.emails.map((address) => address.toLowerCase()))
  const writers: Party[] = []
  for (const { root } of allForwarded(body)) {
    const { sender: writer } = senderOf(root.fields)
    const key = (writer.emails[0] ?? writer.name ?? '').toLowerCase()
    if (key === '' || known.has(key) || writers.length >= WRITERS) continue
    known.add(key)
    writers.push({ role: 'writer', ...writer })
  }
  return writers
}

/** Date and id of the forwarded mails, as these claim. */
export function forwardedEvidence(body: Body): { forwarded?: object[] } {
  const forwarded = allForwarded(body)
    .slice(0, WRITERS)
    .map(({ part, root: { fields } }) => ({
      document: documentName(part, 1),
      date: readable(first(fields, 'date') ?? '', 100),
      messageId: readable(first(fields, 'message-id') ?? '', 250)
    }))
  return forwarded.length > 0 ? { forwarded } : {}
}
