import { missedService } from '../../platform/providers/twilio/missed.ts'
import type { Channel, ChannelResponse, ChannelRoute } from '../../core/intake/channel.ts'
import type { PhoneIntake } from './intake.ts'
import { acknowledge } from './acknowledge.ts'
import { fromFile } from './from-file.ts'
import { menu, receiptKeys } from './keys.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { findMissedCalls } from './missed.ts'
import {
  recorded,
  recordingReport,
  silent,
  speak,
  speechFor,
  step,
  type CallStep
} from './receive.ts'
import { BASE } from './speech.ts'
import { transcription } from './transcription.ts'
import { remoteFiles, translate } from './translate.ts'

/** Handlers of Twilio's requests at each step of a call, by path. */
const steps: Readonly<
  Record<string, (at: CallStep) => ChannelResponse | Promise<ChannelResponse>>
> = {
  '': (at) => speak(speechFor(at).greet()),
  '/menu': menu,
  '/recorded': recorded,
  '/silent': silent,
  '/recording': recordingReport,
  '/receipt': receiptKeys,
  '/transcription': transcription,
  // A call that left no message is not stored.
  '/status': () => ({ status: 204 })
}

/** Telephone calls through Twilio: a greeting, a menu, a recording, a receipt. */
export const phone: Channel<'textReceipt' | 'transcribed'> = {
  kind: 'phone',
  needs: ['textReceipt', 'transcribed'],
  start(intake) {
    for (const path of Object.keys(steps))
      routesOf(intake, path).forEach((route) => intake.route(route))
    intake.service(missedService(intake, 'missed-calls', (look) => findMissedCalls(intake, look)))
  },
  remoteFiles,
  translate,
  fromFile,
  acknowledge
}

function routesOf(intake: PhoneIntake, path: string): ChannelRoute[] {
  const handle: ChannelRoute['handle'] = async (request) => steps[path]!(step(intake, request))
  const common = { path: BASE + path, handle }
  return [
    { ...common, method: 'post', maxBodyBytes: MAX_BODY_BYTES },
    { ...common, method: 'get', maxBodyBytes: 0 }
  ]
}
