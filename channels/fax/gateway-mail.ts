/**
 * A fax sent as mail by a fax-to-email service. Whether a mail is one is decided when the mail
 * comes in (core/intake/mail-gateways.ts).
 */
import { simpleParser, type Attachment, type ParsedMail } from 'mailparser'
import type { StoredRaw } from '../../core/intake/channel.ts'
import { readPatterns, type GatewayPattern } from '../../core/intake/mail-gateways.ts'
import { storableText } from '../../platform/text/storable.ts'
import { factsOf, type FaxFacts } from './facts.ts'
import { MAX_GATEWAY_DOCUMENTS, MAX_GATEWAY_TEXT } from './limits.ts'
import type { ReadFax } from './read-fax.ts'

/**
 * The service's facts about the fax are found by its patterns. Its own words are kept as evidence,
 * because no resident wrote them.
 */
export async function readGatewayMail({ bytes, evidence }: StoredRaw): Promise<ReadFax> {
  const mail = await simpleParser(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
    skipTextToHtml: true,
    skipImageLinks: true,
    maxHtmlLengthToParse: 500_000
  })
  const files = documentsOf(mail.attachments).map(({ filename, content }, index) => ({
    name: filename ?? `fax-${index + 1}`,
    bytes: content
  }))
  const said = {
    subject: cut(mail.subject),
    text: cut(mail.text),
    file: files.map(({ name }) => cut(name)).join('\n')
  }
  return {
    files,
    reason: 'a fax by mail of a fax service',
    facts: factsIn(said, readPatterns(evidence['gateway'])),
    missing: "The fax service's mail came without a fax.",
    evidence: { mail: { subject: said.subject, text: said.text } }
  }
}

/** The fax itself. Pictures of the mail's own page (a logo) are not part of it. */
function documentsOf(attachments: readonly Attachment[]): Attachment[] {
  return attachments
    .filter(({ related, content }) => !related && content.length > 0)
    .slice(0, MAX_GATEWAY_DOCUMENTS)
}

/** For each fact, the first pattern that finds it. */
function factsIn(
  said: Readonly<Record<GatewayPattern['in'], string>>,
  patterns: readonly GatewayPattern[]
): FaxFacts {
  const found = patterns.map(
    ({ in: where, pattern }) => new RegExp(pattern, 'imu').exec(said[where])?.groups ?? {}
  )
  const fact = (name: string) =>
    found.map((groups) => groups[name]).find((value) => value !== undefined && value.trim() !== '')
  return factsOf({
    callerNumber: fact('caller'),
    stationId: fact('station'),
    calledNumber: fact('called'),
    communication: fact('id'),
    pages: fact('pages'),
    error: fact('error')
  })
}

function cut(text: ParsedMail['subject']): string {
  return storableText(text ?? '')
    .slice(0, MAX_GATEWAY_TEXT)
    .toWellFormed()
}
