/** Questions to Microsoft Graph about one mailbox, and what its errors mean. */
import { z } from 'zod'
import { endpointsOf } from '../../../config/graph-mailbox.ts'
import type { GraphMailbox } from '../../../config/mailboxes.ts'
import type { Settings } from '../../../config/settings.ts'
import { EvenhandError, type ErrorCode } from '../../../platform/errors.ts'
import { readShape } from '../../../platform/http-bodies/json.ts'
import { ask, type Answered } from '../../../platform/http-client/ask.ts'
import { askForToken, type HeldToken } from '../access-token.ts'
import { pullLimits } from '../limits.ts'
import { AskedToWait } from '../mailbox.ts'
import { whyUnreached } from '../unreached.ts'

/** What Graph said, in the words of "Microsoft Graph error responses and resource types". */
export class GraphError extends EvenhandError {
  readonly httpStatus: number
  /** Such as `ErrorItemNotFound`; empty where it gave none. */
  readonly said: string

  constructor(code: ErrorCode, httpStatus: number, said: string) {
    super(code, [`HTTP ${httpStatus}`, said].join(' ').trim())
    this.httpStatus = httpStatus
    this.said = said
  }
}

const refused = z.object({ error: z.object({ code: z.string().regex(/^[A-Za-z_.-]{1,100}$/) }) })

interface Bounds {
  readonly maxBytes: number
  readonly startBytes?: number
}

export class GraphClient {
  readonly #mailbox: GraphMailbox
  readonly #secrets: Settings['mailboxSecrets']
  readonly #token: HeldToken
  readonly #server: string

  constructor(mailbox: GraphMailbox, secrets: Settings['mailboxSecrets'], token: HeldToken) {
    this.#mailbox = mailbox
    this.#secrets = secrets
    this.#token = token
    this.#server = endpointsOf(mailbox).graph
  }

  /** @param rest after the user, such as `/mailFolders/inbox` */
  url(rest: string): string {
    return `${this.#server}/v1.0/users/${encodeURIComponent(this.#mailbox.user)}${rest}`
  }

  /**
   * @param url ours, or one that Graph gave to go on with
   * @throws EvenhandError MAILBOX_*; GraphError for what Graph refuses
   */
  async json<Said>(url: string, schema: z.ZodType<Said>): Promise<Said> {
    const { bytes } = await this.#ask(url, { maxBytes: pullLimits.graphAnswerBytes })
    const said = readShape(bytes, schema)
    if (said === undefined) throw new EvenhandError('MAILBOX_ANSWER', 'not what is documented')
    return said
  }

  /** A message as it came by mail. @throws as `json` does */
  mime(message: string, maxBytes: number): Promise<Answered> {
    return this.#ask(this.url(`/messages/${encodeURIComponent(message)}/$value`), {
      maxBytes,
      startBytes: pullLimits.startBytes
    })
  }

  /** With a fresh token, once, where the one that is held is not taken. */
  async #ask(url: string, bounds: Bounds): Promise<Answered> {
    this.refuseElsewhere(url)
    const first = await this.#askOnce(url, bounds)
    if (first.status !== 401) return accepted(first)
    this.#token.drop()
    return accepted(await this.#askOnce(url, bounds))
  }

  /**
   * A link leads on at the same server, or a token would be sent anywhere.
   * @throws EvenhandError MAILBOX_ANSWER
   */
  refuseElsewhere(url: string): void {
    if (URL.parse(url)?.origin !== this.#server)
      throw new EvenhandError('MAILBOX_ANSWER', 'a link to another server')
  }

  async #askOnce(url: string, bounds: Bounds): Promise<Answered> {
    const token = await this.#token.get(() => this.#renew())
    const prefer = `IdType="ImmutableId", odata.maxpagesize=${pullLimits.graphPage}`
    try {
      return await ask(url, {
        ...bounds,
        headers: { authorization: `Bearer ${token}`, prefer },
        idleMs: pullLimits.graphSilenceMs,
        totalMs: pullLimits.silenceMs
      })
    } catch (error) {
      const { detail } = error as EvenhandError
      const { host } = new URL(this.#server)
      const why = whyUnreached(detail) ?? detail
      throw new EvenhandError('MAILBOX_DOWN', `${host}: ${why}`, { cause: error })
    }
  }

  #renew() {
    const { id, tenant, clientId } = this.#mailbox
    const { login, graph } = endpointsOf(this.#mailbox)
    return askForToken(
      id,
      {
        grant: 'client-credentials',
        tokenUrl: `${login}/${tenant}/oauth2/v2.0/token`,
        clientId,
        scope: `${graph}/.default`
      },
      this.#secrets
    )
  }
}

function accepted(answer: Answered): Answered {
  const { status, retryAfter, bytes } = answer
  if (status === 200) return answer
  const said = readShape(bytes, refused)?.error.code ?? ''
  // "Microsoft Graph throttling guidance": both are answers to too many requests.
  if (status === 429 || (status === 503 && retryAfter !== undefined))
    throw new AskedToWait(`HTTP ${status}`, retryAfter)
  throw new GraphError(codeOf(status, said), status, said)
}

function codeOf(status: number, said: string): ErrorCode {
  if (status === 401) return 'MAILBOX_SIGN_IN'
  if (status === 403) return 'MAILBOX_PERMISSION'
  if (status === 404)
    return /^Error(?:Item|Folder)NotFound$/.test(said) ? 'MAILBOX_FOLDER' : 'MAILBOX_UNKNOWN'
  return status >= 500 ? 'MAILBOX_DOWN' : 'MAILBOX_ANSWER'
}
