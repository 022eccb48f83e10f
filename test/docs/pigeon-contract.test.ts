import { createHmac } from 'node:crypto'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { pigeonSms } from '../../docs/examples/pigeon-sms/index.ts'
import { channelContract } from '../contract/channel-contract.ts'
import { openHttpDoor, type HttpDelivery } from '../contract/http-door.ts'
import { person, type Door } from '../contract/types.ts'

channelContract<HttpDelivery>({
  channel: pigeonSms,
  door: 'Pigeon',
  features: {
    ids: true,
    idMayBeMissing:
      "because a signed message without an id is no message of Pigeon's and is known by its content anyway",
    signatures: true,
    words: true,
    line: true,
    empty: 'accepted',
    overCap: 'refused because ten joined parts are the most that the network carries',
    sameIdOtherBytes: 'first receipt'
  },
  thread: new URL('../fixtures/pigeon-thread.ts', import.meta.url),
  open
})

async function open(runtime: OpenRuntime): Promise<Door<HttpDelivery>> {
  const key = runtime.secret('pigeon')
  const { post, close } = await openHttpDoor(runtime, pigeonSms)
  const delivery = (
    body: string | Uint8Array,
    signature = createHmac('sha256', key).update(body).digest('hex')
  ): HttpDelivery => ({
    path: '/hooks/sms/pigeon',
    headers: { 'x-pigeon-signature': signature },
    body: Buffer.from(body)
  })
  const json = (message: object, more: object = {}) =>
    JSON.stringify({ from: person.phone, to: '+12025550199', ...message, ...more })
  return {
    async deliver(given) {
      const { answer, response } = await post(given)
      return answer.verdict === 'accepted' ? { ...answer, receipt: await response.text() } : answer
    },
    honest: (message) => delivery(json(message)),
    empty: () => delivery(''),
    forged: (message) => [delivery(json(message), '00'.repeat(32)), delivery(json(message), '')],
    sized: (over) => delivery(json({ id: 'sized', text: 'x' }).padEnd(16 * 1024 + over)),
    holding: (bytes) => delivery(bytes),
    claiming: (message) =>
      delivery(
        json(message, {
          date: '1990-01-01T00:00:00Z',
          arrivedAt: '1990-01-01T00:00:00Z',
          ordinal: 1,
          priority: 'highest',
          verified: true
        })
      ),
    secrets: [Buffer.from(key).toString('hex'), Buffer.from(key).toString('base64')],
    close
  }
}
