/** What is being sent is bounded in bytes, in number and in time; what was held comes back. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import net from 'node:net'
import { Registry } from 'prom-client'
import express from 'express'
import { open311 } from '../../channels/open311/index.ts'
import { web } from '../../channels/web/index.ts'
import { registerChannels } from '../../channels/register.ts'
import { Bodies, type BodyLimits } from '../../web/bodies.ts'
import { listenWithin, stopListening } from '../../web/listen.ts'
import { openWeb } from '../../web/open-web.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { listen } from '../helpers/site.ts'
import { until } from '../helpers/until.ts'

const KiB = 1024
const few: BodyLimits = {
  bytes: 100 * KiB,
  bytesPerAddress: 60 * KiB,
  perAddress: 3,
  idleMs: 60_000
}

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime('postgres', {
    PUBLIC_URL: 'http://town.example',
    TRUST_PROXY: 'loopback'
  })
})
afterAll(() => runtime.remove())

interface Door {
  readonly bodies: Bodies
  readonly port: number
  close(): Promise<void>
}

async function openDoor(limits: BodyLimits): Promise<Door> {
  const bodies = new Bodies(limits)
  const { app } = openWeb(
    runtime,
    registerChannels(runtime, [web, open311]),
    new Registry(),
    bodies
  )
  const { url, close } = await listen(app)
  return { bodies, port: Number(new URL(url).port), close }
}

/** A request under way: a client that may be slow. */
class Slow {
  readonly #socket: net.Socket
  #heard = ''

  constructor(
    port: number,
    path: string,
    address: string,
    length: number,
    type = 'application/x-www-form-urlencoded'
  ) {
    this.#socket = net.connect(port, '127.0.0.1')
    this.#socket
      .setEncoding('latin1')
      .on('data', (text: string) => {
        this.#heard += text
      })
      .on('error', () => undefined)
    this.#socket.write(
      `POST ${path} HTTP/1.1\r\nHost: town.example\r\nX-Forwarded-For: ${address}\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`
    )
  }

  send(bytes: number): this {
    this.#socket.write(Buffer.alloc(bytes, 'a'))
    return this
  }

  /** The answer's status line and headers. */
  async answer(): Promise<string> {
    while (!this.#heard.includes('\r\n\r\n')) await once(this.#socket, 'data')
    return this.#heard.slice(0, this.#heard.indexOf('\r\n\r\n'))
  }

  async closed(): Promise<void> {
    if (!this.#socket.closed) await once(this.#socket, 'close')
  }

  leave(): void {
    this.#socket.destroy()
  }
}

describe('bodies under way', () => {
  let door: Door
  const clients: Slow[] = []
  beforeEach(async () => {
    door = await openDoor(few)
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.leave()
    await door.close()
  })
  const client = (address: string, length: number, path = '/', type?: string) => {
    const slow = new Slow(door.port, path, address, length, type)
    clients.push(slow)
    return slow
  }

  test('are bounded in bytes, for one address and in all; who is over hears when to come again, and the memory comes back', async () => {
    const one = client('192.0.2.1', 500 * KiB).send(50 * KiB)
    await until(() => door.bodies.held === 50 * KiB)
    expect(
      await client('192.0.2.1', 20 * KiB)
        .send(20 * KiB)
        .answer()
    ).toMatch(/^HTTP\/1\.1 503 [^]*\r\nRetry-After: 30/i)
    const other = client('192.0.2.2', 500 * KiB).send(40 * KiB)
    await until(() => door.bodies.held === 90 * KiB)
    expect(
      await client('192.0.2.3', 20 * KiB)
        .send(20 * KiB)
        .answer()
    ).toMatch(/^HTTP\/1\.1 503 [^]*\r\nRetry-After: 30/i)
    one.leave()
    other.leave()
    await until(() => door.bodies.held === 0)
    // A form without its token: read as a whole, and answered.
    expect(
      await client('192.0.2.3', 59 * KiB)
        .send(59 * KiB)
        .answer()
    ).toMatch(/^HTTP\/1\.1 4\d\d /)
    await until(() => door.bodies.held === 0)
  })

  test('just as many bytes as there is room for are taken, one more is not', async () => {
    expect(
      await client('192.0.2.1', 60 * KiB)
        .send(60 * KiB)
        .answer()
    ).toMatch(/^HTTP\/1\.1 4(?!29)\d\d /)
    expect(
      await client('192.0.2.1', 60 * KiB + 1)
        .send(60 * KiB + 1)
        .answer()
    ).toMatch(/^HTTP\/1\.1 503 /)
    await until(() => door.bodies.held === 0)
  })

  test('are bounded in number for an address, which a proxy of ours names; another address has its own', async () => {
    for (let n = 0; n < few.perAddress; n++) client('192.0.2.1', 100).send(1)
    await until(() => door.bodies.held === few.perAddress)
    expect(await client('192.0.2.1', 100).answer()).toMatch(
      /^HTTP\/1\.1 429 [^]*\r\nRetry-After: 60/i
    )
    // One IPv6 customer has a /64, and is one.
    for (let n = 0; n < few.perAddress; n++) client(`2001:db8::${n + 1}`, 100).send(1)
    await until(() => door.bodies.held === 2 * few.perAddress)
    expect(await client('2001:db8::ffff', 100).answer()).toMatch(/^HTTP\/1\.1 429 /)
    expect(await client('192.0.2.2', 3).send(3).answer()).toMatch(/^HTTP\/1\.1 4(?!29)\d\d /)
  })

  test("on every door: the desk's forms before anybody signs in, and Open311 in its own words", async () => {
    const held = client('192.0.2.1', 500 * KiB, '/desk/sign-in').send(60 * KiB)
    await until(() => door.bodies.held === 60 * KiB)
    expect(await client('192.0.2.1', 10, '/open311/v2/requests.json').send(10).answer()).toMatch(
      /^HTTP\/1\.1 503 [^]*\r\nRetry-After: 30[^]*application\/json/i
    )
    held.leave()
    await until(() => door.bodies.held === 0)
  })

  test('of more than a route takes are refused, whether the size was said or not', async () => {
    expect(await client('192.0.2.1', 2 * KiB * KiB, '/desk/sign-in').answer()).toMatch(
      /^HTTP\/1\.1 413 /
    )
    const told = client('192.0.2.2', 10, '/desk/sign-in').send(10)
    expect(await told.answer()).toMatch(/^HTTP\/1\.1 403 /)
  })
})

test('a sender that falls silent is told, and its connection closed', async () => {
  const door = await openDoor({ ...few, idleMs: 20 })
  const slow = new Slow(door.port, '/', '192.0.2.1', 100).send(1)
  expect(await slow.answer()).toMatch(/^HTTP\/1\.1 408 [^]*\r\nConnection: close/i)
  await slow.closed()
  await until(() => door.bodies.held === 0)
  await door.close()
})

test('a desk form of a hundred fields is read, one of more is refused before', async () => {
  const door = await openDoor(few)
  const post = (count: number) =>
    fetch(`http://127.0.0.1:${door.port}/desk/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Array.from({ length: count }, (_, n) => `f${n}=x`).join('&')
    })
  expect([(await post(100)).status, (await post(101)).status]).toEqual([403, 413])
  await door.close()
})

test('who listens for counts does not hold up the end', async () => {
  const app = express().get('/events', (_request, response) => {
    response.type('text/event-stream').write(':\n\n')
  })
  const server = listenWithin(app, 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const page = await fetch(`http://127.0.0.1:${port}/events`, {
    headers: { accept: 'text/event-stream' }
  })
  await stopListening(server)
  expect(await page.text()).toBe(':\n\n')
})

test('connections are bounded for an address, and not for a proxy of ours', async () => {
  for (const [trusted, expected] of [
    ['', 'HTTP/1.1 503 Service Unavailable'],
    ['loopback', 'HTTP/1.1 404 Not Found']
  ] as const) {
    const app = express().set('trust proxy', trusted === '' ? false : trusted)
    const server = listenWithin(app, 0, '127.0.0.1', {
      connections: 10,
      perAddress: 2,
      requestMs: 60_000
    })
    await once(server, 'listening')
    const { port } = server.address() as net.AddressInfo
    const idle = [net.connect(port, '127.0.0.1'), net.connect(port, '127.0.0.1')]
    await Promise.all(idle.map((socket) => once(socket, 'connect')))
    const third = net.connect(port, '127.0.0.1').setEncoding('latin1')
    third.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const [text] = (await once(third, 'data')) as [string]
    expect(text.split('\r\n', 1)[0]).toBe(expected)
    for (const socket of [...idle, third]) socket.destroy()
    server.close()
    await once(server, 'close')
  }
})
