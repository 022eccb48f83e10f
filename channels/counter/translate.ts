import type { StoredRaw, Translation } from '../../core/intake/channel.ts'
import { fileDocument } from '../../core/intake/file-document.ts'
import {
  readEntry,
  type CounterEntry,
  type CounterPerson
} from '../../core/intake/counter-entry.ts'
import type { EnvelopeDraft, Sender } from '../../core/envelope.ts'
import { storableText } from '../../platform/text/storable.ts'
import { isBlank } from '../../platform/text/visible.ts'

/** Makes an envelope from a staff entry. @throws if the bytes are no entry */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const entry = readEntry(raw.bytes)
  const contents = entry.files.map(({ content }) => Buffer.from(content, 'base64'))
  return [
    {
      envelope: makeEnvelope(entry, contents, raw.evidence),
      contents,
      kind: 'message',
      tokens: [],
      reason:
        entry.kind === 'call' ? 'a call, taken down by staff' : 'taken down by staff at the counter'
    }
  ]
}

function makeEnvelope(
  entry: CounterEntry,
  contents: readonly Buffer[],
  evidence: StoredRaw['evidence']
): EnvelopeDraft {
  const behalf =
    entry.behalf && Object.values(entry.behalf).some(Boolean) ? toSender(entry.behalf) : undefined
  return {
    channel: 'counter',
    sender: toSender(entry.sender ?? {}),
    recipients: [],
    text: storableText(entry.text.trim()),
    language: entry.language ?? 'und',
    documents: entry.files.map(({ name, mediaType }, index) =>
      fileDocument({
        name: storableText(name) || `file-${index + 1}`,
        mediaType,
        bytes: contents[index]!
      })
    ),
    ...(entry.answers && Object.keys(entry.answers).length > 0 ? { answers: entry.answers } : {}),
    ...(behalf ? { parties: [{ ...behalf, role: 'subject' as const }] } : {}),
    evidence
  }
}

function toSender({ name, email, phone, address }: CounterPerson): Sender {
  const [known] = given(name)
  return {
    ...(known ? { name: known } : {}),
    emails: given(email),
    phones: given(phone),
    addresses: given(address)
  }
}

function given(value: string | undefined): string[] {
  return value !== undefined && !isBlank(value) ? [storableText(value.trim())] : []
}
