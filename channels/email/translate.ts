import type { StoredRaw, Translation } from '../../core/channel.ts'
import { storableText, type Sender } from '../../core/envelope.ts'
import { EvenhandError } from '../../core/errors.ts'
import { languageOf } from '../../core/language.ts'
import { readBody } from './body.ts'
import { classify } from './classify.ts'
import { documentsOf } from './documents.ts'
import { headerEvidence, replyTo, subjectOf } from './evidence.ts'
import { lowerDomain, mailboxes, type HeaderFields } from './headers.ts'
import { headerLimits } from './limits.ts'
import { readParts } from './parts.ts'
import { replyTokens, returnedTokens } from './tokens.ts'

/**
 * A stored mail as one envelope with its documents.
 * @throws EvenhandError READ_LIMIT over a bound of limits.ts, READ_UNPARSEABLE when it is no mail at all.
 */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const root = await readParts(raw.bytes)
  const { fields } = root
  if (fields.size === 0 && !startsBlank(raw.bytes)) throw new EvenhandError('READ_UNPARSEABLE', 'no header')
  const body = readBody(root)
  const text = storableText(body.text)
  const mailFrom = typeof raw.evidence.mailFrom === 'string' ? raw.evidence.mailFrom : undefined
  const { kind, reason } = classify({ fields, root, text, documents: body.documents, mailFrom })
  const subject = subjectOf(fields)
  const recipients = recipientsOf(raw.recipients ?? [], fields)
  return [{
    envelope: {
      channel: 'email',
      sender: senderOf(fields),
      recipients,
      ...(subject ? { subject } : {}),
      text,
      language: await languageOf(subject && text.length < 200 ? `${subject}\n${text}` : text),
      documents: documentsOf(body.documents, body.shown),
      evidence: { ...raw.evidence, replyTo: replyTo(fields), headers: headerEvidence(fields) }
    },
    contents: body.documents.map((part) => part.bytes),
    kind,
    tokens: distinct([...replyTokens(recipients, fields), ...(kind === 'bounce' ? returnedTokens(text, body.documents) : [])]).slice(0, headerLimits.tokens),
    reason
  }]
}

// Without a header nothing says where the text begins; a blank first line says that the header is empty.
function startsBlank(bytes: Uint8Array): boolean {
  return bytes[0] === 10 || (bytes[0] === 13 && bytes[1] === 10)
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)]
}

function senderOf(fields: HeaderFields): Sender {
  const from = mailboxes(fields.get('from'))
  const people = from.some((mailbox) => mailbox.address) ? from : [...from, ...mailboxes(fields.get('sender'))]
  const name = people.find((mailbox) => mailbox.name)?.name
  const emails = distinct(people.map((mailbox) => lowerDomain(mailbox.address)).filter(Boolean)).slice(0, 10)
  return { ...(name ? { name } : {}), emails, phones: [], addresses: [] }
}

// Where it was delivered is surely ours; the header's addresses may be anybody's, and stand in only where nothing else is known.
function recipientsOf(envelope: readonly string[], fields: HeaderFields): string[] {
  const named = ['to', 'cc', 'delivered-to'].flatMap((name) => mailboxes(fields.get(name))).map((mailbox) => mailbox.address)
  return distinct([...envelope, ...named].map((address) => storableText(address).toLowerCase()).filter(Boolean)).slice(0, headerLimits.addresses)
}
