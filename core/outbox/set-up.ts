/** What is set up to send: without it, messages are written to files in DATA_DIR/outbox. */
import type { Settings } from '../../config/settings.ts'
import type { ReplyWay } from './reply-message.ts'

/** Whether mails are handed to a mail server. */
export function canMail({ MAIL_URL: url }: Pick<Settings, 'MAIL_URL'>): boolean {
  return url !== undefined
}

/** Whether texts are handed to a provider: an account and its token are named. */
export function canText({
  TWILIO_ACCOUNT_SID: account,
  TWILIO_AUTH_TOKEN: [token]
}: Pick<Settings, 'TWILIO_ACCOUNT_SID' | 'TWILIO_AUTH_TOKEN'>): boolean {
  return account !== undefined && token !== undefined
}

/** Whether a reply by this way reaches anybody; what a person brings needs nothing. */
export function isSetUp(settings: Settings, way: ReplyWay): boolean {
  if (way === 'mail') return canMail(settings)
  return way === 'text' ? canText(settings) : true
}
