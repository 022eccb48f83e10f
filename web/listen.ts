/** Listens for HTTP with bounds on connections, because each costs a socket whatever is sent. */
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Express } from 'express'
import { addressKey } from '../platform/limits/address-key.ts'

export interface ConnectionLimits {
  /** Connections at once. A browser has six. Beyond, new ones are closed. */
  readonly connections: number
  /**
   * Of these, the most from one address that is no proxy of ours: enough for a library of two
   * hundred.
   */
  readonly perAddress: number
  /**
   * Longest time for a request in ms, from first byte to last: 12 MB over a telephone line of 60
   * KB/s, or a tray of scans over an office line.
   */
  readonly requestMs: number
}

export const connectionLimits: ConnectionLimits = {
  connections: 4_000,
  perAddress: 1_000,
  requestMs: 5 * 60_000
}

const BUSY =
  'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/** Answers that go on until their page is left: counts of the desk, as server-sent events. */
const streams = new WeakMap<Server, Set<ServerResponse>>()

/**
 * Takes no more connections; resolves when the requests in hand are answered. Pages that listen for
 * counts are let go, and ask again of whoever serves them next.
 */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const stream of streams.get(server) ?? []) {
      const { socket } = stream
      stream.once('finish', () => socket?.destroySoon())
      stream.end()
    }
    server.closeIdleConnections()
  })
}

/** Starts listening; emits "listening" or "error" afterwards. */
export function listenWithin(
  app: Express,
  port: number,
  host: string,
  limits = connectionLimits
): Server {
  const server = app.listen(port, host)
  server.maxConnections = limits.connections
  server.requestTimeout = limits.requestMs
  const listening = new Set<ServerResponse>()
  streams.set(server, listening)
  server.prependListener('request', ({ headers }, response) => {
    if (headers.accept !== 'text/event-stream') return
    listening.add(response)
    response.once('close', () => listening.delete(response))
  })
  const isProxy = app.get('trust proxy fn') as (address: string, hop: number) => boolean
  const open = new Map<string, number>()
  server.prependListener('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket
    // Connections of a proxy are not limited here. Their requests are counted by the address that
    // the proxy reports (bodies.ts).
    if (isProxy(remoteAddress, 0)) return
    const key = addressKey(remoteAddress)
    const count = (open.get(key) ?? 0) + 1
    open.set(key, count)
    socket.once('close', () => {
      const left = open.get(key)! - 1
      if (left > 0) open.set(key, left)
      else open.delete(key)
    })
    if (count > limits.perAddress) socket.end(BUSY, () => socket.destroy())
  })
  return server
}
