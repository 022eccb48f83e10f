import type { FetchedFile, StoredRaw, Translation } from '../../core/intake/channel.ts'
import { fileDocument } from '../../core/intake/file-document.ts'
import { sniff } from '../../core/documents/media-type.ts'
import { storableText } from '../../platform/text/storable.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { dialable, factsOf, incomplete } from './facts.ts'
import { readGatewayMail } from './gateway-mail.ts'
import { readPhaxio } from './phaxio.ts'
import { telnyxFacts } from './telnyx.ts'
import type { ReadFax } from './read-fax.ts'

/**
 * A fax as an envelope without text; the text is read from its pages later. The sender is the
 * caller's number as the network gave it. The machine's own name is kept as evidence.
 * @throws EvenhandError READ_UNPARSEABLE if it is no delivery of its provider
 */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const fax = await readFax(raw)
  const documents = await Promise.all(
    fax.files.map(async ({ name, bytes }) => {
      const { mediaType } = await sniff(bytes)
      return fileDocument({ name: storableText(name).slice(0, 255), mediaType, bytes })
    })
  )
  const caller = dialable(fax.facts.callerNumber)
  const broken = incomplete(fax.facts)
  const unsure = documents.length > 0 ? undefined : (fax.missing ?? 'The fax came without a page.')
  return [
    {
      envelope: {
        channel: 'fax',
        sender: { emails: [], phones: caller ? [caller] : [], addresses: [] },
        recipients: raw.recipients ?? [],
        text: '',
        language: 'und',
        documents,
        evidence: {
          ...raw.evidence,
          ...fax.evidence,
          fax: fax.facts,
          ...(broken ? { incomplete: broken } : {})
        }
      },
      contents: fax.files.map(({ bytes }) => bytes),
      kind: 'message',
      tokens: [],
      reason: broken ? `${fax.reason}, which broke off` : fax.reason,
      ...(unsure ? { unsure } : {})
    }
  ]
}

async function readFax(raw: StoredRaw): Promise<ReadFax> {
  const fax =
    raw.source === 'telnyx'
      ? fromTelnyx(raw)
      : raw.source === 'phaxio'
        ? await fromPhaxio(raw)
        : raw.source.startsWith('gateway:')
          ? await readGatewayMail(raw)
          : fromSpool(raw)
  if (!fax) throw new EvenhandError('READ_UNPARSEABLE', "it is no fax of its provider's")
  return fax
}

function fromSpool(raw: StoredRaw): ReadFax {
  const { fax, file } = raw.evidence as { fax?: Record<string, unknown>; file?: unknown }
  return {
    facts: factsOf(fax ?? {}),
    files:
      raw.bytes.length > 0
        ? [{ name: typeof file === 'string' ? file : 'fax.tif', bytes: raw.bytes }]
        : [],
    reason: 'a fax from the fax server'
  }
}

function fromTelnyx(raw: StoredRaw): ReadFax | undefined {
  const facts = telnyxFacts(raw.bytes)
  if (!facts) return undefined
  const fetched = raw.fetched ?? []
  const missing = fetched.find(
    (file): file is FetchedFile & { missing: string } => 'missing' in file
  )?.missing
  return {
    facts,
    reason: 'a fax by Telnyx',
    files: fetched.flatMap((file) =>
      'bytes' in file ? [{ name: file.name, bytes: file.bytes }] : []
    ),
    missing: `The pages could not be fetched from Telnyx${missing ? `: ${missing}` : '.'}`
  }
}

async function fromPhaxio(raw: StoredRaw): Promise<ReadFax | undefined> {
  const read = await readPhaxio(raw.bytes, raw.mediaType)
  return (
    read && {
      facts: read.facts,
      reason: 'a fax by Phaxio',
      files: read.files.map(({ name, bytes }) => ({ name: name || 'fax.pdf', bytes })),
      missing: "Phaxio's callback came without a file."
    }
  )
}
