import { MAX_BODY_BYTES } from '../../channels/phone/limits.ts'
import { phone } from '../../channels/phone/index.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { callParameters, newSid, signedWebhook, TOKEN, type Webhook } from '../helpers/twilio.ts'
import { channelContract } from './channel-contract.ts'
import { openHttpDoor } from './http-door.ts'
import { person, type Door, type Message } from './types.ts'

const PUBLIC_URL = 'http://town.example'
const PATH = '/hooks/phone/twilio/recorded?l=en&k=1'

channelContract<Webhook>({
  channel: phone,
  door: 'Twilio',
  features: {
    ids: true,
    idMayBeMissing: true,
    signatures: true,
    words: 'because what a caller says comes as sound',
    line: 'because without the recording, which this door does not bring, a person has to look',
    empty: 'accepted',
    overCap: "refused because twenty times what Twilio sends of a call is no call of Twilio's",
    sameIdOtherBytes: 'first receipt'
  },
  environment: { TWILIO_AUTH_TOKEN: TOKEN, TWILIO_API_URL: 'http://127.0.0.1:9' },
  open
})

async function open(runtime: OpenRuntime): Promise<Door<Webhook>> {
  const { post, close } = await openHttpDoor(runtime, phone)
  const ids = new Map<string, { call: string; recording: string }>()
  const idsOf = (id: string) =>
    ids.get(id) ?? ids.set(id, { call: newSid('CA'), recording: newSid('RE') }).get(id)!
  // A message of no account has no recording to be had, so that no test waits for one.
  const left = ({ id, text }: Message): Record<string, string> => {
    const { AccountSid: _, ...parameters } = callParameters({
      CallSid: idsOf(id).call,
      From: person.phone,
      CallerName: person.name
    })
    return {
      ...parameters,
      RecordingSid: idsOf(id).recording,
      RecordingDuration: '37',
      Digits: '#',
      Note: text
    }
  }
  const signed = (parameters: Record<string, string>) => signedWebhook(PUBLIC_URL, PATH, parameters)
  return {
    deliver: async (delivery) => (await post(delivery)).answer,
    honest: (message) => signed(left(message)),
    empty: () => signed({}),
    withoutId(message) {
      const { CallSid: _, RecordingSid: __, ...parameters } = left(message)
      return signed(parameters)
    },
    forged(message) {
      const honest = signed(left(message))
      const { 'x-twilio-signature': _, ...bare } = honest.headers
      return [
        {
          ...honest,
          headers: { ...bare, 'x-twilio-signature': Buffer.alloc(20, 1).toString('base64') }
        },
        { ...honest, headers: bare },
        signedWebhook(PUBLIC_URL, PATH, left(message), 'f'.repeat(32)),
        { ...honest, path: PATH.replace('k=1', 'k=2') }
      ]
    },
    sized(over) {
      const body = (length: number) =>
        signed({ ...left({ id: `sized-${over}`, text: '' }), Padding: 'x'.repeat(length) })
      return body(MAX_BODY_BYTES + over - body(0).body.length)
    },
    holding: (bytes) => ({ path: PATH, headers: signed({}).headers, body: Buffer.from(bytes) }),
    claiming: (message) =>
      signed({
        ...left(message),
        Timestamp: 'Mon, 01 Jan 1990 00:00:00 +0000',
        Priority: 'highest',
        Ordinal: '1',
        CallerVerified: 'true',
        StirVerstat: 'TN-Validation-Passed-A'
      }),
    secrets: [TOKEN],
    close
  }
}
