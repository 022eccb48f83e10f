/** Text messages from a made-up provider, Pigeon: the example of docs/add-a-channel.md. */
import { z } from 'zod'
import type {
  Channel,
  ChannelRequest,
  ChannelResponse,
  Intake,
  RawContact,
  StoredRaw,
  Translation
} from '../../../core/intake/channel.ts'
import { storableText } from '../../../platform/text/storable.ts'
import { asEvenhandError, EvenhandError } from '../../../platform/errors.ts'
import { isSame, sign } from '../../../platform/signing.ts'

/** A text of ten joined parts has 1,530 characters; escaped as JSON at most six bytes each. */
const MAX_BODY_BYTES = 16 * 1024

const messageSchema = z.object({
  id: z.string().min(1).max(100),
  from: z.string().max(32),
  to: z.string().max(32),
  text: z.string().max(10_000)
})

export const pigeonSms: Channel = {
  kind: 'sms',
  start: (intake) =>
    intake.route({
      method: 'post',
      path: '/hooks/sms/pigeon',
      maxBodyBytes: MAX_BODY_BYTES,
      handle: (request) => receive(intake, request)
    }),
  translate,
  fromFile: (_name, bytes) => rawContact(bytes, true)
}

async function receive(intake: Intake, request: ChannelRequest): Promise<ChannelResponse> {
  try {
    const { receipt } = await intake.accept(
      rawContact(request.body, isSigned(request, intake.secret('pigeon')))
    )
    return { status: 200, body: receipt }
  } catch (error) {
    const { status, retry } = asEvenhandError(error)
    return { status, ...(retry ? { headers: { 'retry-after': '30' } } : {}) }
  }
}

function isSigned({ body, headers }: ChannelRequest, key: Uint8Array): boolean {
  return isSame(Buffer.from(String(headers['x-pigeon-signature'] ?? ''), 'hex'), sign(key, body))
}

function rawContact(bytes: Uint8Array, signed: boolean): RawContact {
  const message = parse(bytes)
  return {
    channel: 'sms',
    source: 'pigeon',
    bytes,
    mediaType: 'application/json',
    evidence: { signed },
    recipients: message ? [message.to] : [],
    // An id that a stranger made up must not take the place of the real message's.
    ...(message && signed ? { externalId: message.id } : {}),
    ...(signed ? {} : { quarantine: "The signature of the text message is not the provider's." })
  }
}

async function translate({ bytes, recipients = [], evidence }: StoredRaw): Promise<Translation[]> {
  const message = parse(bytes)
  if (!message) throw new EvenhandError('READ_UNPARSEABLE')
  const envelope = {
    channel: 'sms' as const,
    sender: { emails: [], phones: [storableText(message.from)], addresses: [] },
    recipients,
    text: storableText(message.text),
    language: 'und',
    documents: [],
    evidence
  }
  return [{ envelope, contents: [], kind: 'message', tokens: [], reason: 'a text message' }]
}

function parse(bytes: Uint8Array): z.output<typeof messageSchema> | undefined {
  try {
    return messageSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    return undefined
  }
}
