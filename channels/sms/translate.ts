import { createHash } from 'node:crypto'
import type { FetchedFile, RemoteFile, StoredRaw, Translation } from '../../core/channel.ts'
import type { Settings } from '../../config/settings.ts'
import type { EnvelopeDocument } from '../../core/envelope.ts'
import { EvenhandError } from '../../core/errors.ts'
import { languageOf } from '../../core/language.ts'
import { keywordOf, type Keyword } from '../../core/texts/keywords.ts'
import { accountFile } from '../../core/twilio/api.ts'
import { parametersOf } from '../../core/twilio/webhook.ts'
import { MAX_MEDIA_BYTES } from './limits.ts'
import { numberOf, readMessage, type Media, type TextMessage } from './message.ts'

function messageOf(raw: StoredRaw): TextMessage | undefined {
  return readMessage(parametersOf(raw.bytes, raw.mediaType))
}

/** The message's pictures and other files; Twilio keeps them and wants our account's name and token for them. */
export function remoteFiles(raw: StoredRaw, settings: Settings): RemoteFile[] {
  const message = messageOf(raw)
  return message?.media.map((media, index) => {
    const name = nameOf(media, index)
    if (!media.path || !message.account) return { url: 'about:blank', name, hosts: [], maxBytes: MAX_MEDIA_BYTES }
    return accountFile(settings, message.account, media.path, name, MAX_MEDIA_BYTES)
  }) ?? []
}

const endings: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg', 'image/png': 'png', 'image/gif': 'gif', 'image/webp': 'webp', 'image/heic': 'heic', 'application/pdf': 'pdf', 'text/vcard': 'vcf', 'text/x-vcard': 'vcf',
  'audio/amr': 'amr', 'audio/mpeg': 'mp3', 'audio/ogg': 'ogg', 'audio/mp4': 'm4a', 'video/mp4': 'mp4', 'video/3gpp': '3gp'
}

function nameOf({ mediaType }: Pick<Media, 'mediaType'>, index: number): string {
  const [kind = 'file'] = mediaType.split('/', 1)
  const noun = kind === 'image' ? 'picture' : kind === 'audio' || kind === 'video' ? kind : 'file'
  const ending = endings[mediaType]
  return `${noun}-${index + 1}${ending ? `.${ending}` : ''}`
}

/** A stored text as an envelope. Twilio has joined its parts already. @throws EvenhandError READ_UNPARSEABLE */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const message = messageOf(raw)
  if (!message) throw new EvenhandError('READ_UNPARSEABLE', 'it is no text message of Twilio\'s')
  const keyword = message.media.length === 0 ? keywordOf(message.text) : undefined
  const files = raw.fetched ?? []
  const number = numberOf(message.from)
  return [{
    envelope: {
      channel: 'sms', sender: { emails: [], phones: number ? [number] : [], addresses: [] }, recipients: message.to ? [numberOf(message.to) ?? message.to] : [], text: message.text,
      language: await languageOf(message.text), documents: files.map((file, index) => describe(file, index)), ...(message.place ? { place: message.place } : {}),
      evidence: {
        ...raw.evidence, from: message.from, to: message.to, segments: message.segments, media: message.media.length,
        ...(keyword ? { keyword, answeredByProvider: message.answeredByProvider } : {}), ...missingNote(files)
      }
    },
    contents: files.map((file) => 'bytes' in file ? file.bytes : new Uint8Array()), kind: keyword ? 'auto-reply' : 'message', tokens: [], reason: reasonOf(keyword, message)
  }]
}

const NOTHING = createHash('sha256').digest('hex')

function describe(file: FetchedFile, index: number): EnvelopeDocument {
  if ('missing' in file) return { name: file.name, mediaType: 'application/octet-stream', bytes: 0, sha256: NOTHING, pages: 0, withheld: file.missing }
  return { name: nameOf(file, index), mediaType: file.mediaType, bytes: file.bytes.length, sha256: createHash('sha256').update(file.bytes).digest('hex'), pages: 0 }
}

function missingNote(files: readonly FetchedFile[]): { missingFiles?: number } {
  const missing = files.filter((file) => 'missing' in file).length
  return missing > 0 ? { missingFiles: missing } : {}
}

function reasonOf(keyword: Keyword | undefined, { segments, media }: TextMessage): string {
  if (keyword === 'stop') return 'it says only that we are not to text this number: our texts to it end, what it sends is taken in as before'
  if (keyword === 'start') return 'it says only that we may text this number again'
  if (keyword === 'help') return 'it asks only what this number is; it is answered with that'
  const parts = segments > 1 ? `a text in ${segments} parts that the provider joined` : 'a text'
  return media.length > 0 ? `${parts}, with ${media.length} files` : parts
}
