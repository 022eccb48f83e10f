/**
 * Twilio's own client, loaded when the first text is sent: its tables take 50 MB that an idle
 * process need not hold.
 */
import type { Twilio } from 'twilio'
import type { Settings } from '../../../config/settings.ts'

/** In ms: longer than Twilio ever takes, shorter than the claim on a message being sent. */
const TIMEOUT_MS = 15_000

/** Undefined if the settings name no account. */
export async function twilioClient(settings: Settings): Promise<Twilio | undefined> {
  const {
    TWILIO_ACCOUNT_SID: account,
    TWILIO_AUTH_TOKEN: [token],
    TWILIO_API_URL: base
  } = settings
  if (!account || !token) return undefined
  const { default: twilio } = await import('twilio')
  const client = new twilio.RequestClient({ timeout: TIMEOUT_MS })
  const request = client.request.bind(client)
  // The library knows only its own regions by name. If the settings give an API address (a
  // region's, a test server's), it replaces the library's.
  client.request = (options) =>
    request({ ...options, uri: options.uri.replace(/^https:\/\/api\.twilio\.com(?=\/)/, base) })
  return twilio(account, token, { httpClient: client })
}
