import type { Channel } from '../../core/channel.ts'
import { acknowledge } from './acknowledge.ts'
import { fromFile } from './from-file.ts'
import { smtpService } from './smtp-service.ts'
import { translate } from './translate.ts'

/** Mail that arrives by SMTP, or as a saved file. */
export const email: Channel = {
  kind: 'email',
  start: (collect) => collect.service(smtpService(collect)),
  translate,
  fromFile,
  acknowledge
}
