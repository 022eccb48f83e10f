import { missedService } from '../../core/twilio/missed.ts'
import type { Channel } from '../../core/channel.ts'
import { acknowledge } from './acknowledge.ts'
import { fromFile } from './from-file.ts'
import { MAX_BODY_BYTES, PER_MINUTE } from './limits.ts'
import { findMissedTexts } from './missed.ts'
import { receive } from './receive.ts'
import { delivered } from './status.ts'
import { remoteFiles, translate } from './translate.ts'

/** Text messages, with pictures or without, by Twilio. */
export const sms: Channel = {
  kind: 'sms',
  start(collect) {
    collect.route({ method: 'post', path: '/hooks/sms/twilio', maxBodyBytes: MAX_BODY_BYTES, perMinute: PER_MINUTE, handle: (request) => receive(collect, request) })
    collect.route({ method: 'post', path: '/hooks/sms/twilio/status', maxBodyBytes: MAX_BODY_BYTES, perMinute: PER_MINUTE, handle: (request) => delivered(collect, request) })
    collect.service(missedService(collect, 'missed-texts', (look) => findMissedTexts(collect, look)))
  },
  remoteFiles,
  translate,
  fromFile,
  acknowledge
}
