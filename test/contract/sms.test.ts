import { MAX_BODY_BYTES } from '../../channels/sms/limits.ts'
import { sms } from '../../channels/sms/index.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { incomingText, newSid, signedWebhook, TOKEN, type Webhook } from '../helpers/twilio.ts'
import { channelContract } from './channel-contract.ts'
import { openHttpDoor } from './http-door.ts'
import { person, type Door, type Message } from './types.ts'

const PUBLIC_URL = 'http://town.example'
const PATH = '/hooks/sms/twilio'

channelContract<Webhook>({
  channel: sms,
  door: 'Twilio',
  features: {
    ids: true,
    idMayBeMissing: true,
    signatures: true,
    words: true,
    line: true,
    empty: 'accepted',
    overCap: "refused because three times what Twilio can send is no text of Twilio's",
    sameIdOtherBytes: 'first receipt'
  },
  environment: { TWILIO_AUTH_TOKEN: TOKEN },
  open
})

async function open(runtime: OpenRuntime): Promise<Door<Webhook>> {
  const { post, close } = await openHttpDoor(runtime, sms)
  const ids = new Map<string, string>()
  const sidOf = (id: string) => ids.get(id) ?? ids.set(id, newSid('SM')).get(id)!
  const text = ({ id, text: Body }: Message) =>
    incomingText({ MessageSid: sidOf(id), From: person.phone, Body })
  const signed = (parameters: Record<string, string>) => signedWebhook(PUBLIC_URL, PATH, parameters)
  return {
    deliver: async (delivery) => (await post(delivery)).answer,
    honest: (message) => signed(text(message)),
    empty: () => signed({}),
    withoutId(message) {
      const { MessageSid: _, SmsSid: __, SmsMessageSid: ___, ...parameters } = text(message)
      return signed(parameters)
    },
    forged(message) {
      const honest = signed(text(message))
      const { 'x-twilio-signature': signature, ...bare } = honest.headers
      return [
        {
          ...honest,
          headers: { ...bare, 'x-twilio-signature': Buffer.alloc(20, 1).toString('base64') }
        },
        { ...honest, headers: bare },
        { ...honest, headers: { ...bare, 'x-twilio-signature': '' } },
        signedWebhook(PUBLIC_URL, PATH, text(message), 'f'.repeat(32)),
        signedWebhook('http://elsewhere.example', PATH, text(message)),
        {
          ...honest,
          headers: { ...bare, 'x-twilio-signature': signature! },
          body: Buffer.concat([honest.body, Buffer.from('&Extra=1')])
        }
      ]
    },
    sized: (over) => padded(over),
    holding: (bytes) => ({ path: PATH, headers: signed({}).headers, body: Buffer.from(bytes) }),
    claiming: (message) =>
      signed({
        ...text(message),
        DateCreated: 'Mon, 01 Jan 1990 00:00:00 +0000',
        Priority: 'highest',
        Ordinal: '1',
        Verified: 'true'
      }),
    secrets: [TOKEN],
    close
  }

  function padded(over: number): Webhook {
    const body = (length: number) =>
      signed({
        ...text({ id: `sized-${over}`, text: 'as large as may be' }),
        Padding: 'x'.repeat(length)
      })
    return body(MAX_BODY_BYTES + over - body(0).body.length)
  }
}
