import { MAX_FILE_BYTES } from '../../channels/web/limits.ts'
import { web } from '../../channels/web/index.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { channelContract } from './channel-contract.ts'
import { openHttpDoor, type HttpDelivery } from './http-door.ts'
import { person, type Door } from './types.ts'

channelContract<HttpDelivery>({
  channel: web,
  door: 'the form',
  features: {
    ids: "because the id of a sending is the page's token together with what was typed",
    idMayBeMissing: 'because our own page always sends its token',
    signatures:
      'because a page that is not ours or too old is shown again with what was typed, to a person who can press Send',
    words: true,
    line: true,
    empty: 'refused because the browser shows the person what is missing',
    overCap: 'refused because the browser shows the person which file is too large',
    sameIdOtherBytes: 'a contact of its own'
  },
  open
})

async function open(runtime: OpenRuntime): Promise<Door<HttpDelivery>> {
  const { url, post, close } = await openHttpDoor(runtime, web)
  // Of several browsers, as one may send only so often in a minute.
  const pages = await Promise.all(Array.from({ length: 8 }, () => page(url)))
  const { cookie, hidden } = pages[0]!
  let sent = 0
  const filled = (fields: Record<string, string>, file?: Uint8Array) =>
    filledBy(pages[sent++ % pages.length]!, fields, file)
  const filledBy = ({ hidden, cookie }: Page, fields: Record<string, string>, file?: Uint8Array) =>
    filledIn(
      {
        ...hidden,
        topic: 'parks',
        name: person.name,
        phone: person.phone,
        email: person.email,
        ...fields
      },
      cookie,
      file
    )
  return {
    async deliver(delivery) {
      const { answer, response } = await post(delivery)
      return answer.verdict === 'accepted'
        ? {
            ...answer,
            receipt: /^\/r\/([0-9A-Z-]{20})/.exec(response.headers.get('location') ?? '')?.[1]
          }
        : answer
    },
    honest: ({ text }) => filled({ message: text }),
    empty: () => ({
      path: '/',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: new Uint8Array()
    }),
    sized: (over) =>
      filled({ message: 'as large as may be' }, Buffer.alloc(MAX_FILE_BYTES + over, 'x')),
    holding: (bytes) => ({
      path: '/',
      headers: { cookie, 'content-type': 'multipart/form-data; boundary=----x' },
      body: bytes
    }),
    claiming: ({ text }) =>
      filled({
        message: text,
        arrivedAt: '1990-01-01T00:00:00Z',
        ordinal: '1',
        priority: 'highest',
        verified: 'true',
        date: '1990-01-01'
      }),
    secrets: [cookie.split('=')[1]!, hidden['_token']!],
    close
  }
}

/** The form's hidden fields, and the cookie they belong to. */
interface Page {
  readonly hidden: Record<string, string>
  readonly cookie: string
}

async function page(url: string): Promise<Page> {
  const response = await fetch(url)
  const cookie = response.headers.getSetCookie()[0]!.split(';', 1)[0]!
  const inputs = [
    ...(await response.text()).matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)
  ]
  return { cookie, hidden: Object.fromEntries(inputs.map(([, name, value]) => [name!, value!])) }
}

/**
 * As a browser encodes it, multipart/form-data; by hand, so that the bytes are the same each time.
 */
function filledIn(fields: Record<string, string>, cookie: string, file?: Uint8Array): HttpDelivery {
  const parts = Object.entries(fields).flatMap(([name, value]) => [
    `--frontier\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  ])
  const attached = file
    ? [
        '--frontier\r\nContent-Disposition: form-data; name="attachments"; filename="photo.txt"\r\nContent-Type: text/plain\r\n\r\n',
        file,
        '\r\n'
      ]
    : []
  const body = Buffer.concat(
    [...parts, ...attached, '--frontier--\r\n'].map((part) => Buffer.from(part as string))
  )
  return {
    path: '/',
    headers: { cookie, 'content-type': 'multipart/form-data; boundary=frontier' },
    body
  }
}
