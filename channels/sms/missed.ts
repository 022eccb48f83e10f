import type { Twilio } from 'twilio'
import type { SmsIntake } from './intake.ts'
import { oldestFirst, takeEach, type MissedQuery } from '../../platform/providers/twilio/missed.ts'
import { parametersOf } from '../../platform/providers/twilio/webhook.ts'
import { readMessage } from './message.ts'
import { rawContact } from './receive.ts'

type Message = Awaited<ReturnType<Twilio['messages']['list']>>[number]

/**
 * Finds texts to our numbers that Twilio has and we do not. They are taken in as Twilio would have
 * posted them, and held ones that Twilio confirms are released.
 */
export async function findMissedTexts(
  intake: SmsIntake,
  { client, since, until, numbers }: MissedQuery
): Promise<void> {
  // Oldest first, because their places are given in the order they are taken in.
  const messages = oldestFirst(since, until, (span) =>
    client.messages.list({
      dateSentAfter: span.since,
      dateSentBefore: span.until,
      ...(span.limit ? { limit: span.limit } : {})
    })
  )
  await takeEach(intake, messages, async (message) => {
    const { sid, direction, to, dateSent } = message
    if (
      direction !== 'inbound' ||
      !numbers.has(to) ||
      dateSent > until ||
      (await intake.receiptOf('twilio', sid)) !== undefined
    )
      return
    const isSame = (bytes: Uint8Array, mediaType: string) => says(bytes, mediaType, message)
    if (await intake.confirmed('twilio', { id: sid, evidence: { messageSid: sid }, isSame })) return
    const form = new URLSearchParams(await parametersFor(client, message)).toString()
    const raw = rawContact(Buffer.from(form), 'application/x-www-form-urlencoded', true)
    await intake.accept({
      ...raw,
      evidence: {
        ...raw.evidence,
        signature: 'asked for at the provider',
        providerTime: dateSent.toISOString()
      }
    })
  })
}

function says(
  bytes: Uint8Array,
  mediaType: string,
  { from, to, body, numMedia }: Message
): boolean {
  const held = readMessage(parametersOf(bytes, mediaType))
  const given = parametersOf(bytes, mediaType)
  return (
    held !== undefined &&
    held.from === from &&
    held.to === to &&
    (given?.['Body'] ?? '') === body &&
    String(held.media.length) === numMedia
  )
}

async function parametersFor(
  client: Twilio,
  { sid, accountSid, from, to, body, numMedia, numSegments }: Message
): Promise<Record<string, string>> {
  const media = Number(numMedia) > 0 ? await client.messages(sid).media.list({ limit: 10 }) : []
  const files = media.flatMap(
    ({ sid: file, contentType }, index) =>
      [
        [`MediaContentType${index}`, contentType],
        [
          `MediaUrl${index}`,
          `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages/${sid}/Media/${file}`
        ]
      ] as const
  )
  return {
    AccountSid: accountSid,
    MessageSid: sid,
    SmsSid: sid,
    From: from,
    To: to,
    Body: body,
    NumMedia: String(media.length),
    NumSegments: numSegments,
    ...Object.fromEntries(files)
  }
}
