/** Tokens that a service gives for a mailbox (OAuth 2.0). */
import { z } from 'zod'
import { secretName, type ImapMailbox } from '../../config/mailboxes.ts'
import type { Settings } from '../../config/settings.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { readShape } from '../../platform/http-bodies/json.ts'
import { ask, type Answered } from '../../platform/http-client/ask.ts'
import { pullLimits } from './limits.ts'
import { AskedToWait } from './mailbox.ts'
import { whyUnreached } from './unreached.ts'

export type OAuth = NonNullable<ImapMailbox['oauth']>

export interface AccessToken {
  readonly token: string
  /** Seconds for which it is good, where the service says so. */
  readonly seconds: number | undefined
}

const granted = z.object({
  access_token: z.string().min(1).max(pullLimits.tokenLength),
  expires_in: z.coerce.number().int().min(0).optional().catch(undefined)
})
/** What is said instead, in the words of RFC 6749 section 5.2, and by the numbers of Entra ID. */
const refused = z.object({
  error: z.string().regex(/^[a-z_]{1,60}$/),
  error_codes: z.array(z.number().int()).min(1).optional().catch(undefined)
})

/**
 * @param id of the mailbox: its secrets are named by it
 * @throws EvenhandError MAILBOX_TOKEN, MAILBOX_THROTTLED
 */
export async function askForToken(
  id: string,
  oauth: OAuth,
  secrets: Settings['mailboxSecrets']
): Promise<AccessToken> {
  const answer = await askService(oauth.tokenUrl, grantOf(id, oauth, secrets))
  const { status, retryAfter } = answer
  const token = readShape(answer.bytes, granted)
  if (status === 200 && token) return { token: token.access_token, seconds: token.expires_in }
  if (status === 429) throw new AskedToWait('the token service', retryAfter)
  throw new EvenhandError('MAILBOX_TOKEN', describeRefusal(answer))
}

/** What is asked with (RFC 6749 sections 4.4 and 6). */
function grantOf(
  id: string,
  { grant, clientId, scope }: OAuth,
  secrets: Settings['mailboxSecrets']
): URLSearchParams {
  const clientSecret = secrets[secretName(id, 'CLIENT_SECRET')]
  return new URLSearchParams({
    ...(grant === 'refresh-token'
      ? {
          grant_type: 'refresh_token',
          refresh_token: secrets[secretName(id, 'REFRESH_TOKEN')]!
        }
      : { grant_type: 'client_credentials' }),
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    ...(scope === undefined ? {} : { scope })
  })
}

async function askService(tokenUrl: string, form: URLSearchParams): Promise<Answered> {
  try {
    return await ask(tokenUrl, {
      form,
      headers: { accept: 'application/json' },
      maxBytes: 2 * pullLimits.tokenLength,
      idleMs: pullLimits.connectMs,
      totalMs: pullLimits.connectMs
    })
  } catch (error) {
    const why = whyUnreached((error as EvenhandError).detail)
    throw new EvenhandError('MAILBOX_TOKEN', why ?? 'it does not answer', { cause: error })
  }
}

function describeRefusal({ status, bytes }: Answered): string {
  const why = readShape(bytes, refused)
  const code = why?.error_codes?.[0]
  return [`HTTP ${status}`, why?.error, code === undefined ? undefined : `AADSTS${code}`]
    .filter((part) => part !== undefined)
    .join(' ')
}

/** A token that is kept until shortly before its end. */
export class HeldToken {
  #held: { readonly token: string; readonly until: number } | undefined

  async get(renew: () => Promise<AccessToken>): Promise<string> {
    if (this.#held && this.#held.until > Date.now()) return this.#held.token
    const { token, seconds = 0 } = await renew()
    this.#held = { token, until: Date.now() + seconds * 1000 - pullLimits.renewTokenMs }
    return token
  }

  /** Forgets one that is not taken any more. */
  drop(): void {
    this.#held = undefined
  }
}
