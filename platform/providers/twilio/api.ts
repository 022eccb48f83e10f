/** Where Twilio's API is, which of its files may be fetched, and with which credentials. */
import type { Settings } from '../../../config/settings.ts'
import type { DownloadFile } from '../../http-client/download.ts'

/**
 * Twilio's file stores, to which its API redirects for media
 * (twilio.com/docs/messaging/guides/accepting-media).
 */
const STORES = ['media.twiliocdn.com', 'mms.twiliocdn.com', 's3-external-1.amazonaws.com']

export const isAccountSid = (value: string | undefined): value is string =>
  /^AC[0-9a-f]{32}$/.test(value ?? '')

/** SIDs of items in an account: two capital letters and 32 hexadecimal digits. */
export function isSid(value: string | undefined, kind: string): value is string {
  return new RegExp(`^${kind}[0-9a-f]{32}$`).test(value ?? '')
}

/**
 * A file of the account, by its path below the account. The token is sent only to the API's own
 * host.
 */
export function accountFile(
  settings: Settings,
  account: string,
  path: string,
  name: string,
  maxBytes: number
): DownloadFile & { readonly name: string } {
  const base = new URL(settings.TWILIO_API_URL)
  return {
    url: `${base.origin}/2010-04-01/Accounts/${account}/${path}`,
    name,
    hosts: [base.host, ...STORES],
    maxBytes,
    headers: authorization(settings)
  }
}

function authorization({
  TWILIO_ACCOUNT_SID: account,
  TWILIO_AUTH_TOKEN: [token]
}: Settings): Record<string, string> {
  if (!account || !token) return {}
  return { authorization: `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}` }
}
