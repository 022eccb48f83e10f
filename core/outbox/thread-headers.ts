/** Headers by which a mail program puts our mail under the one it answers. */
import type { EnvelopeDraft } from '../envelope.ts'

/** Message-IDs kept of a long thread: the last ones are enough for threading. */
const REFERENCES = 10

/**
 * In-Reply-To and References (RFC 5322 section 3.6.4: the mail's own references, then the mail
 * itself) from the headers kept with a contact; none where it did not come by mail.
 */
export function threadHeaders({
  evidence
}: Pick<EnvelopeDraft, 'evidence'>): Readonly<Record<string, string>> {
  const answered = messageIds(header(evidence, 'message-id')).at(0)
  if (!answered) return {}
  const references = [
    ...messageIds(header(evidence, 'references') ?? header(evidence, 'in-reply-to')),
    answered
  ].slice(-REFERENCES)
  return { 'In-Reply-To': answered, References: [...new Set(references)].join(' ') }
}

function messageIds(value: string | undefined): string[] {
  return value?.match(/<[^<>\s]{1,250}>/g) ?? []
}

/** The first value of a header of a mail. */
export function header(evidence: EnvelopeDraft['evidence'], name: string): string | undefined {
  const headers = evidence['headers'] as Readonly<Record<string, unknown>> | undefined
  const values = headers?.[name]
  return Array.isArray(values) ? String(values[0]) : undefined
}
