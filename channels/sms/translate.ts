import type { FetchedFile, RemoteFile, StoredRaw, Translation } from '../../core/intake/channel.ts'
import type { Settings } from '../../config/settings.ts'
import type { EnvelopeDocument } from '../../core/envelope.ts'
import { fileDocument, missingDocument } from '../../core/intake/file-document.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { languageOf } from '../../platform/detect-language.ts'
import { keywordOf, type Keyword } from '../../core/conversation/keywords.ts'
import { reactionOf, type Reaction } from '../../core/conversation/reactions.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { accountFile } from '../../platform/providers/twilio/api.ts'
import { parametersOf } from '../../platform/providers/twilio/webhook.ts'
import { MAX_MEDIA_BYTES } from './limits.ts'
import { numberOf, readMessage, type Media, type TextMessage } from './message.ts'

function messageOf(raw: StoredRaw): TextMessage | undefined {
  return readMessage(parametersOf(raw.bytes, raw.mediaType))
}

/**
 * The message's pictures and other files. Twilio stores them and requires our account's name and
 * token.
 */
export function remoteFiles(raw: StoredRaw, settings: Settings): RemoteFile[] {
  const message = messageOf(raw)
  return (
    message?.media.map((media, index) => {
      const name = nameOf(media, index)
      if (!media.path || !message.account)
        return { url: 'about:blank', name, hosts: [], maxBytes: MAX_MEDIA_BYTES }
      return accountFile(settings, message.account, media.path, name, MAX_MEDIA_BYTES)
    }) ?? []
  )
}

const endings: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/heic': 'heic',
  'application/pdf': 'pdf',
  'text/vcard': 'vcf',
  'text/x-vcard': 'vcf',
  'audio/amr': 'amr',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/mp4': 'm4a',
  'video/mp4': 'mp4',
  'video/3gpp': '3gp'
}

function nameOf({ mediaType }: Pick<Media, 'mediaType'>, index: number): string {
  const [kind = 'file'] = mediaType.split('/', 1)
  const noun = kind === 'image' ? 'picture' : kind === 'audio' || kind === 'video' ? kind : 'file'
  const ending = endings[mediaType]
  return `${noun}-${index + 1}${ending ? `.${ending}` : ''}`
}

/**
 * A stored text as an envelope. Twilio has already joined its parts. @throws EvenhandError
 * READ_UNPARSEABLE
 */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const message = messageOf(raw)
  if (!message) throw new EvenhandError('READ_UNPARSEABLE', "it is no text message of Twilio's")
  const keyword = message.media.length === 0 ? keywordOf(message.text) : undefined
  const reaction = keyword || message.media.length > 0 ? undefined : reactionOf(message.text)
  const files = raw.fetched ?? []
  const number = numberOf(message.from)
  return [
    {
      envelope: {
        channel: 'sms',
        sender: { emails: [], phones: number ? [number] : [], addresses: [] },
        recipients: [message.to, ...message.others]
          .filter(Boolean)
          .map((address) => numberOf(address) ?? address),
        text: message.text,
        language: await languageOf(message.text),
        documents: files.map((file, index) => describe(file, index)),
        ...(message.place ? { place: message.place } : {}),
        evidence: {
          ...raw.evidence,
          from: message.from,
          to: message.to,
          segments: message.segments,
          media: message.media.length,
          ...(message.others.length > 0 ? { otherRecipients: message.others } : {}),
          ...(keyword ? { keyword, answeredByProvider: message.answeredByProvider } : {}),
          ...(reaction ? { reaction } : {}),
          ...missingNote(files)
        }
      },
      contents: files.map((file) => ('bytes' in file ? file.bytes : new Uint8Array())),
      kind: keyword || reaction ? 'auto-reply' : 'message',
      tokens: [],
      reason: reasonOf(keyword, reaction, message),
      ...(message.media.length === 0 && isBlank(message.text)
        ? { unsure: 'There is nothing to see in the text: no words, no picture.' }
        : {})
    }
  ]
}

function describe(file: FetchedFile, index: number): EnvelopeDocument {
  return 'missing' in file
    ? missingDocument(file)
    : fileDocument({ ...file, name: nameOf(file, index) })
}

function missingNote(files: readonly FetchedFile[]): { missingFiles?: number } {
  const missing = files.filter((file) => 'missing' in file).length
  return missing > 0 ? { missingFiles: missing } : {}
}

function reasonOf(
  keyword: Keyword | undefined,
  reaction: Reaction | undefined,
  { segments, media }: TextMessage
): string {
  if (keyword === 'stop')
    return 'it says only that we are not to text this number: our texts to it end, what it sends is taken in as before'
  if (keyword === 'start') return 'it says only that we may text this number again'
  if (keyword === 'help') return 'it asks only what this number is; it is answered with that'
  if (reaction) return 'it is a reaction to a message, as telephones write it, and nothing else'
  const parts = segments > 1 ? `a text in ${segments} parts that the provider joined` : 'a text'
  return media.length > 0 ? `${parts}, with ${media.length} files` : parts
}
