/** A service that gives tokens for mailboxes, and tells a mail server whose one is. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface TokenService {
  readonly tokenUrl: string
  /** Where the mail server asks about a token (RFC 7662). */
  readonly introspectionUrl: string
  /** What was asked for a token with. */
  readonly asked: Record<string, string>[]
  /** Whether it gives tokens; without it says `invalid_grant`. */
  gives: boolean
  /** No token that was given so far is taken any more. */
  revoke(): void
  close(): Promise<void>
}

/** @param user whose mailbox its tokens open */
export async function openTokenService(user: string): Promise<TokenService> {
  const asked: Record<string, string>[] = []
  let valid = new Set<string>()
  const service = { asked, gives: true, revoke: () => (valid = new Set()) }
  const server = http.createServer(async (request, response) => {
    const form = new URLSearchParams((await buffer(request)).toString())
    const [status, answer] =
      request.url === '/token' ? give(form) : [200, describeToken(form.get('token') ?? '')]
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  function give(form: URLSearchParams): [number, object] {
    asked.push(Object.fromEntries(form))
    if (!service.gives) return [400, { error: 'invalid_grant' }]
    const token = `token-${asked.length}`
    valid.add(token)
    return [200, { access_token: token, token_type: 'Bearer', expires_in: 3600 }]
  }
  const describeToken = (token: string) =>
    valid.has(token) ? { active: true, username: user } : { active: false }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(service, {
    tokenUrl: `${base}/token`,
    introspectionUrl: `${base}/introspect`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  })
}
