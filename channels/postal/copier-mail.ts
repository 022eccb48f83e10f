/**
 * A mail from a copier with scans (config/gateways.yaml, kind postal). Whether a mail is one is
 * decided when it comes in (core/intake/mail-gateways.ts).
 */
import { simpleParser, type Attachment } from 'mailparser'
import type { StoredRaw, Translation } from '../../core/intake/channel.ts'
import { fileDocument } from '../../core/intake/file-document.ts'
import { sniff } from '../../core/documents/media-type.ts'
import { storableText } from '../../platform/text/storable.ts'

/** Files of one mail: a copier sends one, a scanning service one per letter. */
const MAX_FILES = 200
const NAME_LIMIT = 255

export async function readCopierMail(raw: StoredRaw): Promise<Translation[]> {
  const mail = await simpleParser(
    Buffer.from(raw.bytes.buffer, raw.bytes.byteOffset, raw.bytes.length),
    { skipTextToHtml: true, skipImageLinks: true, maxHtmlLengthToParse: 500_000 }
  )
  // Pictures of the mail's own page (a maker's logo) are not scans.
  const files = mail.attachments
    .filter(({ related, content }) => !related && content.length > 0)
    .slice(0, MAX_FILES)
  const documents = await Promise.all(files.map(describe))
  return [
    {
      envelope: {
        channel: 'postal',
        sender: { emails: [], phones: [], addresses: [] },
        recipients: raw.recipients ?? [],
        text: '',
        language: 'und',
        documents,
        evidence: { ...raw.evidence }
      },
      contents: files.map(({ content }) => content),
      kind: 'message',
      tokens: [],
      reason: "a copier's mail",
      ...(files.length > 0 ? { scans: true } : { unsure: "The copier's mail came without a scan." })
    }
  ]
}

async function describe({ filename, content }: Attachment, index: number) {
  const { mediaType } = await sniff(content.subarray(0, 1024 ** 2))
  const name = storableText(filename ?? `scan-${index + 1}`).slice(0, NAME_LIMIT)
  return fileDocument({ name, mediaType, bytes: content })
}
