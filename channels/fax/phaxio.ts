/**
 * Phaxio (Sinch): a form post that contains the pages, signed with HMAC-SHA-1 over address, fields
 * and files (phaxio.com/docs, "Receive fax callback", "Callback security").
 */
import { z } from 'zod'
import type { Settings } from '../../config/settings.ts'
import type {
  ChannelRequest,
  ChannelResponse,
  ChannelRoute,
  Intake,
  RawContact
} from '../../core/intake/channel.ts'
import type { UnverifiedLimit } from '../../core/intake/unverified-limit.ts'
import { factsOf, type FaxFacts } from './facts.ts'
import { acceptHook, nothingToTake } from '../../core/intake/provider-hook.ts'
import { MAX_CALLBACK_BYTES, MAX_UNCHECKED_BYTES } from './limits.ts'
import { parseCallback, signedText, type Callback, type CallbackFile } from './phaxio-form.ts'
import { isSame, signSha1 } from '../../platform/signing.ts'

const idSchema = z.union([z.number(), z.string().min(1).max(200)])
const faxSchema = z.object({
  id: idSchema,
  num_pages: z.number().optional(),
  direction: z.string().optional(),
  status: z.string().optional(),
  is_test: z.boolean().optional(),
  from_number: z.string().nullish(),
  to_number: z.string().nullish(),
  completed_at: z.union([z.string(), z.number()]).nullish(),
  error_message: z.string().nullish()
})

type Fax = z.output<typeof faxSchema>

export function phaxioRoute(intake: Intake, held: UnverifiedLimit): ChannelRoute {
  const maxBodyBytes = intake.settings.PHAXIO_CALLBACK_TOKEN
    ? MAX_CALLBACK_BYTES
    : MAX_UNCHECKED_BYTES
  return {
    method: 'post',
    path: '/hooks/fax/phaxio',
    maxBodyBytes,
    handle: (request) => receive(intake, held, request)
  }
}

async function receive(
  intake: Intake,
  held: UnverifiedLimit,
  request: ChannelRequest
): Promise<ChannelResponse> {
  const callback = await parseCallback(request.body, contentType(request))
  const unproved = whyUnproved(request, callback, intake.settings)
  const fax = callback && faxOf(callback)
  if (callback && !unproved && !bringsPages(callback, fax))
    return nothingToTake(intake, 'phaxio', (field(callback, 'event_type') ?? '').slice(0, 100))
  return acceptHook(intake, held, rawContact(request, fax, unproved))
}

/** False for events about faxes we sent, and about a call that failed before its first page. */
function bringsPages(callback: Callback, fax: Fax | undefined): boolean {
  const sent = (field(callback, 'direction') ?? fax?.direction) === 'sent'
  return !sent && (callback.files.length > 0 || field(callback, 'success') !== 'false')
}

function rawContact(
  request: ChannelRequest,
  fax: Fax | undefined,
  unproved: string | undefined
): RawContact {
  return {
    channel: 'fax',
    source: 'phaxio',
    bytes: request.body,
    mediaType: contentType(request),
    ...(fax && !unproved ? { externalId: String(fax.id) } : {}),
    recipients: fax?.to_number ? [fax.to_number] : [],
    evidence: { signed: !unproved },
    ...(unproved ? { quarantine: unproved } : {})
  }
}

function whyUnproved(
  { headers, url }: ChannelRequest,
  callback: Callback | undefined,
  { PHAXIO_CALLBACK_TOKEN: token }: Settings
): string | undefined {
  if (!token) return 'PHAXIO_CALLBACK_TOKEN is not set, so the signature could not be checked.'
  if (!callback)
    return "The body is no callback of Phaxio's, so there is nothing a signature could be over."
  const given = headers['x-phaxio-signature']
  if (typeof given !== 'string') return 'The fax is not signed.'
  return isSame(Buffer.from(given, 'hex'), signSha1(token, signedText(url, callback)))
    ? undefined
    : "The signature of the fax is not Phaxio's."
}

/** The fax's files and facts; undefined if the bytes are no callback. */
export async function readPhaxio(
  bytes: Uint8Array,
  mediaType: string
): Promise<{ facts: FaxFacts; files: readonly CallbackFile[] } | undefined> {
  const callback = await parseCallback(bytes, mediaType)
  const fax = callback && faxOf(callback)
  if (!callback || !fax) return undefined
  const failed =
    field(callback, 'success') === 'false' || /^(failure|partialsuccess)$/.test(fax.status ?? '')
  return {
    files: callback.files,
    facts: factsOf({
      callerNumber: fax.from_number,
      calledNumber: fax.to_number,
      communication: fax.id,
      pages: fax.num_pages,
      receivedAt: fax.completed_at,
      partial: failed,
      error: failed ? (fax.error_message ?? field(callback, 'message')) : undefined,
      test: fax.is_test === true || field(callback, 'is_test') === 'true'
    })
  }
}

function faxOf(callback: Callback): Fax | undefined {
  try {
    return faxSchema.safeParse(JSON.parse(field(callback, 'fax') ?? '')).data
  } catch {
    return undefined
  }
}

function field({ fields }: Callback, name: string): string | undefined {
  return fields.find(([given]) => given === name)?.[1]
}

function contentType({ headers }: ChannelRequest): string {
  const type = headers['content-type']
  return (Array.isArray(type) ? type[0] : type) ?? ''
}
