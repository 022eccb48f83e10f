import { z } from 'zod'
import type { StoredRaw, Translation } from '../../core/intake/channel.ts'
import { withoutPictures } from '../../platform/text/marks.ts'
import { storableText } from '../../platform/text/storable.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { languageOf } from '../../platform/detect-language.ts'
import { partText } from '../../platform/new-text/new-text.ts'
import { checkLength, readBody, type Body } from './body.ts'
import { invitationMethod } from './calendar.ts'
import { classify } from './classify.ts'
import { documentsOf } from './documents.ts'
import { openEnclosed } from './enclosed.ts'
import { headerEvidence, replyTo, subjectOf } from './evidence.ts'
import {
  allForwarded,
  forwardedEvidence,
  wholeDocuments,
  wholeText,
  writersOf
} from './forwarded.ts'
import { mailboxes, type HeaderFields } from './headers.ts'
import { headerLimits, readLimits } from './limits.ts'
import { lookOf } from './look.ts'
import { originatorOf } from './originator.ts'
import { MSG_TYPE } from './msg.ts'
import { bare } from './outlook.ts'
import { newBudget, readParts, type Budget, type Part } from './parts.ts'
import { reportOf } from './report.ts'
import { senderOf } from './sender.ts'
import { replyTokens, returnedTokens } from './tokens.ts'

/**
 * Makes one envelope with its documents from a stored mail.
 * @throws EvenhandError READ_LIMIT over a bound of limits.ts, READ_UNPARSEABLE if it is no mail at
 * all.
 */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const root = await readMail(raw)
  const { fields } = root
  const body = readBody(root)
  const mailFrom = typeof raw.evidence.mailFrom === 'string' ? raw.evidence.mailFrom : undefined
  const { kind, reason } = classify({
    fields,
    root,
    text: storableText(body.text),
    documents: body.documents,
    mailFrom
  })
  const { text, documents, shown } = readWhole(body, kind)
  const newText = kind === 'message' ? newTextOf(body, text) : undefined
  const look = lookOf(root)
  const subject = subjectOf(fields)
  const recipients = recipientsOf(raw.recipients ?? [], fields)
  const { sender, through } = senderOf(fields, {
    recipients: raw.recipients ?? [],
    relay: relayOf(raw.evidence)
  })
  const originator =
    kind === 'message' && body.forwarded.length === 0
      ? originatorOf({ text: body.text, subject, sender, recipients: raw.recipients ?? [] })
      : undefined
  const invited = kind === 'message' ? invitationMethod(body.documents) : undefined
  const parties = kind === 'message' ? writersOf(body, sender) : []
  return [
    {
      envelope: {
        channel: 'email',
        sender,
        recipients,
        ...(subject ? { subject } : {}),
        text,
        ...(newText === undefined ? {} : { newText }),
        language: await languageIn(newText ?? text, subject),
        documents: documentsOf(documents, new Set([...shown, ...look.belonging])),
        ...(parties.length > 0 ? { parties } : {}),
        evidence: {
          ...raw.evidence,
          replyTo: replyTo(fields),
          headers: headerEvidence(fields),
          ...(through ? { through } : {}),
          ...(originator ? { originator } : {}),
          ...(invited ? { invitation: invited } : {}),
          ...(look.sha256
            ? {
                htmlSha256: look.sha256,
                ...(isFaithful(body) ? { htmlIsText: true } : {}),
                ...(look.pictures.length > 0 ? { drawnSha256: look.pictures } : {})
              }
            : {}),
          ...forwardedEvidence(body),
          ...(kind === 'bounce' ? { report: reportOf(body.text, body.documents, fields) } : {})
        }
      },
      contents: documents.map((part) => part.bytes),
      kind,
      tokens: distinct([
        ...replyTokens(recipients, fields),
        ...(kind === 'bounce' ? returnedTokens(body.text, body.documents) : [])
      ]).slice(0, headerLimits.tokens),
      reason,
      ...(kind === 'message' && text === '' && body.sealed ? { unsure: body.sealed } : {})
    }
  ]
}

async function readMail({ bytes, mediaType }: StoredRaw): Promise<Part> {
  const budget = newBudget()
  if (mediaType === MSG_TYPE) return readSaved(bytes, budget)
  const root = await readParts(bytes, budget)
  if (root.fields.size === 0 && !startsBlank(bytes))
    throw new EvenhandError('READ_UNPARSEABLE', 'no header')
  await openEnclosed(root, budget)
  return root
}

/** A message that Outlook saved. */
async function readSaved(bytes: Uint8Array, budget: Budget): Promise<Part> {
  const file = { ...bare(MSG_TYPE, Buffer.from(bytes)), fileName: 'message.msg' }
  await openEnclosed(file, budget)
  if (!file.enclosed) throw new EvenhandError('READ_UNPARSEABLE', file.sealed)
  return file.enclosed.root
}

/**
 * In a person's mail, forwarded mails are part of what they say. In a report they are our own mail,
 * which nobody needs to read.
 */
function readWhole(
  body: Body,
  kind: Translation['kind']
): { text: string; documents: readonly Part[]; shown: ReadonlySet<Part> } {
  if (kind !== 'message') return { ...body, text: storableText(body.text) }
  const text = storableText(wholeText(body))
  checkLength(text)
  return { text, ...wholeDocuments(body) }
}

/** The writer's new words, where there are any and they are not all of the text. */
function newTextOf(body: Body, text: string): string | undefined {
  if (body.text.length > readLimits.partedLength) return undefined
  const parted = partText(storableText(body.text)).newText
  // A picture that is all there is new stays: without it the history would stand for new words.
  const newText = withoutPictures(parted) || parted
  return newText === '' || newText === text ? undefined : newText
}

/** A short text says little about its language, so that its subject helps. */
function languageIn(text: string, subject: string | undefined): Promise<string> {
  return languageOf(subject && text.length < 200 ? `${subject}\n${text}` : text)
}

/** True if all HTML of the mail, including that of forwarded mails, shows only its text. */
function isFaithful(body: Body): boolean {
  return [body, ...allForwarded(body).map((one) => one.body)].every(({ faithful }) => faithful)
}

const relaySchema = z.object({ gateway: z.object({ kind: z.enum(['form', 'trusted']) }) })

function relayOf(evidence: StoredRaw['evidence']): 'form' | 'trusted' | undefined {
  return relaySchema.safeParse(evidence).data?.gateway.kind
}

// Without a header nothing marks the start of the text. A blank first line means that the header is
// empty.
function startsBlank(bytes: Uint8Array): boolean {
  return bytes[0] === 10 || (bytes[0] === 13 && bytes[1] === 10)
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)]
}

// The address it was delivered to is certainly ours. Addresses in the header may be anybody's and
// are used only if nothing else is known.
function recipientsOf(envelope: readonly string[], fields: HeaderFields): string[] {
  const named = ['to', 'cc', 'delivered-to']
    .flatMap((name) => mailboxes(fields.get(name)))
    .map((mailbox) => mailbox.address)
  return distinct(
    [...envelope, ...named].map((address) => storableText(address).toLowerCase()).filter(Boolean)
  ).slice(0, headerLimits.addresses)
}
