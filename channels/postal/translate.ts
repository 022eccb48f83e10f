import type { StoredRaw, Translation } from '../../core/intake/channel.ts'
import { sniff } from '../../core/documents/media-type.ts'
import { storableText } from '../../platform/text/storable.ts'
import { readCopierMail } from './copier-mail.ts'

/** A letter's evidence, as the mailroom wrote it. */
interface PostalEvidence {
  readonly fileName?: unknown
  readonly pages?: unknown
  readonly senderName?: unknown
  readonly senderAddress?: unknown
  readonly senderEmail?: unknown
  readonly senderPhone?: unknown
}

/** Most characters shown of a file's name. */
const NAME_LIMIT = 255

/**
 * A letter as an envelope: its document, and the sender as mailroom staff entered it. Its text is
 * read from the document later.
 */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  if (raw.source.startsWith('gateway:')) return readCopierMail(raw)
  const evidence = raw.evidence as PostalEvidence
  const { mediaType, kind } = await sniff(raw.bytes.subarray(0, 1024 ** 2))
  const name = labelOf(evidence.senderName)
  const listOf = (value: unknown) => [labelOf(value) ?? []].flat()
  const list = raw.mediaType === 'application/json' && kind === 'text'
  return [
    {
      envelope: {
        channel: 'postal',
        sender: {
          ...(name ? { name } : {}),
          emails: listOf(evidence.senderEmail),
          phones: listOf(evidence.senderPhone),
          addresses: listOf(evidence.senderAddress)
        },
        recipients: [],
        text: '',
        language: 'und',
        documents: [
          {
            name:
              labelOf(evidence.fileName) ??
              (mediaType === 'application/pdf' ? 'letter.pdf' : 'letter'),
            mediaType: list ? raw.mediaType : mediaType,
            bytes: raw.bytes.length,
            sha256: raw.sha256,
            pages: Array.isArray(evidence.pages) ? evidence.pages.length : 0
          }
        ],
        evidence: { ...raw.evidence }
      },
      contents: [raw.bytes],
      kind: 'message',
      tokens: [],
      reason: 'a letter',
      ...(list
        ? {
            unsure:
              "no document could be made of the letter's pages; look at the scan in the mailroom"
          }
        : {})
    }
  ]
}

function labelOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== ''
    ? storableText(value.trim().slice(0, NAME_LIMIT))
    : undefined
}
