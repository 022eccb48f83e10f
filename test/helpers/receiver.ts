/**
 * A department's own system that is told of its line: a real HTTP server, with other people's
 * libraries to read what comes.
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { HTTP, type CloudEvent } from 'cloudevents'
import { Webhook } from 'standardwebhooks'
import type { Department } from '../../config/schema.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'

export interface Delivery {
  readonly headers: Record<string, string>
  readonly body: string
  /** As the CloudEvents SDK reads it. */
  readonly events: CloudEvent<Told>[]
}

export interface Told {
  caseId: string
  receipt: string
  department: string
  place?: number
  from?: string
  words?: Record<string, string>
  envelope?: { text: string }
}

export interface Receiver {
  readonly url: string
  /** Taken with 2xx, in the order they came. */
  readonly taken: Delivery[]
  /** Every request that came. */
  readonly asked: Delivery[]
  /** Most requests that were in hand at a time. */
  mostAtOnce(): number
  /** How the next requests are answered; a status, or a whole answer. 204 without. */
  answer: (delivery: Delivery) => Reply | Promise<Reply>
  close(): Promise<void>
}

export type Reply = number | { status: number; headers?: Record<string, string>; body?: string }

export async function openReceiver(port = 0): Promise<Receiver> {
  const taken: Delivery[] = []
  const asked: Delivery[] = []
  let [now, most] = [0, 0]
  const receiver = { taken, asked, mostAtOnce: () => most, answer: () => 204 } as unknown as {
    -readonly [K in keyof Receiver]: Receiver[K]
  }
  const server = http.createServer(async (request, response) => {
    most = Math.max(most, ++now)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const delivery = read(request, Buffer.concat(chunks).toString())
    asked.push(delivery)
    const reply = await receiver.answer(delivery)
    const {
      status,
      headers = {},
      body
    } = typeof reply === 'number' ? ({ status: reply } as Exclude<Reply, number>) : reply
    if (status >= 200 && status < 300) taken.push(delivery)
    now -= 1
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve)
  })
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`
  receiver.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return receiver
}

function read(request: http.IncomingMessage, body: string): Delivery {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  )
  const read = HTTP.toEvent<Told>({ headers, body })
  return { headers, body, events: [read].flat() as CloudEvent<Told>[] }
}

/** Whether the signature is right, by the Standard Webhooks library. @throws where it is not */
export function verify({ headers, body }: Delivery, secret: string): void {
  new Webhook(secret).verify(body, headers)
}

/** A runtime on which departments have these webhooks. */
export function withWebhooks<G extends OpenRuntime>(
  runtime: G,
  hooks: Record<string, { url: string } & Partial<NonNullable<Department['webhook']>>>
): G {
  const agency = () => {
    const now = runtime.agency()
    const departments = now.departments.departments.map((department) => {
      const hook = hooks[department.id]
      return hook
        ? {
            ...department,
            webhook: { maxInFlight: 1, allowPrivate: true, include: [], secretVersion: 1, ...hook }
          }
        : department
    })
    return { ...now, departments: { ...now.departments, departments } }
  }
  return { ...runtime, agency }
}
