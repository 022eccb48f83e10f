import { missedService } from '../../core/twilio/missed.ts'
import type { Channel, ChannelResponse, ChannelRoute, Intake } from '../../core/channel.ts'
import { acknowledge } from './acknowledge.ts'
import { fromFile } from './from-file.ts'
import { menu, receiptKeys } from './keys.ts'
import { MAX_BODY_BYTES, PER_MINUTE } from './limits.ts'
import { findMissedCalls } from './missed.ts'
import { recorded, recordingReport, silent, speak, speechFor, step, type Step } from './receive.ts'
import { BASE } from './speech.ts'
import { transcription } from './transcription.ts'
import { remoteFiles, translate } from './translate.ts'

/** What Twilio asks at each step of a call, below its address. */
const steps: Readonly<Record<string, (at: Step) => ChannelResponse | Promise<ChannelResponse>>> = {
  '': (at) => speak(speechFor(at).greet()),
  '/menu': menu,
  '/recorded': recorded,
  '/silent': silent,
  '/recording': recordingReport,
  '/receipt': receiptKeys,
  '/transcription': transcription,
  // Of a call that left nothing there is nothing to keep.
  '/status': () => ({ status: 204 })
}

/** Telephone calls, by Twilio: a greeting, a menu, a recording, a receipt. */
export const phone: Channel = {
  kind: 'phone',
  start(collect) {
    for (const path of Object.keys(steps)) routesOf(collect, path).forEach((route) => collect.route(route))
    collect.service(missedService(collect, 'missed-calls', (look) => findMissedCalls(collect, look)))
  },
  remoteFiles,
  translate,
  fromFile,
  acknowledge
}

function routesOf(collect: Intake, path: string): ChannelRoute[] {
  const handle: ChannelRoute['handle'] = async (request) => steps[path]!(step(collect, request))
  const common = { path: BASE + path, perMinute: PER_MINUTE, handle }
  return [{ ...common, method: 'post', maxBodyBytes: MAX_BODY_BYTES }, { ...common, method: 'get', maxBodyBytes: 0 }]
}
