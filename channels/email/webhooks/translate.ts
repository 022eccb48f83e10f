import type { Settings } from '../../../config/settings.ts'
import type { RemoteFile, StoredRaw, Translation } from '../../../core/intake/channel.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { languageOf } from '../../../platform/detect-language.ts'
import { storableText } from '../../../platform/text/storable.ts'
import { readable } from '../headers.ts'
import { headerLimits, readLimits } from '../limits.ts'
import { MSG_TYPE } from '../msg.ts'
import { senderOf } from '../sender.ts'
import { translate } from '../translate.ts'
import { envelopeOf, MAIL_TYPE } from './raw-contact.ts'
import type { MailService, PostedMail } from './service.ts'
import { serviceOf } from './services.ts'

/** Whether a contact is what a service posted, and not a mail as it came by SMTP. */
export function isPosted({ mediaType }: StoredRaw): boolean {
  return mediaType !== MAIL_TYPE && mediaType !== MSG_TYPE
}

/** The mail itself, if a service only gave notice of it. */
export function remoteMail(raw: StoredRaw, settings: Settings): readonly RemoteFile[] {
  return (isPosted(raw) && serviceOf(raw.source)?.remoteFiles?.(raw.bytes, settings)) || []
}

/**
 * The mail that is in a request, or was fetched for it. If there is none: what the service read in
 * it.
 * @throws EvenhandError READ_UNPARSEABLE if it is nothing of the service's; as `translate`
 */
export async function translatePosted(raw: StoredRaw): Promise<Translation[]> {
  const service = serviceOf(raw.source)
  const mail = (await service?.read(raw.bytes, raw.mediaType))?.mail
  if (!service || !mail)
    throw new EvenhandError('READ_UNPARSEABLE', "it is no mail of its service's")
  const [fetched] = raw.fetched ?? []
  const bytes = fetched && 'bytes' in fetched ? fetched.bytes : mail.raw
  const reason = fetched && 'missing' in fetched ? fetched.missing : undefined
  if (!bytes) return [await fromShown(raw, service, mail, reason)]
  const { recipients, mailFrom } = envelopeOf(mail, bytes)
  const evidence = { ...raw.evidence, ...(mailFrom === undefined ? {} : { mailFrom }) }
  return translate({ ...raw, bytes, mediaType: MAIL_TYPE, recipients, evidence })
}

async function fromShown(
  raw: StoredRaw,
  { missing }: MailService,
  { shown }: PostedMail,
  reason: string | undefined
): Promise<Translation> {
  const text = storableText(shown.text ?? '').slice(0, readLimits.textLength)
  const subject = readable(shown.subject ?? '', headerLimits.subjectLength)
  const { sender } = senderOf(new Map([['from', [shown.from ?? '']]]))
  const incomplete = reason === undefined ? missing : `${missing} ${reason}`
  return {
    envelope: {
      channel: 'email',
      sender,
      recipients: raw.recipients ?? [],
      ...(subject ? { subject } : {}),
      text,
      language: await languageOf(text || subject),
      documents: [],
      evidence: { ...raw.evidence, incomplete }
    },
    contents: [],
    kind: 'message',
    tokens: [],
    reason: 'a mail as its service read it',
    ...(text ? {} : { unsure: incomplete })
  }
}
