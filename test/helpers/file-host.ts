/**
 * A provider's file store on loopback: says what it is told to, and remembers what it was asked.
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array | string
  /** Ends the connection after so many bytes of the body. */
  readonly breakAfter?: number
  /** Never answers. */
  readonly silent?: boolean
}

export interface FileHost {
  readonly host: string
  readonly url: string
  readonly asked: { path: string; authorization: string | undefined }[]
  /** What the next requests of a path get, the last one for ever. */
  tell(path: string, ...answers: Answer[]): void
  close(): Promise<void>
}

export async function openFileHost(): Promise<FileHost> {
  const told = new Map<string, Answer[]>()
  const asked: FileHost['asked'] = []
  const server = http.createServer((request, response) => {
    const path = request.url ?? ''
    asked.push({ path, authorization: request.headers.authorization })
    const answers = told.get(path) ?? [{ status: 404 }]
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!
    if (answer.silent) return
    const body = Buffer.from(answer.body ?? '')
    response.writeHead(answer.status ?? 200, { 'content-type': 'image/png', ...answer.headers })
    if (answer.breakAfter === undefined) response.end(body)
    else
      response.write(body.subarray(0, answer.breakAfter), () => {
        response.destroy()
      })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    url: `http://${host}`,
    asked,
    tell: (path, ...answers) => {
      told.set(path, answers)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
