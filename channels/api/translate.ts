import type { StoredRaw, Translation } from '../../core/intake/channel.ts'
import { fileDocument } from '../../core/intake/file-document.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { receiptToken } from '../../core/contacts/receipts.ts'
import { contactSchema, type NewContact } from './contact.ts'
import { takeApart, type SubmittedFile } from './parts.ts'

/**
 * Makes an envelope from a stored request. It was checked when it was accepted; if it no longer
 * passes, it goes to a person.
 * @throws EvenhandError READ_UNPARSEABLE
 */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const { contact, files } = await readAgain(raw)
  return [
    {
      envelope: makeEnvelope(contact, files, raw),
      contents: files.map(({ content }) => content),
      kind: 'message',
      tokens: [receiptToken(contact.follows ?? '')].filter((token) => token !== undefined),
      reason: contact.origin
        ? `handed in by another system, from ${contact.origin}`
        : 'handed in by another system'
    }
  ]
}

async function readAgain({
  bytes,
  mediaType
}: StoredRaw): Promise<{ contact: NewContact; files: readonly SubmittedFile[] }> {
  try {
    // Contacts are already read apart from the main thread, so no further thread is used.
    const { contact, files } = await takeApart(bytes, mediaType)
    return { contact: contactSchema.parse(contact), files }
  } catch (error) {
    throw new EvenhandError(
      'READ_UNPARSEABLE',
      error instanceof EvenhandError ? error.detail : 'not a contact as the API takes them',
      { cause: error }
    )
  }
}

/**
 * Only fields with a value are set. The sender's claims are kept together, so that none is mistaken
 * for a fact of ours.
 */
function makeEnvelope(
  contact: NewContact,
  files: readonly SubmittedFile[],
  { source, evidence }: StoredRaw
): EnvelopeDraft {
  const { subject, category, answers, place, parties, claims, origin, id } = contact
  return {
    channel: 'api',
    sender: person(contact.sender),
    recipients: contact.recipients,
    ...(subject ? { subject } : {}),
    text: contact.text,
    language: contact.language,
    documents: files.map(({ name, mediaType, content }) =>
      fileDocument({ name, mediaType, bytes: content })
    ),
    ...(answers ? { answers } : {}),
    ...(category ? { category } : {}),
    ...(place ? { place } : {}),
    ...(parties ? { parties: parties.map(({ role, ...who }) => ({ ...person(who), role })) } : {}),
    evidence: {
      ...evidence,
      source,
      ...(origin ? { origin } : {}),
      ...(id ? { id } : {}),
      ...(claims ? { claims } : {})
    }
  }
}

function person({
  name,
  emails,
  phones,
  addresses
}: NewContact['sender']): EnvelopeDraft['sender'] {
  return { ...(name ? { name } : {}), emails, phones, addresses }
}
