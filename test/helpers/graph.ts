/**
 * Microsoft Graph and the token service of Entra ID on loopback, as far as their documentation says
 * how mail is read: "Get incremental changes to messages in a folder", "Get message", "Get MIME
 * content of a message", "Get access without a user". What is told comes in no order.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { GraphFolders, type Told } from './graph-folders.ts'

export const TENANT = 'willowcreek.example'
export const CLIENT = '11111111-2222-3333-4444-555555555555'
export const CLIENT_SECRET = 'kept'
export const USER = 'hello@willowcreek.example'

/** Instead of the answer that was due. */
export interface Trouble {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
  /** Ends the connection after so many bytes of the answer that was due. */
  readonly breakAfter?: number
}

export interface Graph {
  readonly url: string
  readonly folders: GraphFolders
  /** What was asked, with method and path, and what for tokens. */
  readonly asked: string[]
  readonly askedForTokens: Record<string, string>[]
  /** Seconds for which a token is said to be good. */
  lifetime: number
  /** Whether mails say their length before they come. */
  saysLength: boolean
  /** What goes wrong with a question, such as `GET /…`; undefined if nothing. */
  trouble: (asked: string) => Trouble | undefined
  /** No token given so far is taken any more. */
  revoke(): void
  close(): Promise<void>
}

interface Reply {
  readonly status: number
  readonly body: string | Uint8Array
}

export async function openGraph(): Promise<Graph> {
  let valid = new Set<string>()
  let given = 0
  const server = http.createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const graph: Graph = {
    url,
    folders: new GraphFolders(`${url}/v1.0/users/${encodeURIComponent(USER)}`),
    asked: [],
    askedForTokens: [],
    lifetime: 3600,
    saysLength: true,
    trouble: () => undefined,
    revoke: () => (valid = new Set()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = `${request.method} ${decodeURIComponent(request.url ?? '')}`
    graph.asked.push(asked)
    const form = new URLSearchParams((await buffer(request)).toString())
    send(response, answer(request, form), graph.trouble(asked))
  }
  function answer(request: IncomingMessage, form: URLSearchParams): Reply {
    const path = request.url ?? ''
    if (path === `/${TENANT}/oauth2/v2.0/token`) return giveToken(form)
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
    if (!valid.has(token)) return refuse(401, 'InvalidAuthenticationToken')
    const prefer = String(request.headers['prefer'])
    const pageSize = Number(/odata\.maxpagesize=(\d+)/.exec(prefer)?.[1] ?? 10)
    const told = graph.folders.answer(path, { pageSize, lasting: /"ImmutableId"/.test(prefer) })
    return asReply(told)
  }
  function giveToken(form: URLSearchParams): Reply {
    const asked = Object.fromEntries(form)
    graph.askedForTokens.push(asked)
    if (asked['client_secret'] !== CLIENT_SECRET)
      return json(401, { error: 'invalid_client', error_codes: [7000215] })
    const token = `token-${(given += 1)}`
    valid.add(token)
    return json(200, { token_type: 'Bearer', expires_in: graph.lifetime, access_token: token })
  }
  function send(response: ServerResponse, due: Reply, trouble: Trouble | undefined): void {
    const { status = due.status, headers = {}, body = due.body, breakAfter } = trouble ?? {}
    const bytes = Buffer.from(body)
    const length = graph.saysLength ? { 'content-length': bytes.length } : {}
    response.writeHead(status, { ...length, ...headers })
    if (breakAfter === undefined) response.end(bytes)
    else response.write(bytes.subarray(0, breakAfter), () => response.destroy())
  }
  return graph
}

/** What mailboxes.yaml says of a mailbox there. */
export function mailboxAt({ url }: Pick<Graph, 'url'>, own: object = {}): object {
  const endpoints = { login: url, graph: url }
  return { kind: 'graph', user: USER, tenant: TENANT, clientId: CLIENT, endpoints, ...own }
}

function asReply(told: Told): Reply {
  if ('mime' in told) return { status: 200, body: told.mime }
  return 'refused' in told ? refuse(told.status, told.refused) : json(200, told.said)
}

function refuse(status: number, code: string): Reply {
  return json(status, { error: { code, message: 'As the documentation says.' } })
}

function json(status: number, body: object): Reply {
  return { status, body: JSON.stringify(body) }
}
