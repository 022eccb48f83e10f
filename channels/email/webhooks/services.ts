import { mailgun } from './mailgun.ts'
import { postal } from './postal.ts'
import { postmark } from './postmark.ts'
import { resend } from './resend.ts'
import { sendgrid } from './sendgrid.ts'
import type { MailService } from './service.ts'
import { ses } from './ses.ts'

/** Every service that can push mail to us. */
export const mailServices: readonly MailService[] = [
  postmark,
  sendgrid,
  mailgun,
  ses,
  resend,
  postal
]

export function serviceOf(id: string): MailService | undefined {
  return mailServices.find((service) => service.id === id)
}
