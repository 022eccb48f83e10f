/** How we sign in to a mailbox: with a password, or with a token that is asked for (XOAUTH2). */
import { z } from 'zod'
import { secretName, secretNames, type PulledMailbox } from '../../config/mailboxes.ts'
import type { Settings } from '../../config/settings.ts'
import { asEvenhandError, EvenhandError } from '../../platform/errors.ts'
import { pullLimits } from './limits.ts'

type SignIn = { user: string; pass: string } | { user: string; accessToken: string }
type Secrets = Settings['mailboxSecrets']

/** @throws EvenhandError MAILBOX_SECRET, MAILBOX_TOKEN */
export async function signInOf(mailbox: PulledMailbox, secrets: Secrets): Promise<SignIn> {
  const { id, user, oauth } = mailbox
  const missing = secretNames(mailbox).find((name) => secrets[name] === undefined)
  if (missing) throw new EvenhandError('MAILBOX_SECRET', missing)
  if (!oauth) return { user, pass: secrets[secretName(id, 'PASSWORD')]! }
  return { user, accessToken: await askForToken(oauth.tokenUrl, grantOf(id, oauth, secrets)) }
}

/** What is asked with (RFC 6749 sections 4.4 and 6). */
function grantOf(
  id: string,
  { grant, clientId, scope }: NonNullable<PulledMailbox['oauth']>,
  secrets: Secrets
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

const granted = z.object({ access_token: z.string().min(1).max(pullLimits.tokenLength) })
/** What is said instead, in the words of RFC 6749 section 5.2. */
const refused = z.object({ error: z.string().regex(/^[a-z_]{1,60}$/) })

async function askForToken(tokenUrl: string, body: URLSearchParams): Promise<string> {
  const { status, answer } = await ask(tokenUrl, body)
  const token = granted.safeParse(answer)
  if (status === 200 && token.success) return token.data.access_token
  const why = refused.safeParse(answer).data?.error
  throw new EvenhandError('MAILBOX_TOKEN', `HTTP ${status}${why ? ` ${why}` : ''}`)
}

async function ask(
  tokenUrl: string,
  body: URLSearchParams
): Promise<{ status: number; answer: unknown }> {
  try {
    const response = await fetch(tokenUrl, {
      method: 'POST',
      body,
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(pullLimits.connectMs)
    })
    return { status: response.status, answer: await readAnswer(response) }
  } catch (error) {
    throw new EvenhandError('MAILBOX_TOKEN', 'it does not answer', {
      cause: asEvenhandError(error)
    })
  }
}

/** Undefined where it is no JSON, or longer than any token. */
async function readAnswer(response: Response): Promise<unknown> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > 2 * pullLimits.tokenLength) return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
