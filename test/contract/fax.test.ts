import { afterAll } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { fax } from '../../channels/fax/index.ts'
import { MAX_CALLBACK_BYTES, MAX_EVENT_BYTES, MAX_FAX_BYTES } from '../../channels/fax/limits.ts'
import { spoolFolder, spoolWatch } from '../../channels/fax/spool.ts'
import { intakeFor } from '../../channels/register.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { faxPdf, phaxioFields, phaxioPost, telnyxAccount } from '../channels/fax/support.ts'
import { openFileHost } from '../helpers/file-host.ts'
import { channelContract } from './channel-contract.ts'
import { openHttpDoor, type HttpDelivery } from './http-door.ts'
import { person, type Answer, type Door, type Features, type Message } from './types.ts'

const paper: Pick<Features, 'words'> = {
  words: 'because a fax is a picture of paper, and its words are read from the pages'
}
const claims = {
  receivedAt: '1990-01-01T00:00:00Z',
  arrivedAt: '1990-01-01T00:00:00Z',
  ordinal: 1,
  priority: 'highest',
  verified: true
}

interface Spooled {
  readonly name: string
  readonly bytes: Uint8Array
  readonly sidecar?: string
}

channelContract<Spooled>({
  channel: fax,
  door: 'the spool folder',
  features: {
    ...paper,
    ids: true,
    line: true,
    empty: 'accepted',
    idMayBeMissing: 'because every file has a name',
    signatures: "because the folder's own rights say who may write there",
    overCap:
      'refused because it is no fax; it is kept in "too-large" and the administrator is told',
    sameIdOtherBytes: 'a contact of its own'
  },
  async open(runtime): Promise<Door<Spooled>> {
    const folder = spoolFolder(runtime.settings.DATA_DIR)
    await fs.mkdir(folder, { recursive: true })
    const sidecar = (more: object = {}) =>
      JSON.stringify({
        device: 'ttyS0',
        callerNumber: person.phone,
        callerName: person.name,
        ...more
      })
    const named = async ({ id, text }: Message, more?: object) => ({
      name: `ttyS0_${id}.pdf`,
      bytes: await faxPdf(text),
      sidecar: sidecar(more)
    })
    return {
      deliver: (spooled) => put(runtime, folder, spooled),
      honest: (message) => named(message),
      empty: () => ({ name: `${randomUUID()}.tif`, bytes: Buffer.alloc(0) }),
      sized: (over) => ({ name: `sized-${over}.tif`, bytes: Buffer.alloc(MAX_FAX_BYTES + over) }),
      holding: (bytes) => ({
        name: `${randomUUID()}.tif`,
        bytes,
        sidecar: Buffer.from(bytes).toString('latin1')
      }),
      claiming: (message) => named(message, claims),
      secrets: []
    }
  }
})

/** As a fax server does it, then looked through by one more process than there were before. */
async function put(
  runtime: OpenRuntime,
  folder: string,
  { name, bytes, sidecar }: Spooled
): Promise<Answer> {
  const into = async (file: string, content: Uint8Array | string) => {
    const part = path.join(folder, `.${randomUUID()}`)
    await fs.writeFile(part, content)
    await fs.rename(part, path.join(folder, file))
  }
  if (sidecar !== undefined) await into(`${path.parse(name).name}.json`, sidecar)
  await into(name, bytes)
  const watch = spoolWatch(
    intakeFor(runtime, 'fax', {
      route: () => undefined,
      endpoint: () => undefined,
      service: () => undefined
    }),
    { stillMs: 0, patienceMs: 0 }
  )
  const lies = (below: string) =>
    fs.stat(path.join(folder, below)).then(
      () => true,
      () => false
    )
  for (let look = 0; look < 20 && (await lies(name)); look++) await watch.look()
  if (await lies(name)) return { verdict: 'later' }
  return { verdict: (await lies(`too-large/${name}`)) ? 'refused' : 'accepted' }
}

const telnyx = telnyxAccount()
const store = await openFileHost()
afterAll(() => store.close())

channelContract<HttpDelivery>({
  channel: fax,
  door: 'Telnyx',
  features: {
    ...paper,
    ids: true,
    signatures: true,
    line: true,
    empty: 'accepted',
    sameIdOtherBytes: 'first receipt',
    idMayBeMissing:
      'because an event without a fax id is none of theirs, and is known by its bytes',
    overCap: 'refused because an event has 2 KB and none has ever had 64'
  },
  environment: { TELNYX_PUBLIC_KEY: telnyx.publicKey, TELNYX_MEDIA_HOSTS: store.host },
  async open(runtime): Promise<Door<HttpDelivery>> {
    const event = async ({ id, text }: Message, more: object = {}) => {
      store.tell(`/${id}.pdf`, {
        body: await faxPdf(text),
        headers: { 'content-type': 'application/pdf' }
      })
      return telnyx.received({
        fax_id: id,
        from: person.phone,
        media_url: `${store.url}/${id}.pdf`,
        ...more
      })
    }
    return {
      ...(await hookDoor(runtime)),
      honest: async (message) => telnyx.post(await event(message)),
      empty: () => telnyx.post(''),
      forged: async (message) => {
        const one = await event(message)
        return [telnyx.post(one, { signature: 'wrong' }), telnyx.post(one, { signature: 'none' })]
      },
      sized: (over) =>
        telnyx.post(
          JSON.stringify(telnyx.received({ fax_id: 'sized' })).padEnd(MAX_EVENT_BYTES + over)
        ),
      holding: (bytes) => telnyx.post(bytes),
      claiming: async (message) =>
        telnyx.post(await event(message, claims), { timestamp: '631152000' }),
      secrets: [telnyx.publicKey]
    }
  }
})

const token = `phaxio-${randomUUID()}`

channelContract<HttpDelivery>({
  channel: fax,
  door: 'Phaxio',
  features: {
    ...paper,
    ids: true,
    signatures: true,
    line: true,
    empty: 'accepted',
    sameIdOtherBytes: 'first receipt',
    idMayBeMissing:
      'because a callback without a fax id is none of theirs, and is known by its bytes',
    overCap:
      'refused because all of it is held in memory; a fax of over 500 pages stays with them, and is tried again for three days'
  },
  environment: { PHAXIO_CALLBACK_TOKEN: token },
  async open(runtime): Promise<Door<HttpDelivery>> {
    const fields = ({ id }: Pick<Message, 'id'>, more: object = {}) =>
      phaxioFields({ id, from_number: person.phone, caller_name: person.name, ...more })
    return {
      ...(await hookDoor(runtime)),
      honest: async (message) => phaxioPost(token, fields(message), await faxPdf(message.text)),
      empty: () => phaxioPost(token, {}, undefined, { body: new Uint8Array() }),
      forged: async (message) => {
        const file = await faxPdf(message.text)
        return [
          phaxioPost(token, fields(message), file, { signature: '00'.repeat(20) }),
          phaxioPost(token, fields(message), file, { signature: 'none' })
        ]
      },
      sized: async (over) => {
        const post = phaxioPost(token, fields({ id: 'sized' }), await faxPdf('as large as may be'))
        // After the last boundary anything may stand (RFC 2046 section 5.1.1).
        return {
          ...post,
          body: Buffer.concat([
            post.body,
            Buffer.alloc(MAX_CALLBACK_BYTES + over - post.body.length)
          ])
        }
      },
      holding: (bytes) => phaxioPost(token, fields({ id: randomUUID() }), bytes),
      claiming: async (message) =>
        phaxioPost(
          token,
          fields(message, { ...claims, completed_at: '1990-01-01T00:00:00Z', status: 'success' }),
          await faxPdf(message.text)
        ),
      secrets: [token]
    }
  }
})

async function hookDoor(
  runtime: OpenRuntime
): Promise<Pick<Door<HttpDelivery>, 'deliver' | 'close'>> {
  const { post, close } = await openHttpDoor(runtime, fax)
  return {
    close,
    async deliver(delivery) {
      const { answer, response } = await post(delivery)
      return answer.verdict === 'accepted' ? { ...answer, receipt: await response.text() } : answer
    }
  }
}
