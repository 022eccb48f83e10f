import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RemoteFile } from '../../../core/intake/channel.ts'
import { lookupPublic } from '../../../platform/http-client/public-addresses.ts'
import { download } from '../../../platform/http-client/download.ts'
import { openFileHost, type FileHost } from '../../helpers/file-host.ts'

let host: FileHost
let other: FileHost
beforeAll(async () => {
  ;[host, other] = await Promise.all([openFileHost(), openFileHost()])
})
afterAll(() => Promise.all([host.close(), other.close()]))

function file(path: string, more: Partial<RemoteFile> = {}): RemoteFile {
  return {
    url: host.url + path,
    name: 'photo',
    hosts: [host.host],
    maxBytes: 10,
    headers: { authorization: 'Basic c2VjcmV0' },
    ...more
  }
}

const refusal = (one: RemoteFile) =>
  download(one, { idleMs: 300, totalMs: 900 }).then(
    () => undefined,
    (error: { code?: string; message: string }) => error
  )

test('a file is fetched with its type, and the credentials that were given for it', async () => {
  host.tell('/photo', { headers: { 'content-type': 'Image/JPEG; charset=binary' }, body: 'pixels' })
  expect(await download(file('/photo'))).toEqual({
    mediaType: 'image/jpeg',
    bytes: Buffer.from('pixels')
  })
  expect(host.asked.at(-1)).toEqual({ path: '/photo', authorization: 'Basic c2VjcmV0' })
})

test('at its bound it is taken, one byte more is refused, whatever a header says of the length', async () => {
  host.tell('/ten', { body: '0123456789' })
  host.tell('/eleven', { body: '0123456789a', headers: { 'transfer-encoding': 'chunked' } })
  expect((await download(file('/ten'))).bytes.length).toBe(10)
  expect(await refusal(file('/eleven'))).toMatchObject({ code: 'FETCH_LIMIT' })
})

test.each([
  ['not there yet', { status: 404 }, 'FETCH_FAILED'],
  ['gone', { status: 410 }, 'FETCH_GONE'],
  ['the provider is down', { status: 503 }, 'FETCH_DOWN'],
  [
    'cut off',
    { body: '0123456789', headers: { 'content-length': '10' }, breakAfter: 4 },
    'FETCH_DOWN'
  ],
  ['our credentials are refused', { status: 401 }, 'FETCH_DOWN'],
  ['never', { status: 400 }, 'FETCH_FAILED'],
  ['silent', { silent: true }, 'FETCH_DOWN'],
  ['compressed', { headers: { 'content-encoding': 'gzip' } }, 'FETCH_FAILED']
])('%s: a code of the catalogue, without the address', async (name, answer, code) => {
  host.tell(`/${name.replaceAll(' ', '-')}`, answer)
  const error = await refusal(file(`/${name.replaceAll(' ', '-')}`))
  expect(error).toMatchObject({ code })
  expect(error!.message).not.toMatch(/127\.0\.0\.1|secret|c2VjcmV0/)
})

test('a type that is none is unknown bytes', async () => {
  host.tell('/odd', { headers: { 'content-type': 'picture' }, body: 'x' })
  expect((await download(file('/odd'))).mediaType).toBe('application/octet-stream')
})

describe('a redirect', () => {
  test('to a host of the provider is followed, and the credentials stay behind', async () => {
    host.tell('/moved', { status: 307, headers: { location: `${other.url}/there` } })
    other.tell('/there', { body: 'pixels' })
    expect(
      (await download(file('/moved', { hosts: [host.host, other.host] }))).bytes.toString()
    ).toBe('pixels')
    expect(other.asked.at(-1)).toEqual({ path: '/there', authorization: undefined })
  })

  test('to any other host is not, nor to another port of the same', async () => {
    const before = other.asked.length
    host.tell('/away', { status: 302, headers: { location: `${other.url}/there` } })
    expect(await refusal(file('/away'))).toMatchObject({ code: 'FETCH_REFUSED' })
    expect(other.asked).toHaveLength(before)
  })

  test('round and round ends', async () => {
    host.tell('/round', { status: 302, headers: { location: '/round' } })
    expect(await refusal(file('/round'))).toMatchObject({ code: 'FETCH_FAILED' })
  })
})

test.each([
  ['another host', 'https://elsewhere.example/x', ['api.twilio.com']],
  ['a host that ends alike', 'https://evil-api.twilio.com/x', ['api.twilio.com']],
  ['a name before it', 'https://api.twilio.com.evil.example/x', ['api.twilio.com']],
  ['no https', 'http://api.twilio.com/x', ['api.twilio.com']],
  ['another port', 'https://api.twilio.com:8443/x', ['api.twilio.com']],
  ['a password', 'https://a:b@api.twilio.com/x', ['api.twilio.com']],
  ['an inside address', 'https://169.254.169.254/x', ['169.254.169.254']],
  ['a file', 'file:///etc/passwd', ['']],
  ['nothing', 'nothing', ['']],
  ['a loopback host nobody named', 'http://localhost:1/x', ['api.twilio.com']]
])('is not fetched: %s', async (_name, url, hosts) => {
  expect(await refusal(file('', { url, hosts }))).toMatchObject({ code: 'FETCH_REFUSED' })
})

test('a name that leads into our own network resolves to nothing', async () => {
  const error = await new Promise((resolve) => {
    lookupPublic('localhost', { all: true }, resolve)
  })
  expect(error).toMatchObject({ code: 'ENOTPUBLIC' })
})
