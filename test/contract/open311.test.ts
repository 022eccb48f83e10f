import { open311 } from '../../channels/open311/index.ts'
import { formLimits, MAX_DESCRIPTION } from '../../channels/open311/limits.ts'
import { addKey } from '../../core/access/api-keys.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { channelContract } from './channel-contract.ts'
import { openHttpDoor, type HttpDelivery } from './http-door.ts'
import { person, type Door, type Message } from './types.ts'

channelContract<HttpDelivery>({
  channel: open311,
  door: 'GeoReport',
  features: {
    ids: true,
    idMayBeMissing:
      'because without an Idempotency-Key two neighbours may say the same of the same lamp: each post is a report of its own',
    signatures:
      'because the specification knows keys instead, and a wrong one is told to the program that sent it',
    words: true,
    line: true,
    empty: 'refused because the client is told what is missing before anything is stored',
    overCap: 'refused because the client is told the bound before anything is stored',
    sameIdOtherBytes: 'a contact of its own'
  },
  open
})

async function open(runtime: OpenRuntime): Promise<Door<HttpDelivery>> {
  const { post, close } = await openHttpDoor(runtime, open311)
  const { secret } = await addKey(
    runtime.db,
    { name: 'contract', scopes: ['contacts:write'] },
    'cli:test'
  )
  const sender = {
    api_key: secret,
    service_code: 'playground',
    lat: '30.27',
    long: '-97.74',
    address_string: person.street,
    first_name: 'Zebulon',
    last_name: 'Quixwood',
    email: person.email,
    phone: person.phone
  }
  const report = (fields: Record<string, string>, key?: string, file?: Uint8Array) =>
    posted({ ...sender, ...fields }, key, file)
  return {
    async deliver(delivery) {
      const { answer, response } = await post(delivery)
      const receipt = /<service_request_id>([0-9A-Z-]{20})</.exec(await response.text())?.[1]
      return answer.verdict === 'accepted' ? { ...answer, receipt } : answer
    },
    honest: (message) => report(wordsOf(message), message.id),
    empty: () => ({
      path: '/open311/v2/requests.xml',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new Uint8Array()
    }),
    sized: (over) =>
      report(
        { description: 'as large as may be' },
        undefined,
        Buffer.alloc(formLimits.fileBytes + over, 'x')
      ),
    holding: (bytes) => ({
      path: '/open311/v2/requests.xml',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: bytes
    }),
    claiming: ({ id, text }) =>
      report(
        {
          description: text,
          requested_datetime: '1990-01-01T00:00:00Z',
          arrivedAt: '1990-01-01T00:00:00Z',
          ordinal: '1',
          priority: 'highest',
          verified: 'true',
          status: 'closed',
          service_request_id: 'mine',
          account_id: 'mayor'
        },
        id
      ),
    secrets: [secret],
    close
  }
}

/** What does not fit into a description comes as an answer. */
function wordsOf({ text }: Message): Record<string, string> {
  return text.length <= MAX_DESCRIPTION ? { description: text } : { 'attribute[story]': text }
}

/** As a client encodes it; by hand, so that the bytes are the same each time. */
function posted(fields: Record<string, string>, key?: string, file?: Uint8Array): HttpDelivery {
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--frontier\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  )
  const attached = file
    ? [
        '--frontier\r\nContent-Disposition: form-data; name="media"; filename="photo.txt"\r\nContent-Type: text/plain\r\n\r\n',
        file,
        '\r\n'
      ]
    : []
  const body = Buffer.concat(
    [...parts, ...attached, '--frontier--\r\n'].map((part) => Buffer.from(part as string))
  )
  return {
    path: '/open311/v2/requests.xml',
    headers: {
      'content-type': 'multipart/form-data; boundary=frontier',
      ...(key ? { 'idempotency-key': key } : {})
    },
    body
  }
}
