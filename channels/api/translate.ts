import { createHash } from 'node:crypto'
import type { StoredRaw, Translation } from '../../core/channel.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import { EvenhandError } from '../../core/errors.ts'
import { receiptToken } from '../../core/receipts.ts'
import { contactSchema, type NewContact } from './contact.ts'
import { readContact, readFiles, type SubmittedFile } from './submission.ts'

/**
 * A stored request as an envelope. It was checked at the door; what no longer passes goes to a person.
 * @throws EvenhandError READ_UNPARSEABLE
 */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const { contact, files } = await readAgain(raw)
  return [{
    envelope: makeEnvelope(contact, files, raw),
    contents: files.map(({ content }) => content),
    kind: 'message',
    tokens: [receiptToken(contact.follows ?? '')].filter((token) => token !== undefined),
    reason: contact.origin ? `handed in by another system, from ${contact.origin}` : 'handed in by another system'
  }]
}

async function readAgain({ bytes, mediaType }: StoredRaw): Promise<{ contact: NewContact; files: SubmittedFile[] }> {
  try {
    const contact = contactSchema.parse(await readContact(bytes, mediaType))
    return { contact, files: await readFiles(contact, bytes, mediaType) }
  } catch (error) {
    throw new EvenhandError('READ_UNPARSEABLE', error instanceof EvenhandError ? error.detail : 'not a contact as the API takes them', { cause: error })
  }
}

/** Only what is there: an envelope has no empty answers. The claims stay together, so that none is taken for a fact of ours. */
function makeEnvelope(contact: NewContact, files: SubmittedFile[], { source, evidence }: StoredRaw): EnvelopeDraft {
  const { subject, category, answers, place, parties, claims, origin, id } = contact
  return {
    channel: 'api',
    sender: person(contact.sender),
    recipients: contact.recipients,
    ...(subject ? { subject } : {}),
    text: contact.text,
    language: contact.language,
    documents: files.map(({ name, mediaType, content }) => ({ name, mediaType, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), pages: 0 })),
    ...(answers ? { answers } : {}),
    ...(category ? { category } : {}),
    ...(place ? { place } : {}),
    ...(parties ? { parties: parties.map(({ role, ...who }) => ({ ...person(who), role })) } : {}),
    evidence: { ...evidence, source, ...(origin ? { origin } : {}), ...(id ? { id } : {}), ...(claims ? { claims } : {}) }
  }
}

function person({ name, emails, phones, addresses }: NewContact['sender']): EnvelopeDraft['sender'] {
  return { ...(name ? { name } : {}), emails, phones, addresses }
}
