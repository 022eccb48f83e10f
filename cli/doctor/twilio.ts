/**
 * Texts and calls by Twilio: credentials, the addresses to give it, and whether what it sends is
 * believed.
 */
import { publicUrl, type Settings } from '../../config/settings.ts'
import { countUnsigned } from '../../core/contacts/health.ts'
import type { Db } from '../../platform/db/database.ts'
import { counted, fail, ok, warn, type Check } from './check.ts'

const TIMEOUT_MS = 8_000
/** So that Twilio tries again within its fifteen seconds, whatever went wrong. */
const RETRIES = '#rc=5&rp=all'

export async function checkTwilio(settings: Settings): Promise<Check[]> {
  const { TWILIO_ACCOUNT_SID: account, TWILIO_AUTH_TOKEN: tokens } = settings
  if (!account && tokens.length === 0)
    return [
      ok(
        'twilio',
        'no texts and calls (TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not set); answers and codes by text are written to DATA_DIR/outbox, not sent'
      )
    ]
  if (tokens.length === 0)
    return [
      fail(
        'twilio',
        'TWILIO_ACCOUNT_SID is set without TWILIO_AUTH_TOKEN: every text and call waits for a person',
        "Set TWILIO_AUTH_TOKEN to the account's token (Twilio console, Account Info)."
      )
    ]
  if (!account)
    return [
      warn(
        'twilio',
        'TWILIO_AUTH_TOKEN is set without TWILIO_ACCOUNT_SID: receipts go to DATA_DIR/outbox, pictures and recordings cannot be fetched',
        'Set TWILIO_ACCOUNT_SID (Twilio console, Account Info).'
      ),
      ...addresses(settings)
    ]
  return [await checkAccount(settings, account, tokens[0]!), ...addresses(settings)]
}

async function checkAccount(
  { TWILIO_API_URL: base, TWILIO_FROM: from }: Settings,
  account: string,
  token: string
): Promise<Check> {
  const advice =
    'Check TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_API_URL, and that this machine may reach it. Intake goes on; pictures, recordings and receipts wait.'
  try {
    const response = await fetch(`${base}/2010-04-01/Accounts/${account}.json`, {
      headers: { authorization: `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}` },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS)
    })
    await response.body?.cancel()
    if (!response.ok)
      return fail(
        'twilio',
        `Twilio does not take the account's token (HTTP ${response.status})`,
        advice
      )
  } catch {
    return fail('twilio', 'Twilio cannot be reached', advice)
  }
  if (!from)
    return warn(
      'twilio',
      'the account can be used; TWILIO_FROM is not set',
      'Callers who ask for their receipt as a text get none; texts are answered from the number they came to.'
    )
  return ok('twilio', 'the account can be used')
}

/**
 * What to paste into Twilio's console, for each number: Phone Numbers, Active numbers, the number,
 * Configure.
 */
function addresses(settings: Settings): Check[] {
  const base = publicUrl(settings)
  const finding = `A message comes in: POST ${base}/hooks/sms/twilio${RETRIES} · A call comes in: POST ${base}/hooks/phone/twilio${RETRIES}`
  if (base.startsWith('https:')) return [ok('twilio-hooks', finding)]
  return [
    fail(
      'twilio-hooks',
      `Twilio cannot reach ${base}`,
      'Set PUBLIC_URL to the https address that leads here from outside; signatures are checked over exactly that address.'
    )
  ]
}

/**
 * Texts and calls of the last day that could not be shown to be Twilio's: one or two are forged,
 * many are a wrong setting.
 */
export async function checkHeldByTwilio(db: Db): Promise<Check[]> {
  const held = await countUnsigned(db, ['sms', 'phone'])
  if (held === 0) return []
  return [
    warn(
      'twilio-signed',
      `${counted(held, 'text or call', 'texts or calls')} of the last day could not be shown to come from Twilio`,
      'If you know them to be genuine, PUBLIC_URL or TWILIO_AUTH_TOKEN is not what Twilio has: mend it, and release them from quarantine. Their places are kept.'
    )
  ]
}
