/** Twilio's own client, loaded when the first text is sent: its tables take 50 MB that an idle process need not hold. */
import type { Twilio } from 'twilio'
import type { Settings } from '../../config/settings.ts'

/** Longer than Twilio ever takes, shorter than the claim on what is sent. In ms. */
const TIMEOUT_MS = 15_000

/** Undefined where the settings name no account. */
export async function twilioClient(settings: Settings): Promise<Twilio | undefined> {
  const { TWILIO_ACCOUNT_SID: account, TWILIO_AUTH_TOKEN: [token], TWILIO_API_URL: base } = settings
  if (!account || !token) return undefined
  const { default: twilio } = await import('twilio')
  const client = new twilio.RequestClient({ timeout: TIMEOUT_MS })
  const request = client.request.bind(client)
  // The library knows its regions only by name; an address of one's own (a region's, a stand-in's) takes the place of its own.
  client.request = (options) => request({ ...options, uri: options.uri.replace(/^https:\/\/api\.twilio\.com(?=\/)/, base) })
  return twilio(account, token, { httpClient: client })
}
