import { missedService } from '../../platform/providers/twilio/missed.ts'
import type { Channel } from '../../core/intake/channel.ts'
import { acknowledge } from './acknowledge.ts'
import { fromFile } from './from-file.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { findMissedTexts } from './missed.ts'
import { receive } from './receive.ts'
import { delivered } from './status.ts'
import { remoteFiles, translate } from './translate.ts'

/** Text messages through Twilio, with or without pictures. */
export const sms: Channel<'delivered'> = {
  kind: 'sms',
  needs: ['delivered'],
  start(intake) {
    intake.route({
      method: 'post',
      path: '/hooks/sms/twilio',
      maxBodyBytes: MAX_BODY_BYTES,
      handle: (request) => receive(intake, request)
    })
    intake.route({
      method: 'post',
      path: '/hooks/sms/twilio/status',
      maxBodyBytes: MAX_BODY_BYTES,
      handle: (request) => delivered(intake, request)
    })
    intake.service(missedService(intake, 'missed-texts', (look) => findMissedTexts(intake, look)))
  },
  remoteFiles,
  translate,
  fromFile,
  acknowledge
}
