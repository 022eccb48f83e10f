/** Sends text messages by Twilio's API (twilio.com/docs/messaging/api/message-resource). */
import type { Twilio } from 'twilio'
import { publicUrl, type Settings } from '../../../config/settings.ts'
import { twilioClient } from './client.ts'

interface Text {
  readonly to: string
  /** The number of ours that the receiver knows. */
  readonly from?: string
  readonly text: string
}

type Sent = { readonly providerId: string } | { readonly undeliverable: string }

// Error codes of twilio.com/docs/api/errors after which trying again does not help.
const refusals: Readonly<Record<number, string>> = {
  21211: 'The number is none.',
  21214: 'The number cannot be reached.',
  21408: 'The account may not text to that region.',
  21610: 'The person has told the carrier that they want no texts.',
  21612: 'The number cannot be reached from ours.',
  21614: 'The number takes no texts.',
  21617: 'The text is too long.'
}

/** How far back, and among how many, we look for a text that may already have been sent. */
const LOOK_BACK_MS = 24 * 3_600_000
const LOOKED_AT = 50

/**
 * What sends texts; undefined if the settings name no account. `id` is our own and makes sending
 * safe to repeat: if the text may already have been sent, the provider is asked for it first.
 * Sending rejects with the client's error; whether the text was sent is then unknown.
 */
export function textSender(
  settings: Settings
):
  | ((text: Text, how: { readonly id: string; readonly maybeSent: boolean }) => Promise<Sent>)
  | undefined {
  if (!settings.TWILIO_ACCOUNT_SID || !settings.TWILIO_AUTH_TOKEN[0]) return undefined
  let opened: Promise<Twilio | undefined> | undefined
  return async (text, { id, maybeSent }) => {
    opened ??= twilioClient(settings)
    const client = (await opened)!
    const before = maybeSent ? await findSent(client, text) : undefined
    return before ? { providerId: before } : create(client, text, settings, id)
  }
}

async function create(
  client: Twilio,
  { to, from, text }: Text,
  settings: Settings,
  id: string
): Promise<Sent> {
  try {
    const { sid } = await client.messages.create({
      to,
      body: text,
      ...senderOf(settings, from),
      ...reportOf(settings, id)
    })
    return { providerId: sid }
  } catch (error) {
    const { code } = error as { code?: unknown }
    const reason = typeof code === 'number' ? refusals[code] : undefined
    if (reason) return { undeliverable: `${reason} (${code as number})` }
    throw error
  }
}

function senderOf(
  { TWILIO_FROM: own }: Settings,
  from: string | undefined
): { messagingServiceSid: string } | { from: string } {
  if (own?.startsWith('MG') && !from?.includes(':')) return { messagingServiceSid: own }
  // The number of ours that the resident knows comes first: a text from another number would look
  // like a stranger's.
  return { from: from ?? own ?? '' }
}

/** Where the carrier's word on this text goes. Twilio calls only addresses that it can reach. */
function reportOf(settings: Settings, id: string): { statusCallback?: string } {
  const base = publicUrl(settings)
  return base.startsWith('https:') || settings.TWILIO_API_URL.startsWith('http:')
    ? { statusCallback: `${base}/hooks/sms/twilio/status?m=${id}` }
    : {}
}

/**
 * Finds a text that we may have sent before the process was killed: same words, same number, within
 * a day. The words hold the receipt, so no other text has them.
 */
async function findSent(client: Twilio, { to, text }: Text): Promise<string | undefined> {
  const sent = await client.messages.list({
    to,
    dateSentAfter: new Date(Date.now() - LOOK_BACK_MS),
    limit: LOOKED_AT
  })
  return sent.find(({ body, direction }) => body === text && direction !== 'inbound')?.sid
}
