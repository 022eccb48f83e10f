import type { Channel } from '../../core/intake/channel.ts'
import { acknowledge } from './acknowledge.ts'
import { senderChecks } from './authentication/authenticator.ts'
import { fromFile } from './from-file.ts'
import { mailboxService } from './mailbox-service.ts'
import { smtpService } from './smtp-service.ts'
import { translate } from './translate.ts'
import { mailHooks } from './webhooks/routes.ts'
import { isPosted, remoteMail, translatePosted } from './webhooks/translate.ts'

/** Mail by SMTP, pulled from mailboxes, pushed by mail services, or as a saved file. */
export const email: Channel<'mailboxRecords' | 'mailReported' | 'tokenIsFor'> = {
  kind: 'email',
  needs: ['mailboxRecords', 'mailReported', 'tokenIsFor'],
  start(intake) {
    for (const route of mailHooks(intake)) intake.route(route)
    intake.service(smtpService(intake))
    intake.service(mailboxService(intake))
  },
  remoteFiles: remoteMail,
  senderChecks,
  translate: (raw) => (isPosted(raw) ? translatePosted(raw) : translate(raw)),
  fromFile,
  acknowledge
}
