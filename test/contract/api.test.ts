import { api } from '../../channels/api/index.ts'
import { MAX_FILE_BYTES } from '../../channels/api/limits.ts'
import { addKey } from '../../core/access/api-keys.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { channelContract } from './channel-contract.ts'
import { openHttpDoor, type HttpDelivery } from './http-door.ts'
import { person, type Door } from './types.ts'

channelContract<HttpDelivery>({
  channel: api,
  door: 'POST /v1/contacts',
  features: {
    ids: true,
    idMayBeMissing:
      'because a system that gives no id has to send an Idempotency-Key, or a retry would count twice',
    signatures:
      'because the caller shows a key, and one that is none is told so before anything is read',
    words: true,
    line: true,
    empty: 'refused because the calling system is told which field is missing',
    overCap: 'refused because the calling system is told the bound',
    sameIdOtherBytes: 'a contact of its own'
  },
  open
})

async function open(runtime: OpenRuntime): Promise<Door<HttpDelivery>> {
  const { secret } = await addKey(
    runtime.db,
    { name: 'Chat', scopes: ['contacts:write'] },
    'cli:test'
  )
  const { post, close } = await openHttpDoor(runtime, api)
  const json = (body: unknown): HttpDelivery =>
    sent(Buffer.from(JSON.stringify(body)), 'application/json')
  const sent = (body: Uint8Array, type: string): HttpDelivery => ({
    path: '/v1/contacts',
    headers: { authorization: `Bearer ${secret}`, 'content-type': type },
    body
  })
  const sender = {
    name: person.name,
    emails: [person.email],
    phones: [person.phone],
    addresses: [person.street]
  }
  return {
    async deliver(delivery) {
      const { answer, response } = await post(delivery)
      return answer.verdict === 'accepted'
        ? { ...answer, receipt: ((await response.json()) as { receipt: string }).receipt }
        : answer
    },
    honest: ({ id, text }) => json({ id, text, sender, recipients: ['parks@willowcreek.example'] }),
    empty: () => sent(new Uint8Array(), 'application/json'),
    sized: (over) =>
      sent(
        withFile(Buffer.alloc(MAX_FILE_BYTES + over, 'x')),
        'multipart/form-data; boundary=frontier'
      ),
    holding: (bytes) => sent(bytes, 'application/json'),
    claiming: ({ id, text }) =>
      json({
        id,
        text,
        sender,
        claims: {
          arrivedAt: '1990-01-01T00:00:00Z',
          ordinal: 1,
          rank: 'highest',
          verified: true,
          quarantine: 'no'
        }
      }),
    secrets: [secret],
    close
  }
}

function withFile(file: Uint8Array): Uint8Array {
  const contact = JSON.stringify({ id: 'as-large-as-may-be', text: 'see the file' })
  return Buffer.concat([
    Buffer.from(
      `--frontier\r\nContent-Disposition: form-data; name="contact"\r\nContent-Type: application/json\r\n\r\n${contact}\r\n`
    ),
    Buffer.from(
      '--frontier\r\nContent-Disposition: form-data; name="file"; filename="photo.txt"\r\nContent-Type: text/plain\r\n\r\n'
    ),
    file,
    Buffer.from('\r\n--frontier--\r\n')
  ])
}
